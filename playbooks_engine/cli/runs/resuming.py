"""`playbooks runs resume`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from playbooks_engine.cli.commands import Asked, asked
from playbooks_engine.cli.commands import command as declare
from playbooks_engine.cli.entering import enter
from playbooks_engine.cli.opening import opened

if TYPE_CHECKING:
    pass


@declare(name="resume")
@click.argument("run", metavar="ID", type=int)
@click.pass_context
def command(context: click.Context, run: int) -> int:
    """Go on with a run that was given back, or whose process died. What is finished is not done again."""
    return enter(_resume(asked(context), run))


async def _resume(settings: Asked, number_: int) -> int:
    from playbooks_engine.cli.run import execute
    from playbooks_engine.runtime.attending import take

    async with opened(settings) as engine:
        return await execute(settings, engine, take(engine, number_))
