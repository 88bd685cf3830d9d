"""`playbooks runs list`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from playbooks_engine.cli.commands import Asked, asked
from playbooks_engine.cli.commands import command as declare
from playbooks_engine.cli.entering import enter
from playbooks_engine.cli.failing import FINE
from playbooks_engine.cli.opening import opened
from playbooks_engine.cli.progress import told
from playbooks_engine.cli.wording import moment, one_line, seconds

if TYPE_CHECKING:
    from playbooks_engine.store.journal import Approval, Run


@declare(name="list")
@click.option("--playbook", metavar="NAME", help="Only runs of this playbook.")
@click.option("--status", metavar="STATUS", help="Only runs with this status, such as failed.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="At most so many.")
@click.pass_context
def command(context: click.Context, playbook: str | None, status: str | None, limit: int) -> int:
    """Runs, newest first."""
    return enter(_list(asked(context), playbook, status, limit))


async def _list(settings: Asked, playbook: str | None, status: str | None, limit: int) -> int:
    from playbooks_engine.runtime.deciding import questions_by_run
    from playbooks_engine.runtime.sentences import trigger
    from playbooks_engine.store import journal

    output = settings.output
    async with opened(settings) as engine:
        with engine.database.reading() as connection:
            rows = journal.runs(connection, playbook=playbook, status=status, limit=limit)
            total = journal.count(connection, playbook=playbook, status=status)
        waits = questions_by_run(engine) if any(run.status == "waiting" for run in rows) else {}
    if output.json:
        output.document({"runs": [_document(run, waits.get(run.id, [])) for run in rows], "total": total})
    elif not rows:
        output.note("No such run." if playbook or status else "No run yet. Begin one: playbooks run PLAYBOOK")
    else:
        from playbooks_engine.cli.drawing import table

        cells = [
            (run.id, run.playbook, run.status, moment(run.created_at), seconds(span(run)), trigger(run), why)
            for run, why in ((run, _why(run, waits)) for run in rows)
        ]
        heads = ("run", "playbook", "status", "asked for (UTC)", "took", "started by", "why, or what it waits for")
        table(output, heads, cells)
        if total > len(rows):
            output.note(f"{len(rows):,} of {total:,} runs.")
    return FINE


def span(run: Run) -> float | None:
    """Seconds that a run took, once it has ended."""
    return (run.ended_at - run.started_at).total_seconds() if run.started_at and run.ended_at else None


def _document(run: Run, questions: list[Approval]) -> dict[str, Any]:
    from playbooks_engine.runtime.telling import question_document, run_header

    return {**run_header(run), "questions": [question_document(one) for one in questions]}


def _why(run: Run, waits: Mapping[int, list[Approval]]) -> str:
    """What went wrong; of a run that waits, for whom or until when."""
    if run.error:
        return one_line(told(run.error), 70)
    return waits_for(run, waits.get(run.id, [])) if run.status == "waiting" else ""


def waits_for(run: Run, questions: list[Approval]) -> str:
    """`ben@example.com until 2026-11-22 22:04:20: Lock ana?`, `until 2026-11-22 22:04:20`, or who has to move."""
    if questions:
        first = questions[0]
        more = f", and {len(questions) - 1} more" if len(questions) > 1 else ""
        return f"{first.ask or 'a person'} until {moment(first.due_at)}: {one_line(first.prompt, 40)}{more}"
    if run.cancel_at is not None:
        return "to be cancelled"
    return f"until {moment(run.wake_at)}" if run.wake_at is not None else f"stopped: playbooks runs resume {run.id}"
