"""Where in a file something stands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a text; lines and columns count from 1, `length` is what a caret underlines."""

    line: int
    column: int
    length: int = 1


START = Position(1, 1)
"""Where to point when a file has nothing to point at."""
