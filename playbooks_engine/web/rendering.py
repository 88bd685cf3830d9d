"""Pages made from templates: everything escaped, nothing hidden, no secret."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from playbooks_engine import __version__
from playbooks_engine.runtime import sentences
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.web import changes, moments, visible
from playbooks_engine.web.entry import Entry


class Site:
    """The engine and the templates, as every page needs them."""

    def __init__(self, engine: Engine, entry: Entry) -> None:
        self.engine = engine
        self.entry = entry
        self._environment = environment(engine.secrets.redact)

    def now(self) -> datetime:
        return self.engine.clock.now()

    def signed_in(self, request: Request) -> bool:
        """Whether whoever asks may change something."""
        return self.entry.signed_in(request.headers.get("cookie", ""))

    def page(self, request: Request, template: str, *, code: int = 200, **values: Any) -> HTMLResponse:
        """The page; with `?part=live` only the part of it that refreshes itself."""
        now = self.now()
        loaded = self._environment.get_template(template)
        context: dict[str, Any] = {
            "now": now,
            "path": request.url.path,
            "signed_in": self.signed_in(request),
            "token": self.entry.token if self.signed_in(request) else "",
            "project": self.engine.project.folder.resolve().name,
            "release": __version__,
            "exact": lambda moment: moments.exact(moment, now),
            "ago": lambda moment: moments.ago(moment, now),
            "since": lambda moment: moments.since(moment, now),
            **values,
        }
        if request.query_params.get("part") == "live" and "live" in loaded.blocks:
            body = "".join(loaded.blocks["live"](loaded.new_context(context)))
        else:
            body = loaded.render(context)
        return HTMLResponse(body, code)


def environment(redact: Callable[[str], str]) -> Environment:
    """The page's own Jinja; playbooks never see it, and it never sees a template of theirs."""

    def finish(value: Any) -> Any:
        # Before it is escaped: with `&` and quotes replaced, a secret would no longer look like itself.
        if isinstance(value, Markup):
            return value
        if value is None:
            return ""
        return visible.visible(redact(value if isinstance(value, str) else str(value)))

    made = Environment(
        loader=PackageLoader("playbooks_engine.web", "templates"),
        autoescape=True,
        finalize=finish,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        trigger=sentences.trigger,
        audit=sentences.sentence,
        outcome=sentences.outcome,
        error=sentences.error,
        hint=sentences.hint,
        headline=changes.headline,
        grade=changes.grade,
        state=changes.state,
        span=moments.span,
        between=moments.between,
        stamp=moments.stamp,
        shown=visible.shown,
        short=visible.short,
        link=visible.link,
        at=address,
        more=_more,
    )
    made.filters["words"] = sentences.status
    return made


def address(*parts: object) -> str:
    """An address of ours: `address("events", "ops.alerts", key)`; every part may hold any character."""
    return "/" + "/".join(visible.part_of_path(part) for part in parts)


def _more(path: str, **query: object) -> str:
    """An address with what is asked of it; what is empty is left out."""
    asked: Mapping[str, str] = {name: str(value) for name, value in query.items() if value not in (None, "")}
    return f"{path}?{urlencode(asked, errors='replace')}" if asked else path


def own_address(text: str) -> str:
    """An address of ours to go back to; the first page where it leads anywhere else."""
    ours = _OURS.fullmatch(text) is not None and not text.startswith(("//", "/\\"))
    return text if ours else "/"


_OURS = re.compile(r"/[A-Za-z0-9/%._~?&=+:@!$'()*,;#-]*")
