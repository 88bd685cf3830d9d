"""`playbooks runs list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from playbooks_engine.cli.commands import Asked, asked
from playbooks_engine.cli.commands import command as declare
from playbooks_engine.cli.entering import enter
from playbooks_engine.cli.failing import FINE
from playbooks_engine.cli.opening import opened
from playbooks_engine.cli.progress import told
from playbooks_engine.cli.wording import moment, one_line, seconds

if TYPE_CHECKING:
    from playbooks_engine.store.journal import Run


@declare(name="list")
@click.option("--playbook", metavar="NAME", help="Only runs of this playbook.")
@click.option("--status", metavar="STATUS", help="Only runs with this status, such as failed.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="At most so many.")
@click.pass_context
def command(context: click.Context, playbook: str | None, status: str | None, limit: int) -> int:
    """Runs, newest first."""
    return enter(_list(asked(context), playbook, status, limit))


async def _list(settings: Asked, playbook: str | None, status: str | None, limit: int) -> int:
    from playbooks_engine.runtime.sentences import trigger
    from playbooks_engine.runtime.telling import run_header
    from playbooks_engine.store import journal

    output = settings.output
    async with opened(settings) as engine:
        with engine.database.reading() as connection:
            rows = journal.runs(connection, playbook=playbook, status=status, limit=limit)
            total = journal.count(connection, playbook=playbook, status=status)
    if output.json:
        output.document({"runs": [run_header(run) for run in rows], "total": total})
    elif not rows:
        output.note("No such run." if playbook or status else "No run yet. Begin one: playbooks run PLAYBOOK")
    else:
        from playbooks_engine.cli.drawing import table

        cells = [
            (run.id, run.playbook, run.status, moment(run.created_at), seconds(span(run)), trigger(run), _why(run))
            for run in rows
        ]
        table(output, ("run", "playbook", "status", "asked for (UTC)", "took", "started by", "why"), cells)
        if total > len(rows):
            output.note(f"{len(rows):,} of {total:,} runs.")
    return FINE


def span(run: Run) -> float | None:
    """Seconds that a run took, once it has ended."""
    return (run.ended_at - run.started_at).total_seconds() if run.started_at and run.ended_at else None


def _why(run: Run) -> str:
    return one_line(told(run.error), 70) if run.error else ""
