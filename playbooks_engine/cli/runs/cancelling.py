"""`playbooks runs cancel`."""

from __future__ import annotations

import click

from playbooks_engine.cli.commands import Asked, asked
from playbooks_engine.cli.commands import command as declare
from playbooks_engine.cli.entering import enter
from playbooks_engine.cli.failing import FAILED, FINE
from playbooks_engine.cli.opening import opened
from playbooks_engine.cli.people import me
from playbooks_engine.cli.progress import progress, told


@declare(name="cancel")
@click.argument("run", metavar="ID", type=int)
@click.pass_context
def command(context: click.Context, run: int) -> int:
    """End a run: nothing further of it begins, and its `always` still runs.

    A request that is under way may end. Exits 1 when the process that executes the run did not end it in time.
    """
    return enter(_cancel(asked(context), run))


async def _cancel(settings: Asked, number: int) -> int:
    from playbooks_engine.runtime.cancelling import cancel
    from playbooks_engine.runtime.telling import run_header
    from playbooks_engine.store import journal

    output = settings.output
    async with opened(settings) as engine:
        with progress(output) as follow:
            run = await cancel(engine, number, me().name, observer=None if output.json else follow)
    if output.json:
        output.document(run_header(run))
    elif run.status not in journal.ENDED:
        output.note(f"Run {run.id} is to be cancelled, and the process that executes it has not ended it yet.")
    elif run.status == "cancelled":
        output.line(f"Run {run.id} of {run.playbook} is cancelled.")
    else:
        output.note(f"Run {run.id} came to its end before it could be cancelled: {run.status}.")
        if run.error:
            output.note(f"  {told(run.error)}")
    return FINE if run.status == "cancelled" else FAILED
