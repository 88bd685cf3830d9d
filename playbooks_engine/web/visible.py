"""Text from outside made safe to look at: no hidden characters, no endless values, links with their host."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

# Control characters (line break and tab left out), marks that turn the direction of text or have no width, tag
# characters and lone surrogates. The joiners U+200C and U+200D stay: scripts and emoji need them.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028\u2029\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_LINK = re.compile(r"https?://[^\s\"'<>\\^`{|}]+", re.IGNORECASE)


def visible(text: str) -> str:
    """The text with every character that hides something shown by its number, such as [U+202E]."""
    return _HIDDEN.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)


@dataclass(frozen=True)
class Link:
    """An address out of data, and the host it really leads to."""

    address: str
    host: str


def link(value: Any) -> Link | None:
    """The value as a link when all of it is a plain http(s) address; None for everything else."""
    if not isinstance(value, str) or len(value) > 2_000 or not _LINK.fullmatch(value) or _HIDDEN.search(value):
        return None
    try:
        host = urlsplit(value).hostname
        # Letters of other scripts can imitate a known name; in its ASCII form a host looks like what it is.
        return Link(value, host.encode("idna").decode("ascii")) if host else None
    except ValueError:
        return None


@dataclass(frozen=True)
class Shown:
    """A value as text, and whether some of it was left out."""

    text: str
    cut: bool = False


def shown(value: Any, most: int = 4_000) -> Shown:
    """A value as people read it: text as it is, everything else as indented JSON, `most` characters at most."""
    if isinstance(value, str):
        return Shown(value[:most], len(value) > most)
    # Piece by piece, so that of a megabyte only the beginning is ever turned into text.
    pieces: list[str] = []
    length = 0
    for piece in json.JSONEncoder(indent=2, ensure_ascii=False, default=str).iterencode(value):
        pieces.append(piece)
        length += len(piece)
        if length > most:
            return Shown("".join(pieces)[:most], cut=True)
    return Shown("".join(pieces))


def short(value: Any, most: int = 160) -> str:
    """A value on one line: text as it is, everything else as JSON."""
    text = value if isinstance(value, str) else shown(value, most * 4).text
    line = " ".join(text[: most * 4].split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def part_of_path(text: object) -> str:
    """A key or name as one part of an address of ours, whatever characters it has."""
    return quote(str(text), safe="", errors="replace")
