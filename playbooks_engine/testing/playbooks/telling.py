"""A failed test for people: what is not as expected, and what each step did."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from playbooks_engine.sdk.times import as_json
from playbooks_engine.store.journal import StepRow
from playbooks_engine.testing.playbooks.happening import Done, Happened
from playbooks_engine.testing.playbooks.judging import NOTHING, Difference, told_error
from playbooks_engine.testing.playbooks.suite import Suite

_LONGEST = 160
_WIDEST = 40


def failure(suite: Suite, differences: Iterable[Difference], happened: Happened) -> str:
    """Everything about a failed test but its name."""
    lines = [line for difference in differences for line in _told(suite, difference)]
    return "\n".join([*lines, "  What happened:", *trace(happened)])


def trace(happened: Happened) -> list[str]:
    """Each run with its steps: what became of it, what it was given, what its condition saw."""
    lines = [line for done in happened.runs for line in _run(done, "    ")]
    return lines or ["    nothing ran"]


def differences_json(differences: Iterable[Difference]) -> list[dict[str, Any]]:
    """The differences for `--json`."""
    return [
        {
            "what": one.what,
            "expected": None if one.expected is NOTHING else as_json(one.expected),
            "actual": None if one.actual is NOTHING else as_json(one.actual),
            "line": one.position.line if one.position else None,
        }
        for one in differences
    ]


def _told(suite: Suite, difference: Difference) -> Iterator[str]:
    place = f" ({suite.file}:{difference.position.line})" if difference.position else ""
    yield f"  {difference.what}{place}"
    if difference.expected is NOTHING and difference.actual is NOTHING:
        return
    for sign, value in (("- expected", difference.expected), ("+ got", difference.actual)):
        first, *rest = _written(value).split("\n")
        yield f"    {sign:<10}  {first}"
        yield from (f"    {'':<10}  {line}" for line in rest)


def _written(value: Any) -> str:
    if value is NOTHING:
        return "nothing"
    if isinstance(value, str):
        return value
    text = json.dumps(as_json(value), ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else json.dumps(as_json(value), ensure_ascii=False, indent=2, default=str)


def _run(done: Done, indent: str) -> Iterator[str]:
    error = f"  {told_error(done.run.error)}" if done.run.error else ""
    yield f"{indent}{done.run.playbook}: {done.run.status}{error}"
    width = min(max((len(row.path) for row in done.steps), default=0), _WIDEST)
    for row in done.steps:
        yield f"{indent}  {_step(row, width)}"
        for part in done.parts.get(row.path, ()):
            yield from _run(part, f"{indent}    ")


def _step(row: StepRow, width: int) -> str:
    told = f"{row.path:<{width}}  {row.status:<10}"
    if row.status == "skipped" and row.conditions:
        seen = "; ".join(f"{text} is {json.dumps(as_json(value), default=str)}" for text, value in row.conditions)
        return f"{told} {_short(seen)}"
    if row.error:
        return f"{told} {_short(told_error(row.error))}"
    if row.inputs not in (None, {}):
        return f"{told} {_short(json.dumps(as_json(row.inputs), ensure_ascii=False, default=str))}"
    return told.rstrip()


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _LONGEST else f"{flat[: _LONGEST - 1]}…"
