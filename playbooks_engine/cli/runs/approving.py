"""`playbooks runs approve`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from playbooks_engine.cli.commands import Asked, asked
from playbooks_engine.cli.commands import command as declare
from playbooks_engine.cli.entering import enter
from playbooks_engine.cli.failing import FINE
from playbooks_engine.cli.opening import opened
from playbooks_engine.cli.pairs import Pair
from playbooks_engine.cli.people import me

if TYPE_CHECKING:
    from playbooks_engine.runtime.deciding import Decision


@declare(name="approve")
@click.argument("run", metavar="ID", type=int)
@click.argument("step", metavar="STEP")
@click.option("--input", "given", type=Pair(), multiple=True, help="What the question asks you to fill in.")
@click.pass_context
def command(context: click.Context, run: int, step: str, given: tuple[tuple[str, str], ...]) -> int:
    """Approve what a run asks for, and let it go on.

    STEP is the step's id, or its path where it asks several times. The first decision counts.
    """
    return enter(decided(asked(context), run, step, "approved", dict(given)))


async def decided(settings: Asked, run: int, step: str, decision: Decision, given: dict[str, str]) -> int:
    """Decide, and say who goes on with the run."""
    from playbooks_engine.runtime.deciding import decide
    from playbooks_engine.runtime.finding import run_called
    from playbooks_engine.runtime.service_lease import served_by
    from playbooks_engine.sdk.times import as_json

    output = settings.output
    async with opened(settings) as engine:
        question = decide(engine, run, step, decision, me().name, given)
        with engine.database.reading() as connection:
            goes_on = run_called(connection, run)
        # A run that a person stopped waits for a person, whoever serves.
        serving = served_by(engine) is not None and (goes_on.status != "waiting" or goes_on.wake_at is not None)
    if output.json:
        told = {"run": run, "step": question.path, "decision": question.decision, "by": question.decided_by}
        output.document({**told, "at": as_json(question.decided_at), "inputs": as_json(question.given or {})})
        return FINE
    output.line(f"{question.path} of run {run} is {decision}.")
    output.note("The service goes on with it." if serving else f"Go on with it: playbooks runs resume {run}")
    return FINE
