"""`playbooks runs show`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from playbooks_engine.cli.commands import Asked, asked
from playbooks_engine.cli.commands import command as declare
from playbooks_engine.cli.entering import enter
from playbooks_engine.cli.failing import FINE
from playbooks_engine.cli.opening import opened
from playbooks_engine.cli.progress import MARKS, conditions, told
from playbooks_engine.cli.runs.listing import span
from playbooks_engine.cli.wording import moment, number, one_line, seconds

if TYPE_CHECKING:
    from playbooks_engine.runtime.engine import Engine
    from playbooks_engine.store.journal import Run, StepRow
    from playbooks_engine.web.nesting import Nested


@declare(name="show")
@click.argument("run", metavar="ID", type=int)
@click.option("-v", "--verbose", is_flag=True, help="Also what each step was given and what it gave.")
@click.pass_context
def command(context: click.Context, run: int, verbose: bool) -> int:
    """One run: its steps, what its conditions saw, and the changes it made."""
    return enter(_show(asked(context), run, verbose))


async def _show(settings: Asked, number_: int, verbose: bool) -> int:
    from playbooks_engine.cli.questions import show
    from playbooks_engine.runtime.deciding import open_questions_within
    from playbooks_engine.runtime.telling import question_document, run_document, run_header, writes_of
    from playbooks_engine.store import journal

    output = settings.output
    async with opened(settings) as engine:
        run = found(engine, number_)
        with engine.database.reading() as connection:
            steps, writes = journal.steps(connection, run.id), writes_of(connection, run.id)
        parts = _parts(engine, run)
        questions = open_questions_within(engine, run.id)
    if output.json:
        document = run_document(run.id, run.playbook, run.status, run.output, steps, writes, run.error)
        asked = [question_document(question) for question in questions]
        under_way = [_part(part) for inside in parts.values() for part in inside]
        output.document({**run_header(run), **document, "questions": asked, "parts": under_way})
        return FINE
    _draw(settings, run, steps, parts, writes, verbose)
    if questions:
        output.line()
        output.line("It waits for a person:")
        show(output, questions)
    elif run.status == "waiting":
        when = f"until {moment(run.wake_at)} UTC" if run.wake_at else "for a person, who stopped it"
        output.note(f"It waits {when}. To go on with it now: playbooks runs resume {run.id}")
    return FINE


@dataclass(frozen=True)
class Part:
    """The run of a sub-playbook that is under way, with its steps and the runs in it."""

    run: Run
    steps: list[StepRow]
    parts: dict[str, list[Part]]


def _parts(engine: Engine, run: Run) -> dict[str, list[Part]]:
    """The runs inside a run that have not ended, by the path of the step that runs them."""
    from playbooks_engine.store import journal

    found: dict[str, list[Part]] = {}
    if run.status in journal.ENDED:
        return found
    with engine.database.reading() as connection:
        children = [child for child in journal.children(connection, run.id) if child.status not in journal.ENDED]
    for child in children:
        with engine.database.reading() as connection:
            steps = journal.steps(connection, child.id)
        found.setdefault(child.parent_path or "", []).append(Part(child, steps, _parts(engine, child)))
    return found


def _part(part: Part) -> dict[str, Any]:
    from playbooks_engine.runtime.telling import run_header, step_document

    inside = [_part(one) for inner in part.parts.values() for one in inner]
    told = {"path": part.run.parent_path, "steps": [step_document(row) for row in part.steps], "parts": inside}
    return {**run_header(part.run), **told}


def found(engine: Engine, number_: int) -> Run:
    from playbooks_engine.runtime.finding import run_called

    with engine.database.reading() as connection:
        return run_called(connection, number_)


def _draw(
    settings: Asked,
    run: Run,
    steps: list[StepRow],
    parts: dict[str, list[Part]],
    writes: list[dict[str, Any]],
    verbose: bool,
) -> None:
    from playbooks_engine.cli.drawing import answer, fields
    from playbooks_engine.cli.writes import show as show_writes
    from playbooks_engine.runtime.sentences import trigger

    output = settings.output
    head = {
        "run": run.id,
        "playbook": run.playbook,
        "status": run.status,
        "started by": trigger(run),
        "asked for": f"{moment(run.created_at)} UTC",
        "took": seconds(span(run)),
    }
    if run.inputs:
        head["inputs"] = json.dumps(dict(run.inputs), ensure_ascii=False)
    if run.parent_run_id:
        head["part of"] = f"run {run.parent_run_id}"
    fields(output, head)
    if run.error:
        output.line(f"error: {told(run.error)}")
    output.line()
    _steps(settings, steps, parts, verbose, 0)
    if writes:
        output.line()
        output.line(f"{number(len(writes), 'change')} sent:")
        show_writes(output, writes)
    if run.output is not None:
        output.line()
        output.line("Output:")
        answer(output, run.output)
    if run.status in {"queued", "running"}:
        output.note(f"It has not ended. If nothing goes on with it: playbooks runs resume {run.id}")


def _steps(settings: Asked, steps: list[StepRow], parts: dict[str, list[Part]], verbose: bool, further: int) -> None:
    """Steps as a tree; below a sub-playbook that is under way, the steps of its run."""
    from playbooks_engine.web.nesting import nested

    for found in nested(steps):
        step = replace(found, depth=found.depth + further)
        _step(settings, step, verbose, [part.run for part in parts.get(step.row.path, ())])
        for part in parts.get(step.row.path, ()):
            _steps(settings, part.steps, part.parts, verbose, step.depth + 1)


def _step(settings: Asked, step: Nested, verbose: bool, runs: Sequence[Run]) -> None:
    from rich.text import Text

    from playbooks_engine.cli.drawing import STYLES, console, styled

    row, output = step.row, settings.output
    screen = console(output)
    indent = "  " * step.depth
    name = f"{row.step_id}[{row.item}]" if row.path.endswith("]") else row.step_id
    colour = STYLES.get(row.status, "")
    line = Text.assemble(
        (f"{indent}{MARKS.get(row.status, ' ')} ", colour),
        styled(output, f"{name:<{max(32 - len(indent), 1)}}  ", ""),
        styled(output, f"{row.status:<9}", colour),
        styled(output, "".join(_details(step)), "dim"),
        styled(output, "".join(f"  run {run.id} of {run.playbook}, {run.status}" for run in runs), "dim"),
    )
    screen.print(line, soft_wrap=True)
    for label, value in _inside(row, verbose):
        screen.print(
            Text.assemble((f"{indent}    {label}: ", "dim"), styled(output, one_line(value, 2_000), "")), soft_wrap=True
        )


def _details(step: Nested) -> Iterator[str]:
    row = step.row
    if row.status == "skipped":
        yield conditions(row.conditions)
        return
    if row.started_at and row.ended_at:
        yield f"  {seconds((row.ended_at - row.started_at).total_seconds())}"
    if row.attempts > 1:
        yield f", {number(row.attempts, 'attempt')}"
    if step.items:
        yield f", {number(step.items, 'item')}"
    if row.child_run_id:
        yield f", run {row.child_run_id}"


def _inside(row: StepRow, verbose: bool) -> Iterator[tuple[str, str]]:
    if row.status != "skipped" and row.conditions:
        yield "when", conditions(row.conditions).strip()
    if row.error:
        yield "error", told(row.error)
    if verbose:
        for label, value in (("inputs", row.inputs), ("output", row.output)):
            if value is not None:
                yield label, json.dumps(value, ensure_ascii=False, default=str)
