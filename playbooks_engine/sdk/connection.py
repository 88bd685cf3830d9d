"""A connection: one account of a service, as project.yml describes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from playbooks_engine.errors import (
    AuthFailed,
    BadRequest,
    CommandFailed,
    Conflict,
    Forbidden,
    InUse,
    InvalidInput,
    NotFound,
    PlanTooSmall,
    RateLimited,
    ServerError,
    UnexpectedAnswer,
    Unprocessable,
)
from playbooks_engine.sdk.secret import Secret
from playbooks_engine.sdk.values import Duration

if TYPE_CHECKING:
    from playbooks_engine.sdk.command import Spec
    from playbooks_engine.sdk.http import Answer, Request

Level = Literal["off", "read", "write", "full"]
Reveal = Callable[[Secret], str]

# A host that ends like this is an IPv4 address however it is spelled (WHATWG URL, "ends in a number checker").
_NUMBER = re.compile(r"(^|[.])(\d+|0x[0-9a-f]*)[.]?$")
_FOUR_NUMBERS = re.compile(r"((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(\.(?!$)|$)){4}")

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True)


class HealthCheck(_Settings):
    """How often a connection is tested, and who is told when it goes down or comes back."""

    every: Duration = Field(300.0, gt=0)
    """Time between two checks."""
    notify: tuple[str, ...] = ()
    """Commands of notify connections, such as `chat.send`."""


class StreamSettings(_Settings):
    """How one stream of events is fetched."""

    every: Duration = Field(60.0, gt=0)
    """Time between two fetches."""
    look_back: Duration = 600.0
    """How far each fetch reads again, for events that became visible late."""
    start: Duration = 86_400.0
    """How far back the very first fetch begins."""
    page_size: int = Field(100, ge=1, le=100)
    """Events a page."""
    mapping: str = "default"
    """`default`, or the name of a file in `mappings/`."""
    query: str | None = None
    """A search condition on fields that never change."""
    detail: bool = False
    """Read each new version by itself, for what lists leave out, such as descriptions."""


class Connection(_Settings):
    """What every connection has."""

    connector: str
    """The connector that speaks to the service."""
    description: str = ""
    """For people."""
    active: bool = True
    """An inactive connection is kept and shown, never called."""
    allow: dict[str, Level] = Field(default_factory=dict)
    """What is allowed, by area: off, read, write or full."""
    health_check: HealthCheck | None = None
    """Test this connection regularly."""
    fetch: dict[str, StreamSettings] = Field(default_factory=dict)
    """Streams to fetch, by name."""

    @classmethod
    def right_needed(cls, spec: Spec) -> str:
        """The access right that the service's key needs for a command; empty where the service has no such thing."""
        return spec.right


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise PydanticCustomError("address", "must be an address such as https://api.example.com")
    if parts.username or parts.password:
        raise PydanticCustomError("address", "must not hold a password")
    if parts.query or parts.fragment:
        raise PydanticCustomError("address", "must not hold a query")
    if ":" not in parts.hostname and _NUMBER.search(parts.hostname) and not _FOUR_NUMBERS.fullmatch(parts.hostname):
        raise PydanticCustomError("address", "must spell an IPv4 address as four decimal numbers")
    return url.rstrip("/")


def _private(url: str) -> str:
    """Keys travel to this address, so it must be encrypted or never leave the machine."""
    parts = urlsplit(url)
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise PydanticCustomError(
            "address", "must begin with https:// (http:// is accepted for loopback addresses only)"
        )
    return url


ProxyUrl = Annotated[str, AfterValidator(_address)]
ServerUrl = Annotated[
    str,
    AfterValidator(_address),
    AfterValidator(_private),
    WithJsonSchema({"type": "string", "format": "uri", "examples": ["https://api.example.com"]}),
]


class HttpConnection(Connection):
    """A connection to a service that speaks HTTP and JSON."""

    BY_STATUS: ClassVar[Mapping[int, type[CommandFailed]]] = {
        400: BadRequest,
        401: AuthFailed,
        402: PlanTooSmall,
        403: Forbidden,
        404: NotFound,
        409: Conflict,
        422: Unprocessable,
        428: InUse,
        429: RateLimited,
    }

    server_url: ServerUrl
    """The address of the service."""
    proxy: ProxyUrl | None = None
    """A proxy, such as http://proxy:3128."""
    ca_file: str | None = None
    """A file of certificate authorities to trust instead of the system's."""
    allow_private: bool = False
    """Whether server_url may lead into a private network; `localhost` and the like always may."""

    @property
    def host(self) -> str:
        return urlsplit(self.server_url).netloc

    def unoffered(self, method: str, path: str) -> InvalidInput | None:
        """Why the service has no such call at this address, whatever its inputs; None where it has.

        `path` is that of a request, or of a command's route with its `{names}`. Asked before anything is sent.
        """
        return None

    def url(self, request: Request) -> str:
        """Where a request goes: always this connection's own host."""
        return self.server_url + request.target

    def headers(self, reveal: Reveal) -> dict[str, str]:
        """What every request carries, the key among it."""
        return {}

    def failure(self, spec: Spec, request: Request, answer: Answer, name: str) -> CommandFailed | None:
        """The error this answer stands for, with a hint whose move it is; None for success."""
        if answer.status < 300:
            return None
        if answer.status < 400:
            return UnexpectedAnswer(
                f"The server sends requests on to another address (status {answer.status}).",
                status_code=answer.status,
                hint="Redirects are not followed, because the key would go with them; correct server_url.",
            )
        kind = self.BY_STATUS.get(answer.status, ServerError if answer.status >= 500 else BadRequest)
        return kind(f"The server answered {answer.status}.", status_code=answer.status)

    def pause(self, answer: Answer) -> float | None:
        """Seconds that the service asks to wait after a 429, where it says so."""
        return None

    def throttled(self, answer: Answer) -> bool:
        """Whether a successful answer says that the limit is nearly reached."""
        return False


class MessageConnection(Connection):
    """A connection to people: addresses that take messages.

    Whoever lists an address here wants it written to, so sending is allowed unless `allow` says otherwise.
    """

    allow: dict[str, Level] = {"messages": "write"}
    """What is allowed, by area: off, read, write or full."""
    urls: tuple[Secret, ...] = Field(min_length=1)
    """Where each address is kept: an address such as mailto://... holds credentials."""
