"""The command itself: starts the pretend vendor, performs the acts, and leaves nothing behind."""

from __future__ import annotations

import os
import shlex
import signal
import sys
import time
from contextlib import redirect_stdout
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from playbooks_engine.cli.commands import asked
from playbooks_engine.cli.commands import command as declare
from playbooks_engine.cli.demo.acts import ACTS, Act, perform
from playbooks_engine.cli.demo.project import KEY, project
from playbooks_engine.cli.demo.vendor import Vendor, vendor
from playbooks_engine.cli.failing import FAILED, FINE, INTERRUPTED

if TYPE_CHECKING:
    from playbooks_engine.cli.commands import Asked


@declare(name="demo")
@click.option("--serve", is_flag=True, help="Then leave the service and its page running on it, until Ctrl-C.")
@click.option(
    "--keep", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Keep the project in this folder."
)
@click.pass_context
def command(context: click.Context, serve: bool, keep: Path | None) -> int:
    """See everything work on a pretend Opsgenie; needs no account, and nothing leaves this machine.

    Makes a project in a temporary folder and performs real command lines on it: a connection test, fetches, a plan,
    a run with its steps, a failure, the audit. Takes a few seconds.
    """
    settings = asked(context)
    before, terminated = os.environ.get(KEY), signal.signal(signal.SIGTERM, _end)
    try:
        if not settings.output.json:
            return _demo(settings, serve, keep)
        # One document and nothing else: the show goes beside it.
        with redirect_stdout(sys.stderr):
            status = _demo(settings, serve, keep)
        settings.output.document({"status": "passed" if status == FINE else "failed", "acts": [a.title for a in ACTS]})
        return status
    finally:
        signal.signal(signal.SIGTERM, terminated)
        if before is None:
            os.environ.pop(KEY, None)


def _end(number: int, frame: FrameType | None) -> None:
    """SIGTERM ends us like anything else does: what we started is put away first."""
    raise SystemExit(128 + number)


def _demo(settings: Asked, serve: bool, keep: Path | None) -> int:
    began = time.perf_counter()
    stage = Stage(settings, lasting=keep is not None)
    stage.say("Starting a pretend Opsgenie on this machine …")
    with vendor() as opsgenie, project(opsgenie.url, keep) as folder:
        os.environ[KEY] = opsgenie.key
        stage.say(f"It listens on {opsgenie.url}; the project is in {folder}.")
        good = True
        for number, act in enumerate(ACTS, 1):
            good &= stage.show(number, act, folder)
            if stage.interrupted:
                return INTERRUPTED
        stage.say()
        stage.say(
            f"That took {time.perf_counter() - began:.0f} seconds." if good else "Something went wrong; see above."
        )
        if serve:
            stage.say()
            stage.title("The service, and its page")
            for line in _beside(opsgenie, folder):
                stage.say(line)
            return stage.line("serve", folder)
        for line in _next(opsgenie, folder if keep else None):
            stage.say(line)
    return FINE if good else FAILED


class Stage:
    """Shows acts: plain where it is not a terminal, or where no colours are wanted."""

    def __init__(self, settings: Asked, *, lasting: bool) -> None:
        from playbooks_engine.cli.drawing import console

        self.interrupted = False
        self._lasting = lasting
        self._json = settings.output.json
        self._screen = console(settings.output, sys.stdout)

    def say(self, text: str = "", style: str = "") -> None:
        self._screen.print(text, style=style, soft_wrap=True)
        sys.stdout.flush()

    def title(self, text: str) -> None:
        self.say(text, "bold")

    def show(self, number: int, act: Act, folder: Path) -> bool:
        self.say()
        self.title(f"{number}. {act.title}")
        self.say(act.about, "dim")
        return perform(act, lambda line: self.line(line, folder))

    def line(self, line: str, folder: Path) -> int:
        """Perform one command line in this process, as if it had been typed in the project's folder."""
        from playbooks_engine.cli.app import run

        if self.interrupted:
            return INTERRUPTED
        self.say()
        self.say(f"$ playbooks {line}", "cyan")
        status = run(["--project", str(folder), *shlex.split(line)], lasting=self._lasting)
        # Running and serving take SIGTERM for themselves, and let go of it.
        signal.signal(signal.SIGTERM, _end)
        self.interrupted = status == INTERRUPTED
        return FINE if self.interrupted and line == "serve" else status


def _beside(opsgenie: Vendor, folder: Path) -> list[str]:
    call = "call ops.create-alert --priority P1 --message"
    return [
        "It fetches every ten seconds, checks the connection every minute, and starts playbooks.",
        "Try, in another shell:",
        "",
        f"  export {KEY}={opsgenie.key}",
        f"  playbooks --project {shlex.quote(str(folder))} {call} 'Disk of db-1 is full'",
        "",
        "A new P1 starts name_the_person_on_call within ten seconds. Ctrl-C ends all of this.",
    ]


def _next(opsgenie: Vendor, kept: Path | None) -> list[str]:
    lines = ["", "What to try next:"]
    if kept is not None:
        simulator = f"playbooks simulator opsgenie --port {opsgenie.port} --key {opsgenie.key}"
        lines += [
            f"  cd {shlex.quote(str(kept))}",
            f"  {simulator} &",
            f"  export {KEY}={opsgenie.key}",
            "  playbooks runs show 1",
        ]
    else:
        lines += ["  playbooks demo --serve              the same, and then the service with its page"]
        lines += ["  playbooks demo --keep DIR           the same, and the project stays there"]
    lines += ["  playbooks init my-project           a project of your own"]
    return lines
