"""Findings as text, JSON, SARIF 2.1.0 and annotations for GitHub."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from playbooks_engine import __version__
from playbooks_engine.cli.wording import number
from playbooks_engine.errors import Finding

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_text(findings: Sequence[Finding], *, colour: bool) -> str:
    """Each with its line, caret and way out."""
    from playbooks_engine.language.checking import render

    return "\n".join(render(finding, colour) for finding in findings)


def summary(files: int, findings: Sequence[Finding]) -> str:
    """`3 files checked: 1 error, 2 warnings`."""
    counted = Counter(finding.severity for finding in findings)
    told = [number(counted[kind], kind) for kind in ("error", "warning") if counted[kind]]
    return f"{number(files, 'file')} checked: {', '.join(told) or 'nothing to complain about'}."


def as_rows(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """The stable shape of `check --format json`."""
    names = ("file", "line", "column", "severity", "code", "message", "suggestion")
    return [{name: getattr(finding, name) for name in names} for finding in findings]


def as_sarif(findings: Sequence[Finding]) -> dict[str, Any]:
    """What code scanning services read."""
    from playbooks_engine.language.codes import CODES
    from playbooks_engine.runtime.checking import CODES as OURS
    from playbooks_engine.testing.playbooks.reading import CODES as OF_TESTS

    meanings = {**CODES, **OURS, **OF_TESTS}
    codes = sorted({finding.code for finding in findings})
    rules = [{"id": code, "shortDescription": {"text": meanings.get(code, code)}} for code in codes]
    driver = {"name": "playbooks", "version": __version__, "rules": rules}
    results = [_result(finding, codes.index(finding.code)) for finding in findings]
    # Columns count characters, as ours do; SARIF would otherwise take UTF-16 units.
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(finding: Finding, rule: int) -> dict[str, Any]:
    region = {
        "startLine": finding.line,
        "startColumn": finding.column,
        "endColumn": finding.column + max(finding.length, 1),
    }
    place = {"artifactLocation": {"uri": _uri(finding.file)}, "region": region}
    return {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": finding.severity,
        "message": {"text": _sentence(finding)},
        "locations": [{"physicalLocation": place}],
    }


def _uri(file: str) -> str:
    path = Path(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


def as_annotations(findings: Sequence[Finding]) -> str:
    """Workflow commands: GitHub shows each beside its line."""
    return "\n".join(
        f"::{one.severity} file={_property(one.file)},line={one.line},col={one.column},"
        f"endColumn={one.column + max(one.length, 1)},title={_property(one.code)}::{_data(_sentence(one))}"
        for one in findings
    )


def _sentence(finding: Finding) -> str:
    return f"{finding.message}; {finding.suggestion}" if finding.suggestion else finding.message


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
