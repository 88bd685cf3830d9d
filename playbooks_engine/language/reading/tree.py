"""The tree: maps, lists and scalars, each with its position and the lines it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from playbooks_engine.errors import Finding
from playbooks_engine.language.position import Position

Style = Literal["plain", "single", "double", "block"]


@dataclass(frozen=True)
class Lines:
    """A file and its lines, for messages."""

    file: str
    lines: tuple[str, ...]

    def __getitem__(self, line: int) -> str:
        return self.lines[line - 1] if 0 < line <= len(self.lines) else ""

    def finding(self, code: str, position: Position, message: str, suggestion: str | None = None) -> Finding:
        """A finding at a position, with its source line; W codes are warnings."""
        return Finding(
            code=code,
            file=self.file,
            line=position.line,
            column=position.column,
            severity="warning" if code.startswith("W") else "error",
            message=message,
            suggestion=suggestion,
            length=position.length,
            source=self[position.line],
        )


@dataclass(frozen=True, kw_only=True)
class Node:
    """Something in a YAML file."""

    position: Position
    lines: Lines = field(repr=False, compare=False)

    def plain(self) -> Any:
        """The same as ordinary Python data."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class ScalarNode(Node):
    """A single value: `value` is what it means, `text` what is written."""

    value: Any
    text: str
    style: Style = "plain"
    last_line: int = 0

    def plain(self) -> Any:
        return self.value

    def place(self, offset: int, length: int) -> Position:
        """Where a part of the text stands in the file; exact on one line, the right line otherwise."""
        start = self.position
        if self.last_line == start.line and self.style != "block":
            at, end = self._raw_offset(offset), self._raw_offset(offset + length)
            return Position(start.line, start.column + at, max(end - at, 1))
        return self._search(offset, length)

    def _raw_offset(self, offset: int) -> int:
        """How far into the written form the offset into the text is."""
        if self.style == "plain":
            return offset
        if self.style == "single":
            return 1 + offset + self.text[:offset].count("'")
        raw = self.lines[self.position.line][self.position.column :]
        at = 0
        for _ in range(offset):
            at += _escape_length(raw, at)
        return 1 + at

    def _search(self, offset: int, length: int) -> Position:
        """The occurrence in the file that corresponds to the one in the text."""
        words = self.text[offset : offset + max(length, 1)].split()
        word = words[0] if words else ""
        skip = self.text[:offset].count(word) if word else 0
        for line in range(self.position.line, self.last_line + 1):
            raw = self.lines[line]
            at = raw.find(word, self.position.column - 1 if line == self.position.line else 0) if word else -1
            while at >= 0:
                if skip == 0:
                    whole = self.text[offset : offset + length]
                    return Position(line, at + 1, len(whole) if raw.startswith(whole, at) else len(word))
                skip -= 1
                at = raw.find(word, at + len(word))
        return self.position


@dataclass(frozen=True, slots=True)
class Pair:
    """One key of a map with its value."""

    key: ScalarNode
    value: Node


@dataclass(frozen=True, kw_only=True)
class MapNode(Node):
    """A map; keys are texts and unique."""

    pairs: tuple[Pair, ...]

    def __iter__(self) -> Iterator[Pair]:
        return iter(self.pairs)

    @cached_property
    def _by_key(self) -> Mapping[str, Pair]:
        return {pair.key.text: pair for pair in self.pairs}

    def pair(self, key: str) -> Pair | None:
        """The key's place and value, if it is there."""
        return self._by_key.get(key)

    def get(self, key: str) -> Node | None:
        """The value under the key, if it is there."""
        found = self._by_key.get(key)
        return found.value if found is not None else None

    def keys(self) -> list[str]:
        """The keys in order."""
        return [pair.key.text for pair in self.pairs]

    def plain(self) -> dict[str, Any]:
        return {pair.key.text: pair.value.plain() for pair in self.pairs}


@dataclass(frozen=True, kw_only=True)
class ListNode(Node):
    """A list."""

    items: tuple[Node, ...]

    def __iter__(self) -> Iterator[Node]:
        return iter(self.items)

    def plain(self) -> list[Any]:
        return [item.plain() for item in self.items]


_LONG_ESCAPES = {"x": 4, "u": 6, "U": 10}


def _escape_length(raw: str, at: int) -> int:
    if raw[at : at + 1] != "\\":
        return 1
    return _LONG_ESCAPES.get(raw[at + 1 : at + 2], 2)
