"""What happened in a test against what it expects: every difference, each with its place in the test file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from playbooks_engine.language.position import Position
from playbooks_engine.sdk.times import as_json
from playbooks_engine.store.journal import StepRow
from playbooks_engine.testing.playbooks.answering import Made
from playbooks_engine.testing.playbooks.happening import Done, Happened
from playbooks_engine.testing.playbooks.suite import ExpectedCall, Test, named

NOTHING = type("Nothing", (), {"__repr__": lambda _: "nothing"})()
"""Where there is no value, not even null."""

NOT_BEGUN = frozenset({"skipped"})


@dataclass(frozen=True)
class Difference:
    """One thing that is not as expected; without values where `what` says it all."""

    what: str
    expected: Any = NOTHING
    actual: Any = NOTHING
    position: Position | None = None


def judge(test: Test, happened: Happened, bound: Mapping[str, str]) -> list[Difference]:
    """What is not as the test expects; nothing where it passes."""
    return [
        *(Difference(trouble) for trouble in happened.troubles),
        *_runs(test, happened),
        *_statuses(test, happened),
        *_outputs(test, happened),
        *_steps(test, happened),
        *_calls(test, happened.calls, bound),
        *_errors(test, happened),
    ]


def deviations(expected: Any, actual: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where a part is not in the whole: maps may have more keys, lists have the same length."""
    expected, actual = as_json(expected), as_json(actual)
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        for key, value in expected.items():
            yield from deviations(value, actual.get(key, NOTHING), f"{path}.{key}" if path else str(key))
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for index, (one, other) in enumerate(zip(expected, actual, strict=True)):
            yield from deviations(one, other, f"{path}[{index}]")
    elif isinstance(expected, bool) != isinstance(actual, bool) or expected != actual:
        yield path, expected, actual


def rows_named(done: Done, name: str) -> list[StepRow]:
    """The rows that a test means by a step's id or path; `who/rota` is a step of the playbook that `who` uses."""
    rows = [row for row in done.steps if row.path == name]
    rows = rows or [row for row in done.steps if row.step_id == name and not row.path.endswith("]")]
    rows = rows or [row for row in done.steps if row.step_id == name]
    step, _, inner = name.partition("/")
    if not rows and inner:
        parts = (part for path, found in done.parts.items() if path.rpartition("/")[2] == step for part in found)
        rows = [row for part in parts for row in rows_named(part, inner)]
    return rows


def told_error(error: Mapping[str, Any] | None) -> str:
    """An error in a line: where, of which type, and what it says."""
    if not error:
        return ""
    where = f"step {error['step']}: " if error.get("step") else ""
    return f"{where}{error.get('type')}: {error.get('message')}"


def _runs(test: Test, happened: Happened) -> Iterator[Difference]:
    wanted = test.expect.runs
    if wanted is not None and wanted != len(happened.runs):
        yield Difference("runs", wanted, len(happened.runs), test.expect.places.get("runs"))
    if wanted is None and not happened.runs and not happened.troubles and _about_a_run(test):
        yield Difference("no run was started", position=test.position)


def _about_a_run(test: Test) -> bool:
    expect = test.expect
    calls = any(call.times != 0 for call in expect.calls)
    return bool(expect.status or expect.output or expect.ran or expect.steps or expect.error or calls)


def _statuses(test: Test, happened: Happened) -> Iterator[Difference]:
    wanted = test.expect.status or ("" if test.expect.wants_failure else "succeeded")
    for done in happened.runs:
        if wanted and done.run.status != wanted:
            told = f"{done.run.status} ({told_error(done.run.error)})" if done.run.error else done.run.status
            yield Difference("status", wanted, told, test.expect.places.get("status"))


def _outputs(test: Test, happened: Happened) -> Iterator[Difference]:
    for wanted in test.expect.output:
        for done in happened.runs:
            yield from _apart("output", wanted, done.run.output, test.expect.places.get("output"))


def _apart(what: str, wanted: Any, actual: Any, position: Position | None) -> Iterator[Difference]:
    for path, expected, got in deviations(wanted, actual):
        yield Difference(f"{what}{'' if not path or path[0] == '[' else '.'}{path}", expected, got, position)


