"""A finding as text, for people."""

from __future__ import annotations

import unicodedata

from playbooks_engine.errors import Finding

_WIDEST = 200


def render(finding: Finding, colour: bool = False) -> str:
    """Place, code and sentence; the source line; the caret with the way out."""
    red, dim, off = ("\x1b[31m", "\x1b[2m", "\x1b[0m") if colour else ("", "", "")
    if colour and finding.severity == "warning":
        red = "\x1b[33m"
    first = f"{finding.place} {red}{finding.severity} {finding.code}{off} {_safe(finding.message)}"
    if not finding.source.strip():
        return first + (f"\n        {_safe(finding.suggestion)}" if finding.suggestion else "")
    start = max(0, finding.column - 1 - _WIDEST // 2) if len(finding.source) > _WIDEST else 0
    source = _safe(finding.source[start : start + _WIDEST])
    before = source[: finding.column - 1 - start]
    gap = "".join("\t" if char == "\t" else " " * _width(char) for char in before)
    under = source[finding.column - 1 - start :][: max(finding.length, 1)]
    caret = "^" * max(sum(map(_width, under)), 1)
    number = f"{finding.line:>5}"
    told = f" {_safe(finding.suggestion)}" if finding.suggestion else ""
    return f"{first}\n{dim}{number} |{off} {source}\n{' ' * 5} {dim}|{off} {gap}{red}{caret}{off}{told}"


def _width(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _safe(text: str) -> str:
    """No control character of a file reaches a terminal."""
    return "".join(char if char.isprintable() or char == "\t" else "�" for char in text)
