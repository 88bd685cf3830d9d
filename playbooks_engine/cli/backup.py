"""`playbooks backup`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from playbooks_engine.cli.commands import asked
from playbooks_engine.cli.commands import command as declare
from playbooks_engine.cli.failing import FINE
from playbooks_engine.cli.opening import folder_of
from playbooks_engine.cli.wording import number

if TYPE_CHECKING:
    from playbooks_engine.store.copying import Copied


@declare(name="backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Replace FILE where it is there already.")
@click.pass_context
def command(context: click.Context, file: Path, force: bool) -> int:
    """Copy the store to FILE, also while the service runs: one moment of it, checked, private, and on the disk.

    project.yml, playbooks and secrets are not in it. Put it back with `playbooks restore FILE`.
    """
    from playbooks_engine.runtime.catalog import Catalog
    from playbooks_engine.runtime.project import load
    from playbooks_engine.runtime.safekeeping import backup

    settings = asked(context)
    copied = backup(load(folder_of(settings), Catalog()), file, replace=force)
    if settings.output.json:
        settings.output.document(as_row(copied))
    else:
        settings.output.line(f"{file}: {told(copied)}")
        settings.output.line(f"sha256 {copied.sha256}")
    return FINE


def as_row(copied: Copied) -> dict[str, Any]:
    """A copy as JSON has it."""
    return {
        "file": str(copied.file),
        "size": copied.size,
        "sha256": copied.sha256,
        "schema": copied.schema,
        "rows": copied.rows,
    }


def told(copied: Copied) -> str:
    """`1,200 events, 41 runs, 3,141 rows in all, 2.1 MB`."""
    rows = copied.rows
    counts = [number(rows.get("event", 0), "event"), number(rows.get("run", 0), "run")]
    return ", ".join([*counts, f"{number(sum(rows.values()), 'row')} in all", f"{copied.size / 1_000_000:.1f} MB"])
