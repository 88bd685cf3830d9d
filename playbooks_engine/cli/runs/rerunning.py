"""`playbooks runs rerun`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from playbooks_engine.cli.commands import Asked, asked
from playbooks_engine.cli.commands import command as declare
from playbooks_engine.cli.entering import enter
from playbooks_engine.cli.opening import opened
from playbooks_engine.cli.people import me
from playbooks_engine.cli.progress import progress
from playbooks_engine.cli.wording import moment, number, one_line
from playbooks_engine.errors import BadUsage

if TYPE_CHECKING:
    from playbooks_engine.cli.printing import Output
    from playbooks_engine.runtime.engine import Engine
    from playbooks_engine.runtime.rerunning.preparing import Again
    from playbooks_engine.runtime.rerunning.repeating import Sent


@declare(name="rerun")
@click.argument("run", metavar="ID", type=int)
@click.option("--from", "start", metavar="STEP", help="The step to begin with; else the first that did not succeed.")
@click.option("--with", "file", metavar="FILE", help="An edited playbook; else the text that the run began with.")
@click.option("--failed-items", is_flag=True, help="Of a loop, only the items that failed run again.")
@click.option("--plan", is_flag=True, help="Say what would be reused, run and repeated, and change nothing.")
@click.option("--repeat-writes", is_flag=True, help="Make changes again that the run made.")
@click.pass_context
def command(
    context: click.Context,
    run: int,
    start: str | None,
    file: str | None,
    failed_items: bool,
    plan: bool,
    repeat_writes: bool,
) -> int:
    """Run a run again, as a new one, from a step on; the results of what comes before it are reused.

    Inputs, event and connections are the same. Changes that the run made are not made again unasked. Exits as
    `playbooks run` does.
    """
    return enter(_rerun(asked(context), run, start, file, failed_items, plan, repeat_writes))


async def _rerun(
    settings: Asked, run: int, start: str | None, file: str | None, failed_items: bool, plan: bool, repeat: bool
) -> int:
    async with opened(settings) as engine:
        from playbooks_engine.cli.run import execute
        from playbooks_engine.runtime.rerunning.preparing import begin_again, prepare

        again = prepare(engine, run, start=start, file=file, failed_items=failed_items)
        if not settings.output.json:
            _tell(settings.output, again)
        if plan:
            return await _plan(settings, engine, again)
        if again.repeats and not repeat:
            _confirm(settings.output, again)
        return await execute(settings, engine, begin_again(engine, again, me()))


def _tell(output: Output, again: Again) -> None:
    """Which text runs, what is reused, where it begins, and which changes are made again."""
    run = again.run
    output.note(f"Run {run.id} of {run.playbook} again, with {again.file or 'the text it began with'}.")
    if again.edited:
        output.note(f"  {run.file} has been edited since. To run what it says now: --with {run.file}")
    if again.gone:
        output.note(f"  Not in {again.file}, and left out: {', '.join(again.gone)}")
    done = [path for path in sorted(again.reuse.paths) if "[" not in path]
    named = f": {one_line(', '.join(done), 200)}" if done else ""
    output.note(f"  {number(len(done), 'step')} reused{named}")
    output.note(f"  It runs anew from {' and '.join(again.reuse.starts) or 'its end'}.")
    if again.spared:
        output.note("  Not sent again, as their `once` key is there:")
        _list(output, again.spared)
    if again.repeats:
        output.note(f"  {number(len(again.repeats), 'change')} of run {run.id} may be made again:")
        _list(output, again.repeats)


def _list(output: Output, sent: Iterable[Sent]) -> None:
    for one in sent:
        where = f"{one.path} of run {one.run}"
        request = f"  {one.method} {one.address}" if one.method else ""
        known = "made" if one.outcome == "succeeded" else "sent, and WHETHER IT HAPPENED IS NOT KNOWN,"
        output.note(f"    {one.command} at {where}: {known} {moment(one.at)} UTC{request}")


async def _plan(settings: Asked, engine: Engine, again: Again) -> int:
    from playbooks_engine.cli.run import show_plan, unless_json
    from playbooks_engine.runtime.rerunning.preparing import plan_again

    with progress(settings.output) as follow:
        planned = await plan_again(engine, again, observer=unless_json(settings, follow))
    return show_plan(settings, again.run.playbook, planned, {"again": _document(again)})


def _document(again: Again) -> dict[str, Any]:
    return {
        "run": again.run.id,
        "from": again.start,
        "with": again.file,
        "reused": sorted(again.reuse.paths),
        "begins_at": list(again.reuse.starts),
        "repeats": [one.as_json() for one in again.repeats],
        "kept_by_once": [one.as_json() for one in again.spared],
        "left_out": list(again.gone),
    }


def _confirm(output: Output, again: Again) -> None:
    """Raises BadUsage unless the person at the terminal says yes."""
    count = number(len(again.repeats), "change")
    if not output.json and sys.stdin.isatty() and output.stderr.isatty():
        if click.confirm(f"Make {count} again?", default=False, err=True):
            return
        raise BadUsage("Nothing was run.", hint="Without what was made before: name a later step with --from.")
    named = ", ".join(dict.fromkeys(f"{one.command} at {one.path}" for one in again.repeats))
    unknown = [one.path for one in again.repeats if one.outcome == "unknown"]
    look = f"Look in the service first what became of {', '.join(unknown)}. " if unknown else ""
    raise BadUsage(
        f"{count} that run {again.run.id} made or may have made would be made again: {named}.",
        hint=f"{look}To make them again: --repeat-writes; to see what would happen: --plan",
    )
