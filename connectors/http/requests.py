"""One request, built by the author of a playbook."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, JsonValue, model_validator
from pydantic_core import PydanticCustomError

from connectors.http.headers import PlainHeaders
from connectors.http.paths import encoded, refusal
from playbooks_engine.errors import UnexpectedAnswer
from playbooks_engine.sdk import NOT_SENT, Answer, Effect, Repeat, Result, Sender, Write, as_text
from playbooks_engine.sdk import Request as Sent

_EFFECTS: dict[str, Effect] = {"GET": "read", "HEAD": "read", "DELETE": "destructive"}
_CHARSETS = frozenset({"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin-1", "windows-1252", "utf-16"})

Scalar = str | int | float | bool | None


def _texts(values: Any) -> Any:
    if not isinstance(values, dict):
        return values
    for name, value in values.items():
        if not isinstance(value, str | bool | int | float):
            raise PydanticCustomError("path_values", "{name} is {what}, and an address holds texts and numbers", {
                "name": repr(name), "what": _kind(value),
            })  # fmt: skip
    return {k: v if isinstance(v, str) else as_text(v) for k, v in values.items()}


def _plain(query: Any) -> Any:
    """What a query cannot hold, in one sentence: the union's own complaints would be one for each of its kinds."""
    for name, value in query.items() if isinstance(query, dict) else ():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict | list):
                raise PydanticCustomError(
                    "query",
                    "{name} holds {what}; a query holds texts, numbers, true, false, null and lists of them",
                    {"name": repr(name), "what": _kind(item)},
                )
    return query


def _kind(value: Any) -> str:
    return "null" if value is None else "a map" if isinstance(value, dict) else "a list"


def _no_broken_json(body: Any) -> Any:
    """A text that begins like a map is one that lost its end, or was turned into text; sent, it would be quoted."""
    if isinstance(body, str) and body.lstrip().startswith("{"):
        raise PydanticCustomError(
            "body", "it is a text that begins like a map; give the map itself, as YAML or as whole JSON"
        )
    return body


class Request(Write, route="ANY /", effect="destructive", area="requests", repeat="unsafe", label="HTTP Request"):
    """Send one request to the service: a GET or HEAD reads, a DELETE destroys, everything else writes."""

    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    """What to do."""
    path: str = Field(max_length=2_000, examples=["/users"])
    """The path below the connection's server_url, such as /users/{name}/lock."""
    path_values: Annotated[dict[str, str], BeforeValidator(_texts)] = Field(default_factory=dict)
    """Values for the {names} in the path. Use it for whatever comes from an event: a value cannot leave its place."""
    query: Annotated[dict[str, Scalar | list[Scalar]], BeforeValidator(_plain)] = Field(default_factory=dict)
    """What stands after the question mark; a list repeats its name, a null is left out."""
    headers: PlainHeaders = Field(default_factory=dict)
    """Headers of this request; credentials belong to the connection."""
    body: Annotated[JsonValue, BeforeValidator(_no_broken_json)] = None
    """Any JSON; left out, if null."""
    safe_to_repeat: Annotated[bool, NOT_SENT] = False
    """Whether sending it twice is the same as once, so that it may be repeated when its answer got lost."""

    @model_validator(mode="after")
    def _sendable(self) -> Request:
        if why := refusal(self.path, self.path_values):
            raise PydanticCustomError("path", "{why}", {"why": why})
        if self.body is not None and self.effect == "read":
            raise PydanticCustomError("body", "a GET or HEAD has no `body`; use `query`, or another `method`")
        if "_method" in self.query:
            # Some frameworks take the method from here: what is judged must be what happens.
            raise PydanticCustomError("query", "`_method` is not yours to set; use `method`")
        return self

    @property
    def effect(self) -> Effect:
        return _EFFECTS.get(self.method, "write")

    @property
    def when_lost(self) -> Repeat:
        return "safe" if self.reads or self.safe_to_repeat else "unsafe"

    def request(self) -> Sent:
        path = encoded(self.path, self.path_values)
        return Sent(self.method, path, tuple(self._pairs()), self.body, self.headers)

    def _pairs(self) -> Iterator[tuple[str, str]]:
        for name, value in self.query.items():
            for item in value if isinstance(value, list) else [value]:
                if item is not None:
                    yield name, as_text(item)

    async def confirm(self, sender: Sender, answer: Answer) -> Result:
        body = _body(answer)
        headers = {name: value for name, value in answer.headers.items() if not name.startswith("set-cookie")}
        return Result(body, {"status": answer.status, "headers": headers, "body": body})


def _body(answer: Answer) -> Any:
    """JSON as data, anything else as text: what an answer holds is no reason to call a change failed."""
    if not answer.content:
        return None
    if "json" in answer.kind:
        try:
            return answer.json
        except UnexpectedAnswer:
            pass
    _, _, charset = answer.headers.get("content-type", "").lower().partition("charset=")
    charset = charset.split(";")[0].strip(' "')
    return answer.content.decode(charset if charset in _CHARSETS else "utf-8", errors="replace")
