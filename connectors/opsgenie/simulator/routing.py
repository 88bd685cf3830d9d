"""Routes as tables, requests and answers as values."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from connectors.opsgenie.simulator.company import Company
from connectors.opsgenie.simulator.keys import Key
from connectors.opsgenie.simulator.multipart import Upload
from connectors.opsgenie.simulator.refusals import Refused, unprocessable


@dataclass
class Call:
    """One request on its way to the handler that answers it."""

    company: Company
    method: str
    path: str
    query: dict[str, str]
    body: dict[str, Any]
    key: Key
    request_id: str
    server: str
    """Address of this server as the caller wrote it: the start of every link."""
    caller: str
    """IP address of the caller."""
    named: dict[str, str] = field(default_factory=dict)
    """The parts of the path that stand in braces in the route."""
    uploads: dict[str, Upload] = field(default_factory=dict)
    """The files of a form."""

    def choice(self, name: str, choices: Iterable[str], default: str) -> str:
        """A query parameter that is one of a few words."""
        value = self.query.get(name, default)
        if value not in choices:
            raise unprocessable({name: f"Invalid value [{value}]; must be one of {', '.join(choices)}"})
        return value

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """A query parameter that is a whole number within bounds."""
        text = self.query.get(name, str(default))
        if not (text.isascii() and text.removeprefix("-").isdigit()) or not least <= int(text[:19]) <= most:
            raise unprocessable({name: f"Invalid value [{text}]; must be a number from {least} to {most}"})
        return int(text)


@dataclass
class Answer:
    """What a handler answers; `took` and `requestId` are added on the way out."""

    body: dict[str, Any]
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    """Sent as it is, without `took` and `requestId`, in place of the body."""


Handler = Callable[[Call], Answer]


def data(value: Any, **beside: Any) -> Answer:
    """A read that went well."""
    return Answer({"data": value, **beside})


@dataclass(frozen=True)
class Route:
    """One row of the API: what is asked where, what it costs and who may."""

    method: str
    path: str
    handler: Handler
    domain: str
    right: str
    """R, U or D; empty when any key will do."""
    configuration: bool = False
    """Needs configuration access too."""
    alert_write: bool = False
    """Refused to keys from the settings page."""
    noun: str = "alert"
    """What a 403 says the key may not access."""
    form: bool = False
    """Takes a multipart form and no JSON."""
    incidents: bool = False
    """Answered only where the plan has incidents."""
    keyless: bool = False
    """Asks for no key: the address is the secret."""

    def segments(self) -> list[str]:
        return self.path.strip("/").split("/")

    def named(self, segments: list[str]) -> dict[str, str] | None:
        """The values of the parts in braces, or None when the path is another one."""
        mine = self.segments()
        if len(mine) != len(segments):
            return None
        values: dict[str, str] = {}
        for pattern, segment in zip(mine, segments, strict=True):
            if pattern.startswith("{"):
                name, _, ending = pattern[1:].partition("}")
                value = segment.removesuffix(ending)
                if value == "" or not segment.endswith(ending):
                    return None
                values[name] = value
            elif pattern != segment:
                return None
        return values


class Router:
    """Finds the route of a request; a literal part wins over one in braces."""

    def __init__(self, routes: Iterable[Route]) -> None:
        # Of two with as many parts in braces the one that ends in something literal, like .ics, comes first.
        self.routes = sorted(routes, key=lambda route: (route.path.count("{"), route.path.endswith("}")))

    def find(self, method: str, raw_path: str) -> tuple[Route, dict[str, str]]:
        # Split before decoding, so that %2F inside an identifier stays inside it.
        segments = [unquote(segment) for segment in raw_path.removeprefix("/").split("/")]
        if len(segments) > 1 and segments[-1] == "":
            # The vendor's own description writes the incident list with a slash at the end.
            segments.pop()
        known = False
        for route in self.routes:
            named = route.named(segments)
            if named is None:
                continue
            if route.method == method:
                return route, named
            known = True
        if known:
            raise Refused(405, "Method not allowed")  # the vendor's exact words are not recorded
        raise Refused(404, "No handler found")