def _steps(test: Test, happened: Happened) -> Iterator[Difference]:
    expect = test.expect
    for name, position in expect.ran:
        rows = _all_rows(happened, name)
        if not any(row.status not in NOT_BEGUN for row in rows):
            yield Difference(f"step {name}", "ran", rows[0].status if rows else "was not reached", position)
    for name, position in expect.not_ran:
        for row in _all_rows(happened, name):
            if row.status not in NOT_BEGUN:
                yield Difference(f"step {name}", "did not run", row.status, position)
                break
    for step in expect.steps:
        rows = _all_rows(happened, step.name)
        if not rows:
            yield Difference(f"step {step.name}", step.status or "ran", "was not reached", step.position)
        for row in rows:
            if step.status and row.status != step.status:
                told = f"{row.status} ({told_error(row.error)})" if row.error else row.status
                yield Difference(f"step {row.path}: status", step.status, told, step.position)
            for wanted in step.output:
                yield from _apart(f"step {row.path}: output", wanted, row.output, step.position)


def _all_rows(happened: Happened, name: str) -> list[StepRow]:
    return [row for done in happened.runs for row in rows_named(done, name)]


def _calls(test: Test, made: list[Made], bound: Mapping[str, str]) -> Iterator[Difference]:
    if test.expect.ordered:
        yield from _in_order(test.expect.calls, made, bound)
        return
    for call in test.expect.calls:
        mine = [one for one in made if one.command == named(call.command, bound)]
        if call.times is not None and call.times != len(mine):
            yield Difference(f"calls of {call.command}", call.times, len(mine), call.position)
        if call.in_turn:
            if call.times is None and len(mine) != len(call.inputs):
                yield Difference(f"calls of {call.command}", len(call.inputs), len(mine), call.position)
            for index, (wanted, one) in enumerate(zip(call.inputs, mine, strict=False)):
                yield from _inputs(f"call {index + 1} of {call.command}: with", wanted, one, call.position)
        else:
            yield from _some_call(call, call.inputs[0] if call.inputs else {}, mine)


def _some_call(call: ExpectedCall, wanted: Mapping[str, Any], mine: Iterable[Made]) -> Iterator[Difference]:
    """The wanted inputs are those of some call; otherwise what the nearest one differs in."""
    apart = [_inputs(f"{call.command}: with", wanted, one, call.position) for one in mine]
    if apart:
        yield from min(apart, key=len)
    elif call.times is None:
        yield Difference(f"{call.command}", "called", "was never called", call.position)


def _inputs(what: str, wanted: Mapping[str, Any], made: Made, position: Position) -> list[Difference]:
    """What differs from what the step gave; what its command made of that is as good."""
    if not any(deviations(wanted, made.inputs)):
        return []
    return list(_apart(what, wanted, made.shown, position))


def _in_order(calls: Iterable[ExpectedCall], made: list[Made], bound: Mapping[str, str]) -> Iterator[Difference]:
    """Each call comes after the one above it; others may stand between them."""
    left = list(made)
    after = "first"
    for call in calls:
        wanted = call.inputs[0] if call.inputs else {}
        command = named(call.command, bound)
        at = next(
            (i for i, one in enumerate(left) if one.command == command and not any(deviations(wanted, one.inputs))),
            None,
        )
        if at is None:
            there = ", ".join(one.command for one in left) or "no call"
            yield Difference(f"calls in order: {call.command} {after}", call.inputs or "called", there, call.position)
            return
        left, after = left[at + 1 :], f"after {call.command}"


def _errors(test: Test, happened: Happened) -> Iterator[Difference]:
    wanted = test.expect.error
    position = test.expect.places.get("error")
    for done in happened.runs if wanted is not None else ():
        error = done.run.error
        if error is None:
            yield Difference("error", dict(wanted or {}), NOTHING, position)
            continue
        for name, value in (wanted or {}).items():
            actual = str(error.get(name) or "")
            if (value not in actual) if name == "message" else (value != actual):
                said = f"contains {value!r}" if name == "message" else value
                yield Difference(f"error.{name}", said, actual, position)
