"""`playbooks init`."""

from __future__ import annotations

from pathlib import Path

import click

from playbooks_engine.cli.commands import asked
from playbooks_engine.cli.commands import command as declare
from playbooks_engine.cli.failing import FINE
from playbooks_engine.cli.schema import modeline
from playbooks_engine.cli.schema import write as write_schemas
from playbooks_engine.cli.shipped import shipped
from playbooks_engine.errors import BadUsage

PROJECT = """\
# The project: its connections, and where its page is. The only file that may name a secret, and only by reference.
connections:
  ops:                                        # playbooks call this connection `ops`
    connector: opsgenie
    server_url: https://api.opsgenie.com      # https://api.eu.opsgenie.com for accounts in the EU region
    api_key: env:OPSGENIE_API_KEY             # or file:PATH, keyring:SERVICE/NAME, command:PROGRAM ARG
    # What may be changed, by area: off, read, write or full. What is not named may be read only.
    # allow: {alerts: write}
    # health_check: {every: 5m}
    fetch:
      alerts: {every: 1m}                     # `playbooks serve` fetches them; `playbooks fetch ops` does it now

# web: {port: 8750}                           # the page of `playbooks serve`, on this machine only
"""

IGNORE = ".playbooks/\n"

PLAYBOOK = "who_is_on_call.yml"
TEST = "who_is_on_call.test.yml"


@declare(name="init")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path, file_okay=False))
@click.pass_context
def command(context: click.Context, folder: Path) -> int:
    """Make a project folder to start from: a connection to fill in, and a playbook that changes nothing."""
    output = asked(context).output
    made = write(folder)
    if output.json:
        output.document({"folder": str(folder.resolve()), "files": made})
        return FINE
    output.line(f"Made {', '.join(made)} in {folder.resolve()}")
    output.line()
    output.line("What to do next:")
    if folder.resolve() != Path.cwd():
        output.line(f"  cd {folder}")
    output.line("  export OPSGENIE_API_KEY=...             the key of an API integration of your account")
    output.line("  playbooks connections test ops          does it work?")
    output.line("  playbooks call ops.get-schedules        look around")
    output.line("  playbooks run who_is_on_call --input schedule=NAME")
    output.line("  playbooks test                          the playbook's own tests; they need no account")
    output.line("  playbooks serve                         fetch every minute, and show it on a page")
    output.line()
    output.line("Without an account: playbooks demo")
    return FINE


def write(folder: Path) -> list[str]:
    """Write the files of a new project; raises BadUsage rather than touch a file that is there."""
    files = {
        "project.yml": modeline("project") + PROJECT,
        f"playbooks/{PLAYBOOK}": modeline("playbook", "../") + shipped(PLAYBOOK),
        f"playbooks/{TEST}": modeline("test", "../") + shipped(TEST),
        ".gitignore": IGNORE,
    }
    there = [name for name in files if (folder / name).exists() and name != ".gitignore"]
    if there:
        raise BadUsage(
            f"{folder / there[0]} is there already; nothing was written.", hint="Name a new folder: playbooks init DIR"
        )
    try:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            present = path.read_text(encoding="utf-8") if path.exists() else ""
            path.write_text(_joined(present, text), encoding="utf-8")
    except OSError as error:
        raise BadUsage(f"{folder} cannot be written: {error.strerror}.") from None
    return [*files, *write_schemas(folder)]


def _joined(present: str, wanted: str) -> str:
    """What is wanted, after what is there already: a .gitignore keeps its lines."""
    if wanted.strip() in present.split():
        return present
    return f"{present.rstrip()}\n{wanted}" if present.strip() else wanted
