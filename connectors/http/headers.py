"""Which headers may be given in clear, in settings and in playbooks."""

from __future__ import annotations

import re
from typing import Annotated, TypeVar

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
# A value of visible characters, spaces and tabs: a line break in it would begin a header of its own.
_VALUE = re.compile(r"[\t\x20-\x7e]*")
# Whatever sounds like a key is kept by reference only; journals and plans show headers given in clear.
_CREDENTIAL = re.compile(r"auth(?!ors?\b)|cookie|token|secret|passw|api[-_]?key|credential|session|signature", re.I)
# These say where a request goes, where it ends, or what it does; each is decided elsewhere.
_OURS = frozenset(
    {
        "host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer",
        "expect", "x-http-method", "x-http-method-override", "x-method-override", "x-original-url", "x-rewrite-url",
    }
)  # fmt: skip


V = TypeVar("V")


def well_formed_names(headers: dict[str, V]) -> dict[str, V]:
    """The headers; raises for a name that no header has, or that is not the author's to set."""
    for name in headers:
        if not _NAME.fullmatch(name):
            raise PydanticCustomError("header", "a header's name is made of letters, digits and hyphens")
        if name.lower() in _OURS or name.lower().startswith("proxy-"):
            raise PydanticCustomError("header", "header {name} is not yours to set", {"name": name})
    return headers


def _well_formed_values(headers: dict[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        if not _VALUE.fullmatch(value):
            raise PydanticCustomError(
                "header", "the value of header {name} holds a character that no header may", {"name": name}
            )
    return headers


def _no_credentials(headers: dict[str, str]) -> dict[str, str]:
    for name in headers:
        if _CREDENTIAL.search(name):
            raise PydanticCustomError(
                "header",
                "header {name} looks like a credential; keep it by reference in the connection, as auth_header or in "
                "secret_headers",
                {"name": name},
            )
    return headers


PlainHeaders = Annotated[
    dict[str, str],
    AfterValidator(well_formed_names),
    AfterValidator(_well_formed_values),
    AfterValidator(_no_credentials),
]
"""Headers that are no secret."""
