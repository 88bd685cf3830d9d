"""`playbooks serve`."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import click

from playbooks_engine.cli.commands import asked
from playbooks_engine.cli.commands import command as declare
from playbooks_engine.cli.entering import enter
from playbooks_engine.cli.failing import FINE, INTERRUPTED
from playbooks_engine.cli.opening import opened

if TYPE_CHECKING:
    from playbooks_engine.cli.commands import Asked


@declare(name="serve")
@click.pass_context
def command(context: click.Context) -> int:
    """The service of the project: scheduled fetches, health checks, triggers, and the page.

    One a project. Ctrl-C or SIGTERM ends it: steps under way finish or are given back, and the next one goes on.
    """
    return enter(_serve(asked(context)))


async def _serve(settings: Asked) -> int:
    import signal

    from playbooks_engine.runtime.page_key import key_file
    from playbooks_engine.service import serve
    from playbooks_engine.web.app import make_app

    output = settings.output

    def ready(address: str | None) -> None:
        if output.json:
            output.document({"page": address})
        elif address:
            output.line(f"The page is at {address}")
            output.stdout.flush()
            output.note(f"To decide there, sign in with the key in {key_file(engine.project)}")

    async with opened(settings, checkpointing=True, level=logging.INFO) as engine:
        caught = await serve(engine, page=make_app(engine), on_ready=ready)
    return INTERRUPTED if caught == signal.SIGINT else FINE
