"""A test from a real run: its event, what its calls were answered, and how it went; masked."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playbooks_engine.errors import BadUsage
from playbooks_engine.language.playbook import Call, Playbook
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.finding import run_called
from playbooks_engine.runtime.library import Loaded
from playbooks_engine.sdk.times import as_json
from playbooks_engine.store import events, journal
from playbooks_engine.store.journal import Run, StepRow
from playbooks_engine.testing.playbooks.emitting import as_yaml
from playbooks_engine.testing.playbooks.happening import Happened
from playbooks_engine.testing.playbooks.masking import Mask
from playbooks_engine.testing.playbooks.performing import performed
from playbooks_engine.testing.playbooks.project import ENDING
from playbooks_engine.testing.playbooks.reading import read_suite
from playbooks_engine.testing.playbooks.suite import named

NOT_SENT = frozenset({"invalid_input", "not_allowed"})
"""Errors of calls that never left: in a test they come by themselves."""

_HEAD = """\
# Written from run {run} of {playbook}.
# People, mail addresses, phone numbers and keys are masked, as far as they look like it: read it before you share it.
"""


@dataclass
class _Recorded:
    """What a run and its sub-runs had from outside."""

    answers: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    found: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    """Stored events that a step found, by stream and key."""
    approvals: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What people decided, by step."""


async def written(engine: Engine, run_id: int, out: Path | None) -> tuple[Path, str, list[str]]:
    """Where the test of a run belongs, its text, and what one must know of it. Raises BadUsage for an unfit run."""
    run = _run(engine, run_id)
    loaded = engine.library.load(engine.project.folder / (run.file or run.playbook), run.connections)
    playbook = engine.project.folder / loaded.path
    path = out or playbook.with_name(f"{playbook.stem}.run-{run_id}{ENDING}")
    document = _document(engine, run, loaded, path, playbook)
    mask = Mask()
    mask.learn([document])
    test = document["tests"][0] = _masked(document["tests"][0], mask)
    warnings = []
    if loaded.playbook.digest != run.digest:
        warnings.append(f"{loaded.path} was edited since run {run_id}: the test is for the file as it is now.")
    head = _HEAD.format(run=run_id, playbook=loaded.playbook.name)
    suite = read_suite(path, as_yaml(document).encode(), str(path))
    if not suite.usable or len(suite.tests) != 1:
        first = suite.findings[0].message if suite.findings else "it holds no test"
        raise BadUsage(f"Run {run_id} cannot be written as a test: {first}.")
    happened = await performed(engine.project, engine.catalog, loaded, suite.tests[0], run.connections)
    test["expect"] = _expected(happened, {name: alias for alias, name in run.connections.items()})
    warnings += _apart(run, happened)
    return path, head + as_yaml(document), warnings


def _run(engine: Engine, run_id: int) -> Run:
    with engine.database.reading() as connection:
        run = run_called(connection, run_id, part="Write one from that run: playbooks test --from-run {}")
    if run.status not in {"succeeded", "succeeded_with_errors", "failed"}:
        raise BadUsage(
            f"Run {run_id} is {run.status.replace('_', ' ')}, and a test needs one that came to its own end.",
            hint="See: playbooks runs list",
        )
    return run


def _document(engine: Engine, run: Run, loaded: Loaded, path: Path, playbook: Path) -> dict[str, Any]:
    """The test file as data, before it is masked; it expects only the status."""
    recorded = _Recorded()
    _collect(engine, run, loaded.playbook, loaded, recorded)
    test: dict[str, Any] = {"name": f"run {run.id} {run.status.replace('_', ' ')}", "now": as_json(run.started_at)}
    if run.inputs:
        test["inputs"] = dict(run.inputs)
    event = _event(engine, run)
    if event is not None:
        test["event"] = event
        recorded.found.pop((run.event_stream or "", run.event_key or ""), None)
    if recorded.found:
        test["events"] = list(recorded.found.values())
    commands: dict[str, Any] = {}
    steps: dict[str, Any] = {}
    for (command, step), answers in recorded.answers.items():
        alone = sum(one == command for one, _ in recorded.answers) == 1
        (commands if alone else steps)[command if alone else step] = _given(answers)
    test |= {"answers": commands} if commands else {}
    test |= {"steps": steps} if steps else {}
    test |= {"approvals": recorded.approvals} if recorded.approvals else {}
    return {"playbook": _relative(playbook, path), "tests": [{**test, "expect": {"status": run.status}}]}


def _masked(test: dict[str, Any], mask: Mask) -> dict[str, Any]:
    """The test with everything from outside masked; the names of steps, commands and inputs are the playbook's own."""

    def event(given: dict[str, Any]) -> dict[str, Any]:
        return {**given, "raw": mask.data(given["raw"])}

    def given(answers: dict[str, Any]) -> dict[str, Any]:
        if "sequence" in answers:
            return {"sequence": [given(one) for one in answers["sequence"]]}
        if "error" in answers:
            error = answers["error"]
            return {"error": {**error, "message": mask.text(str(error.get("message") or ""))}}
        return {name: mask.data(part) for name, part in answers.items()}

    done = dict(test)
    for name, change in (("event", event), ("events", lambda them: [event(one) for one in them])):
        if name in test:
            done[name] = change(test[name])
    for name, one in (("inputs", mask.data), ("answers", given), ("steps", given), ("approvals", mask.data)):
        if name in test:
            done[name] = {key: one(part) for key, part in test[name].items()}
    return done


