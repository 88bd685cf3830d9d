"""`playbooks runs reject`."""

from __future__ import annotations

import click

from playbooks_engine.cli.commands import asked
from playbooks_engine.cli.commands import command as declare
from playbooks_engine.cli.entering import enter
from playbooks_engine.cli.runs.approving import decided


@declare(name="reject")
@click.argument("run", metavar="ID", type=int)
@click.argument("step", metavar="STEP")
@click.pass_context
def command(context: click.Context, run: int, step: str) -> int:
    """Reject what a run asks for, and let it go on.

    STEP is the step's id, or its path where it asks several times. The first decision counts.
    """
    return enter(decided(asked(context), run, step, "rejected", {}))
