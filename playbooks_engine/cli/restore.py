"""`playbooks restore`."""

from __future__ import annotations

from pathlib import Path

import click

from playbooks_engine.cli.backup import as_row, told
from playbooks_engine.cli.commands import asked
from playbooks_engine.cli.commands import command as declare
from playbooks_engine.cli.failing import FINE
from playbooks_engine.cli.opening import folder_of


@declare(name="restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_context
def command(context: click.Context, file: Path) -> int:
    """Put FILE, a copy of the store, in the place of the store. The service must not run.

    FILE is checked first, and stays. The store that was there is kept beside it, under a name with the time.
    """
    from playbooks_engine.runtime.catalog import Catalog
    from playbooks_engine.runtime.clock import SystemClock
    from playbooks_engine.runtime.project import load
    from playbooks_engine.runtime.safekeeping import restore

    settings = asked(context)
    output = settings.output
    restored = restore(load(folder_of(settings), Catalog()), file, SystemClock().now())
    if output.json:
        output.document(
            {
                **as_row(restored.copied),
                "store": str(restored.store),
                "kept": str(restored.kept) if restored.kept else None,
                "unfinished": restored.unfinished,
            }
        )
        return FINE
    output.line(f"{restored.store} is {file} now: {told(restored.copied)}.")
    if restored.kept:
        output.line(f"The store that was there is kept as {restored.kept}.")
    if restored.unfinished:
        output.note(
            f"Runs under way when the copy was made: {restored.unfinished}. `playbooks serve` goes on with them, "
            "although they may have ended since. Look first: playbooks runs list; and cancel: playbooks runs cancel ID"
        )
    return FINE