def _given(answers: list[dict[str, Any]]) -> dict[str, Any]:
    return answers[0] if all(one == answers[0] for one in answers) else {"sequence": answers}


def _event(engine: Engine, run: Run) -> dict[str, Any] | None:
    stream, raw = run.event_stream, None
    if run.event_version_id is not None:
        with engine.database.reading() as connection:
            version = events.version_by_id(connection, run.event_version_id)
        raw = version.raw if version is not None else None
    elif "event" in run.trigger:
        stream, raw = run.trigger["event"].get("stream"), run.trigger["event"]["raw"]
    if raw is None:
        return None
    return {"raw": raw, **({"stream": stream} if stream else {})}


def _collect(engine: Engine, run: Run, playbook: Playbook, loaded: Loaded, recorded: _Recorded) -> None:
    """What each call of a run was answered, in the order in which a test makes them: items of loops in turn."""
    calls = {step.id: step for step in playbook.every_step() if isinstance(step, Call)}
    keeps_raw = ".raw" in playbook.text
    with engine.database.reading() as connection:
        rows = sorted(journal.steps(connection, run.id), key=lambda row: _natural(row.path))
        children = journal.children(connection, run.id)
    for row in rows:
        step = calls.get(row.step_id)
        if step is None or (step.for_each is not None and row.item is None):
            continue
        if step.uses.kind == "command" and (answer := _answer(row, keeps_raw)) is not None:
            recorded.answers.setdefault((step.uses.text, step.id), []).append(answer)
        elif step.uses.kind == "playbook":
            for child in (one for one in children if one.parent_path == row.path):
                part = loaded.parts.get(child.file or "")
                if part is not None:
                    _collect(engine, child, part, loaded, recorded)
        elif step.uses.text == "core.approval" and row.status == "succeeded":
            recorded.approvals[step.id if row.item is None else row.path] = _verdict(row)
            if step.via is not None:  # what it was answered is not kept, and nothing can depend on it
                recorded.answers.setdefault((step.via.text, step.id), [{"output": {}}])
        elif step.uses.text == "core.find_events" and row.status == "succeeded":
            recorded.found.update(_found(engine, row))


def _answer(row: StepRow, keeps_raw: bool) -> dict[str, Any] | None:
    if row.status in {"succeeded", "reused"}:
        return {"output": row.output, **({"raw": row.raw} if keeps_raw else {})}
    if row.error and row.attempts and row.error.get("type") not in NOT_SENT:
        told = {name: row.error.get(name) for name in ("type", "message", "status_code")}
        return {"error": {name: value for name, value in told.items() if value is not None}}
    return None


def _verdict(row: StepRow) -> dict[str, Any]:
    given = {name: (row.output or {}).get(name) for name in ("decision", "by", "inputs")}
    return {name: value for name, value in given.items() if value}


def _found(engine: Engine, row: StepRow) -> Iterator[tuple[tuple[str, str], dict[str, Any]]]:
    """The events that a step found, as they were then."""
    stream = str((row.inputs or {}).get("from"))
    with engine.database.reading() as connection:
        for event in (row.output or {}).get("events", ()):
            kept = events.versions(connection, stream, event["key"])
            then = [one for one in kept if row.started_at is None or one.stored_at <= row.started_at] or kept
            if then:
                version = max(then, key=lambda one: one.number)
                yield (stream, event["key"]), {"raw": version.raw, "stream": stream}


def _natural(path: str) -> list[Any]:
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", path)]


def _expected(happened: Happened, aliases: Mapping[str, str]) -> dict[str, Any]:
    """What the test expects: how the run ends, and which calls it makes; of changes also what they are given."""
    if not happened.runs:
        raise BadUsage(f"The run cannot be repeated as a test: {'; '.join(happened.troubles)}")
    run = happened.runs[0].run
    expect: dict[str, Any] = {"status": run.status}
    if run.error is not None:
        expect["error"] = {name: run.error[name] for name in ("step", "type") if run.error.get(name)}
    calls: dict[str, Any] = {}
    for command in dict.fromkeys(one.command for one in happened.calls):
        mine = [one for one in happened.calls if one.command == command]
        expected: dict[str, Any] = {"times": len(mine)}
        calls[named(command, aliases)] = expected
        if mine[0].effect != "read":
            inputs = [dict(one.shown) for one in mine]
            expected["with"] = inputs[0] if len(inputs) == 1 else inputs
    return {**expect, **({"calls": calls} if calls else {})}


def _apart(run: Run, happened: Happened) -> Iterator[str]:
    """Where the test does not go as the run went: something in it cannot be given by a test."""
    yield from (f"The test does not go as the run did: {trouble}." for trouble in happened.troubles)
    again = happened.runs[0].run
    step, before = (again.error or {}).get("step"), (run.error or {}).get("step")
    if (again.status, step) != (run.status, before):
        told = f"at step {step}" if step else "without an error"
        yield f"The run was {run.status}, and its test is {again.status} {told}: look why before you keep it."


def _relative(playbook: Path, test: Path) -> str:
    name = os.path.relpath(playbook.resolve(), test.resolve().parent)
    return Path(name).as_posix() if name.startswith("..") else f"./{Path(name).as_posix()}"
