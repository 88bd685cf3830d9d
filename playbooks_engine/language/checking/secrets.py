"""Texts that look like keys: a playbook holds none, credentials live in connections."""

from __future__ import annotations

import re

from playbooks_engine.language.checking.keys import Report
from playbooks_engine.language.position import Position

_UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_NAMED = r"(?i:api[_-]?key|genie[_-]?key|access[_-]?key|token|secret|passw(?:or)?d|authorization)"
_PATTERNS = (
    re.compile(r"\bGenieKey\s+([\w-]{8,})"),
    re.compile(r"\bBearer\s+([\w.~+/-]{16,}=*)"),
    re.compile(r"\bBasic\s+([A-Za-z0-9+/]{16,}=*)"),
    re.compile(rf"{_NAMED}[\"']?\s*[:=]\s*[\"']?({_UUID}|[\w.~+/-]{{20,}}=*)"),
    re.compile(r"\b((?:ghp|gho|xox[abpsr]|sk|AKIA)[_-]?[A-Za-z0-9-]{16,})\b"),
)


def find_secrets(report: Report) -> None:
    """Warn about each line that seems to hold a key."""
    for number, line in enumerate(report.lines.lines, start=1):
        if len(line) > 10_000:
            continue
        for pattern in _PATTERNS:
            match = pattern.search(line)
            if match is not None:
                place = Position(number, match.start(1) + 1, len(match.group(1)))
                hint = "keep it in a connection of project.yml, as a reference such as env:NAME"
                report.add("W401", place, "this looks like a key or password", hint)
                break
