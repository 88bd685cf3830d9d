"""Trying an expression on what is stored: an event, or a run as it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from playbooks_engine.errors import ExpressionError
from playbooks_engine.language.expressions import Scope, compile_value
from playbooks_engine.language.expressions.building import Building
from playbooks_engine.language.expressions.filters.table import Doubt
from playbooks_engine.language.expressions.grammar import parse
from playbooks_engine.language.expressions.lexing import OPEN, Source, expression_at, parts_of
from playbooks_engine.language.expressions.scope import ROOTS, Evaluation
from playbooks_engine.language.expressions.values import guarded
from playbooks_engine.language.playbook import Playbook
from playbooks_engine.language.suggesting import did_you_mean
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.running.frame import record_of, result_of
from playbooks_engine.runtime.running.runs import roots_of, texts_of
from playbooks_engine.store import journal
from playbooks_engine.store.journal import Run, StepRow

_WHERE = {
    "item": "it is there inside a loop; what a loop did is in steps.<id>.results",
    "loop": "it is there inside a loop; what a loop did is in steps.<id>.results",
    "output": "it is there in `until` only; what a step gave is in steps.<id>.output",
    "error": "it is there after a failure; name a run that failed: --run ID",
    "event": "name one with --event KEY, or a run that has one with --run ID",
}
_OF_A_RUN = "name a run with --run ID"


@dataclass
class Tried:
    """What came of it: the value, the parts that were read with what they were, and what is doubtful."""

    value: Any = None
    error: ExpressionError | None = None
    saw: list[tuple[str, Any]] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)


def attempt(text: str, roots: Mapping[str, Any], now: Callable[[], datetime]) -> Tried:
    """The value of a bare expression, of one `${{ }}`, or of a text with some in it; never raises ExpressionError."""
    tried = Tried()
    scope = Scope(roots, now)
    try:
        whole = _whole(text)
        for source in [whole] if whole else [part for part in parts_of(text) if isinstance(part, Source)]:
            tried.value = _evaluate(source, scope, tried)
        if whole is None:
            tried.value = compile_value(text).evaluate(scope)
    except ExpressionError as error:
        tried.error = error
    return tried


def _whole(text: str) -> Source | None:
    """The expression that the text is, with `${{ }}` or without; None where it stands in other text."""
    start = len(text) - len(text.lstrip())
    if text.startswith(OPEN, start):
        source, end = expression_at(text, start + len(OPEN), delimited=True)
        return source if not text[end:].strip() else None
    if OPEN not in text:
        return expression_at(text, 0, delimited=False)[0]
    try:
        return expression_at(text, 0, delimited=False)[0]  # where every `${{` stands in quotes
    except ExpressionError:
        return None


def _evaluate(source: Source, scope: Scope, tried: Tried) -> Any:
    building = Building(source, traced=True)
    run = building.build(parse(source))
    tried.doubts += building.doubts
    for reference in building.references:
        _is_there(str(reference.path[0]), scope, reference.offset, defaulted=reference.defaulted)
    return guarded(run, Evaluation(scope, tried.saw), source.start, max(source.end - source.start, 1))


def _is_there(root: str, scope: Scope, offset: int, *, defaulted: bool) -> None:
    """Whether there is such a name here; raises ExpressionError that says where it would be."""
    if root in scope.roots or (defaulted and root in ROOTS):
        return
    hint = _WHERE.get(root, _OF_A_RUN)
    if root not in ROOTS:
        hint = did_you_mean(root, ROOTS, f"the names are: {', '.join(ROOTS)}") or hint
    raise ExpressionError(f"there is no `{root}` here", hint=hint, offset=offset, length=len(root))


def stored_roots(engine: Engine, run: Run) -> dict[str, Any]:
    """What an expression after the last step of a run would see, as it is kept: without secrets.

    Raises InvalidInput, Unusable where the store has lost what it needs.
    """
    playbook, _ = texts_of(engine, run)
    with engine.database.reading() as connection:
        rows = journal.steps(connection, run.id)
    roots = roots_of(engine, run, playbook, run.started_at or engine.clock.now())
    roots["run"] = {**roots["run"], "status": run.status}
    roots["steps"] = seen_steps(rows, playbook)
    if run.error is not None:
        roots["error"] = run.error
    return roots


def seen_steps(rows: Sequence[StepRow], playbook: Playbook) -> dict[str, Any]:
    """The steps that can be seen where a run ends: none of those inside loops, which are in `results`."""
    loops = {step.id for step in playbook.every_step() if step.for_each is not None}
    items: dict[str, dict[int, StepRow]] = {}
    for row in rows:
        if row.path.endswith("]") and row.item is not None:
            items.setdefault(row.path[: row.path.rindex("[")], {})[row.item] = row
    seen = {}
    for row in rows:
        if "[" not in row.path:
            over = row.inputs.get("items") if row.step_id in loops and isinstance(row.inputs, dict) else None
            mine = items.get(row.path, {})
            results = [result_of(mine.get(index)) for index in range(len(over))] if isinstance(over, list) else None
            seen[row.step_id] = record_of(row, results)
    return seen
