"""The command `playbooks`: its sub-commands, and how each ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from playbooks_engine.cli.commands import Asked, Late, LateGroup
from playbooks_engine.cli.failing import INTERRUPTED, USAGE, report

COMMANDS = {
    "demo": Late("playbooks_engine.cli.demo", "See everything work on a pretend Opsgenie; needs no account."),
    "init": Late("playbooks_engine.cli.init", "Make a project folder to start from."),
    "check": Late("playbooks_engine.cli.check", "Check playbooks, tests, mappings and project.yml; sends nothing."),
    "test": Late("playbooks_engine.cli.test", "Run the tests of playbooks; sends nothing, needs no key."),
    "run": Late("playbooks_engine.cli.run", "Run a playbook now, or show what it would change."),
    "call": Late("playbooks_engine.cli.call", "Perform one command of a connection by itself."),
    "connections": Late("playbooks_engine.cli.connections", "List, test and look into the project's connections."),
    "fetch": Late("playbooks_engine.cli.fetch", "Fetch, map and store the events of a connection now."),
    "events": Late("playbooks_engine.cli.events", "Look at the events that are stored."),
    "why": Late("playbooks_engine.cli.why", "The whole story of one event: what ran, or why nothing did."),
    "runs": Late("playbooks_engine.cli.runs", "Look at runs, and go on with one that was interrupted."),
    "eval": Late("playbooks_engine.cli.eval", "Try an expression on a stored event or run."),
    "serve": Late("playbooks_engine.cli.serve", "The service: fetches, checks, triggers, and the page."),
    "schema": Late("playbooks_engine.cli.schema", "The JSON Schema of a playbook in this project, for editors."),
    "backup": Late("playbooks_engine.cli.backup", "Copy the store to a file, also while the service runs."),
    "restore": Late("playbooks_engine.cli.restore", "Put a copy of the store back in its place."),
    "doctor": Late("playbooks_engine.cli.doctor", "Say what is wrong with this installation, and whose move it is."),
    "simulator": Late("playbooks_engine.cli.simulator", "Pretend to be a vendor, on a port of this machine."),
}


def _version(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        from playbooks_engine import __version__

        click.echo(f"playbooks {__version__}")
        context.exit()


app = LateGroup(
    "playbooks",
    late=COMMANDS,
    help="Playbooks in files for on-call and security alerts.",
    epilog="Begin with `playbooks demo`, or with `playbooks init` for a project of your own. Your shell completes "
    'commands, flags and playbooks after: eval "$(_PLAYBOOKS_COMPLETE=bash_source playbooks)" (or zsh, fish).',
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    no_args_is_help=True,
    params=[
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_version,
            help="Show the version and exit.",
        )
    ],
)


def run(arguments: Sequence[str], *, lasting: bool = True) -> int:
    """Perform a command line; returns the exit status. What nobody expected leaves as it is raised.

    `lasting`: the project is there afterwards too, so that what was interrupted can be gone on with.
    """
    asked = Asked(lasting=lasting)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        ended: Any = app.main(args=list(arguments), prog_name="playbooks", standalone_mode=False, obj=asked)
        sys.stdout.flush()
    except (KeyboardInterrupt, click.exceptions.Abort):
        asked.output.note("Interrupted.")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone: what Python still holds back has nowhere to go either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except click.exceptions.NoArgsIsHelpError as error:
        error.show(sys.stderr)
        return USAGE
    except Exception as error:
        # Without --json having been read, a wrong command line may still hold it.
        asked.output.json = asked.output.json or "--json" in arguments
        status = report(error, asked.output)
        if status is None:
            raise
        return status
    return ended if isinstance(ended, int) else 0
