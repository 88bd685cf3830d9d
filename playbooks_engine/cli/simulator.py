"""`playbooks simulator NAME`."""

from __future__ import annotations

import os
import signal
import sys
import threading
from importlib.metadata import entry_points
from pathlib import Path

import click

from playbooks_engine.cli.commands import asked
from playbooks_engine.cli.commands import command as declare
from playbooks_engine.errors import BadUsage
from playbooks_engine.language.suggesting import did_you_mean

GROUP = "playbooks_engine.simulators"


@declare(name="simulator")
@click.argument("name")
@click.option("--port", type=click.IntRange(0, 65_535), metavar="N", help="The port; a free one, if left out.")
@click.option(
    "--seed",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="JSON that replaces the example data.",
)
@click.option("--key", metavar="UUID", help="The key with every right; a fixed one, if left out.")
@click.option("--quiet", is_flag=True, help="No line on stderr for each request.")
@click.option("--while-stdin", is_flag=True, hidden=True)
@click.pass_context
def command(
    context: click.Context,
    name: str,
    port: int | None,
    seed: Path | None,
    key: str | None,
    quiet: bool,
    while_stdin: bool,
) -> int:
    """Pretend to be a vendor, on a port of this machine: real HTTP, made-up data.

    Prints its address, then its keys (the first has every right), then serves until Ctrl-C. With --json both are one
    document.
    """
    found = {entry.name: entry for entry in entry_points(group=GROUP)}
    if name not in found:
        there = f"there are: {', '.join(sorted(found)) or 'none'}"
        raise BadUsage(f'There is no simulator "{name}".', hint=did_you_mean(name, found, there))
    if while_stdin:
        threading.Thread(target=_end_with_stdin, name="stdin", daemon=True).start()
    given = {"--port": port, "--seed": seed, "--key": key}
    argv = [word for flag, value in given.items() if value is not None for word in (flag, str(value))]
    switches = {"--quiet": quiet, "--json": asked(context).output.json}
    argv += [flag for flag, on in switches.items() if on]
    return int(found[name].load()(argv) or 0)


def _end_with_stdin() -> None:
    """The demo holds our stdin: however it dies, even killed, we end with it."""
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)
