"""A path given by an author, made safe to send: it stays on the connection's own host, below its address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, unquote

# What RFC 3986 lets stand in a path; `%` stands only where it begins an escape.
_SAFE = "/:@!$&'()*+,;=-._~%"
_STRAY = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def refusal(path: str, values: Mapping[str, str]) -> str | None:
    """Why this path cannot be sent; None where it can."""
    if not path.startswith("/") or path.startswith("//"):
        return "`path` begins with one `/`, such as /users; the host is the connection's own"
    if "?" in path or "#" in path:
        return "what follows a `?` in `path` goes into `query`, and `#` is never sent (in a value, use `path_values`)"
    named = set(_PLACEHOLDER.findall(path))
    if unknown := named - set(values):
        return f"`path` names {{{min(unknown)}}}, and `path_values` has no such name"
    if unused := set(values) - named:
        return f"`path_values` has {min(unused)!r}, and `path` does not name it"
    return _climbs(_PLACEHOLDER.sub("x", path)) or _bad_value(values)


def _climbs(path: str) -> str | None:
    """Servers and proxies decode a path, some of them twice, before they take its steps."""
    plain = path
    while (decoded := unquote(plain)) != plain:
        plain = decoded
    if "\\" in plain:
        return "`path` holds no backslash"
    if any(ord(character) < 32 or ord(character) == 127 for character in plain):
        return "`path` holds no control characters"
    # `..;x` is a step up for servers that cut parameters off a segment.
    if any(segment.split(";")[0] in {".", ".."} for segment in plain.split("/")):
        return "`path` must not climb: no `.` or `..` between slashes"
    return None


def _bad_value(values: Mapping[str, str]) -> str | None:
    for name, value in values.items():
        if not value or {".", ".."} & set(re.split(r"[/\\]", value)):
            return f"{name!r} in `path_values` is {value!r}, which cannot stand in an address"
    return None


def encoded(path: str, values: Mapping[str, str]) -> str:
    """The path as it is sent: values percent-encoded with no safe character, escapes of the author's own kept."""
    pieces = _PLACEHOLDER.split(path)
    return "".join(
        quote(values[piece], safe="") if index % 2 else quote(_STRAY.sub("%25", piece), safe=_SAFE)
        for index, piece in enumerate(pieces)
    )
