"""What leaves on stdout and stderr: without secrets, and with nothing in it that steers a terminal."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TextIO

# Marks that turn the reading direction: with them, a text shows as what it is not.
_BIDI = frozenset(map(chr, (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))))


def safe(text: str) -> str:
    """The text with control characters and bidi marks written out."""
    if text.isprintable() and not any(char in _BIDI for char in text):
        return text
    return "".join(char if _harmless(char) else _written(char) for char in text)


def _harmless(char: str) -> bool:
    return char not in _BIDI and (char.isprintable() or char == "\n" or unicodedata.category(char) == "Zs")


def _written(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def as_document(value: Any) -> str:
    """A value as JSON text; what a terminal would take for an order is written as an escape."""
    text = json.dumps(value, ensure_ascii=False, indent=2, default=_default)
    if all(char == "\n" or _harmless(char) for char in text):
        return text
    # Inside JSON text only strings can hold such characters, and there an escape means the same.
    return "".join(char if _harmless(char) else json.dumps(char)[1:-1] for char in text)


def _default(value: Any) -> Any:
    if isinstance(value, datetime | timedelta):
        from playbooks_engine.sdk.times import as_json

        return as_json(value)
    return str(value)


class Output:
    """Where a command writes. `json`: one document on stdout and nothing else."""

    def __init__(self, stdout: TextIO | None = None, stderr: TextIO | None = None) -> None:
        self.json = False
        self._stdout = stdout
        self._stderr = stderr
        self._redact: Callable[[str], str] = str
        self._clean: Callable[[Any], Any] = lambda value: value

    @property
    def stdout(self) -> TextIO:
        return self._stdout or sys.stdout

    @property
    def stderr(self) -> TextIO:
        return self._stderr or sys.stderr

    def redact_with(self, redact: Callable[[str], str], clean: Callable[[Any], Any]) -> None:
        """From now on everything passes through here; `clean` does for data what `redact` does for text."""
        self._redact, self._clean = redact, clean

    def plain(self, text: object) -> str:
        """A text of any origin, fit to be shown."""
        return safe(self._redact(str(text)))

    def document(self, value: Any) -> None:
        """The one JSON document."""
        self.stdout.write(as_document(self._clean(value)) + "\n")
        self.stdout.flush()

    def line(self, text: str = "") -> None:
        """A line for people."""
        self.stdout.write(self.plain(text) + "\n")

    def note(self, text: str = "") -> None:
        """A line beside the answer: progress, a hint, an error."""
        self.stdout.flush()
        self.stderr.write(self.plain(text) + "\n")
        self.stderr.flush()
