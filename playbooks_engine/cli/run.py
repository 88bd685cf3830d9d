"""`playbooks run`."""

from __future__ import annotations

import signal
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from playbooks_engine.cli.commands import asked
from playbooks_engine.cli.commands import command as declare
from playbooks_engine.cli.documents import event_document
from playbooks_engine.cli.entering import enter
from playbooks_engine.cli.failing import FAILED, FINE, INTERRUPTED, WAITING, WITH_ERRORS
from playbooks_engine.cli.opening import opened
from playbooks_engine.cli.pairs import Pair, connections
from playbooks_engine.cli.people import me
from playbooks_engine.cli.progress import progress, told
from playbooks_engine.cli.wording import number, seconds
from playbooks_engine.errors import BadUsage

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from playbooks_engine.cli.commands import Asked
    from playbooks_engine.runtime.attending import Begin
    from playbooks_engine.runtime.engine import Engine
    from playbooks_engine.runtime.library import Loaded
    from playbooks_engine.runtime.running.notebook import Observer
    from playbooks_engine.runtime.running.planning import Planned
    from playbooks_engine.store.journal import Run

STATUS = {
    "succeeded": FINE,
    "planned": FINE,
    "succeeded_with_errors": WITH_ERRORS,
    "waiting": WAITING,
}


def _names(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    folder = asked(context).project or Path()
    files = (folder / "playbooks").rglob("*.yml")
    stems = sorted(path.stem for path in files if not path.name.endswith(".test.yml"))
    return [CompletionItem(stem) for stem in stems if stem.startswith(incomplete)]


@declare(name="run")
@click.argument("playbook", shell_complete=_names)
@click.option("--input", "inputs", type=Pair(), multiple=True, help="A value for an input of the playbook.")
@click.option(
    "--event", metavar="KEY|@FILE", help="The event to run it for: a stored one, or one in the vendor's JSON."
)
@click.option("--plan", is_flag=True, help="Read for real, and list the changes instead of making them.")
@connections()
@click.pass_context
def command(
    context: click.Context,
    playbook: str,
    inputs: tuple[tuple[str, str], ...],
    event: str | None,
    plan: bool,
    bound: tuple[tuple[str, str], ...],
) -> int:
    """Run a playbook now, or show what it would change.

    PLAYBOOK is a name in playbooks/, or a path. Exits 0 when it succeeded, 3 when it succeeded with errors, 4 when
    it waits, 1 when it failed. Ctrl-C gives the run back after the step under way; `playbooks runs resume` goes on.
    """
    return enter(_run(asked(context), playbook, dict(inputs), event, plan, dict(bound)))


async def _run(
    settings: Asked, name: str, inputs: dict[str, str], event: str | None, plan: bool, bound: dict[str, str]
) -> int:
    async with opened(settings) as engine:
        from playbooks_engine.runtime.attending import begin

        loaded = engine.library.playbook(name, bound)
        _warn(settings, loaded)
        beginning = _event(engine, loaded, event, bound)
        if plan:
            return await _plan(settings, engine, loaded, inputs, beginning, bound)
        run = begin(engine, loaded, inputs, me(), event=beginning, bound=bound)
        return await execute(settings, engine, run)


def _warn(settings: Asked, loaded: Loaded) -> None:
    if loaded.findings:
        from playbooks_engine.cli.findings import as_text

        settings.output.note(as_text(loaded.findings, colour=False))


def _event(engine: Engine, loaded: Loaded, text: str | None, bound: Mapping[str, str]) -> Begin | None:
    from playbooks_engine.runtime.attending import given_event, needs_event, stored_event

    if text is None:
        if needs_event(loaded):
            trigger = loaded.playbook.event
            raise BadUsage(
                f"{loaded.playbook.name} begins with an event of {trigger.stream if trigger else ''}.",
                hint="Name a stored one with --event KEY (see: playbooks events list), or give one with --event @FILE.",
            )
        return None
    if not text.startswith("@"):
        return stored_event(engine, loaded, text, bound)
    return given_event(engine, loaded, event_document(text[1:]), bound)


async def _plan(
    settings: Asked,
    engine: Engine,
    loaded: Loaded,
    inputs: Mapping[str, Any],
    event: Begin | None,
    bound: Mapping[str, str],
) -> int:
    from playbooks_engine.runtime.running.planning import plan

    output = settings.output
    with progress(output) as follow:
        root = event.root(engine) if event else None
        planned = await plan(engine, loaded, inputs, event=root, bound=bound, observer=unless_json(settings, follow))
    return show_plan(settings, loaded.playbook.name, planned)


def show_plan(settings: Asked, name: str, planned: Planned, more: Mapping[str, Any] | None = None) -> int:
    """Show what a plan found, and give its exit status; `more` is added to the document."""
    from playbooks_engine.runtime.telling import run_document

    output = settings.output
    ended, writes = planned.ended, [write.as_json() for write in planned.writes]
    good = ended.status in {"succeeded", "succeeded_with_errors"}
    status = "planned" if good else ended.status
    if output.json:
        document = run_document(None, name, status, ended.output, planned.steps, writes, ended.error)
        output.document({**document, "ways": planned.ways, "assumed": list(planned.assumed), **(more or {})})
    else:
        if ended.error:
            output.note(told(ended.error))
        if writes:
            from playbooks_engine.cli.writes import show

            output.line(f"{name} would make {number(len(writes), 'change')}:")
            show(output, writes)
        elif good:
            output.line(f"{name} would change nothing.")
        else:
            output.line(f"The plan of {name} failed before it came to any change.")
        for text in planned.assumed:
            output.note(f"  {text}")
        ways = f" {planned.ways} ways through it were followed." if planned.ways > 1 else ""
        output.note(f"This was a plan: reads were real, nothing was changed.{ways}")
    return FINE if good else FAILED


def unless_json(settings: Asked, follow: Observer) -> Observer | None:
    return None if settings.output.json else follow


async def execute(settings: Asked, engine: Engine, run: Run) -> int:
    """Execute a run that this process holds, show it, and give the exit status that its end stands for."""
    from playbooks_engine.runtime.attending import attend
    from playbooks_engine.runtime.running.execution import Ended
    from playbooks_engine.runtime.telling import run_document, writes_of
    from playbooks_engine.store import journal

    output = settings.output
    if not output.json:
        output.note(f"Run {run.id} of {run.playbook}")
    began = engine.clock.monotonic()
    with progress(output) as follow:
        ended = await _until_stopped(
            settings,
            run,
            engine,
            lambda halt: attend(engine, run, halt=halt, observer=unless_json(settings, follow)),
        )
    with engine.database.reading() as connection:
        steps, writes = journal.steps(connection, run.id), writes_of(connection, run.id)
        now = journal.run_by_id(connection, run.id)
    if ended is None and now is not None and now.status in journal.ENDED:
        ended = Ended(now.status, now.output, now.error)  # it got to its end before it could be stopped
    status = ended.status if ended else "waiting"
    if output.json:
        result, error = (ended.output, ended.error) if ended else (None, None)
        output.document(run_document(run.id, run.playbook, status, result, steps, writes, error))
    if ended is None:
        output.note(f"Run {run.id} was given back with nothing half done.")
        if settings.lasting:
            output.note(f"  Go on with it: playbooks runs resume {run.id}")
        return INTERRUPTED
    if ended.status == "waiting":
        _waits(settings, engine, run)
    elif not output.json:
        _show(settings, run, ended.status, ended.output, ended.error, writes, engine.clock.monotonic() - began)
    return STATUS.get(ended.status, FAILED)


def _waits(settings: Asked, engine: Engine, run: Run) -> None:
    """What the run waits for, how it is decided, and who goes on with it then."""
    from playbooks_engine.cli.questions import show
    from playbooks_engine.runtime.deciding import open_questions_within
    from playbooks_engine.runtime.service_lease import served_by

    output = settings.output
    output.note(f"Run {run.id} waits for a person.")
    show(output, open_questions_within(engine, run.id))
    if served_by(engine):
        output.note("The service goes on with it.")
    else:
        output.note(f"No service is running: after the decision, playbooks runs resume {run.id}")


def _show(
    settings: Asked,
    run: Run,
    status: str,
    result: Any,
    error: dict[str, Any] | None,
    writes: Iterable[Mapping[str, Any]],
    span: float,
) -> None:
    output = settings.output
    if result is not None:
        from playbooks_engine.cli.drawing import answer

        answer(output, result)
    changes = number(len(list(writes)), "change")
    output.note(f"Run {run.id} {status.replace('_', ' ')} in {seconds(span)}: {changes} sent.")
    if error:
        output.note(f"  {told(error)}")
        output.note(f"  Look at it: playbooks runs show {run.id}")


async def _until_stopped(settings: Asked, run: Run, engine: Engine, work: Any) -> Any:
    """Await the run; the first Ctrl-C lets the step under way finish, the second one ends it at once."""
    import asyncio

    from playbooks_engine.runtime.attending import call_off_when_asked
    from playbooks_engine.runtime.running.halting import Halt

    halt = Halt(stays=True)
    task = asyncio.ensure_future(work(halt))
    watch = asyncio.ensure_future(call_off_when_asked(engine, run, halt))
    loop = asyncio.get_running_loop()
    asked = False

    def caught() -> None:
        nonlocal asked
        if asked:
            task.cancel()
        else:
            asked = True
            halt.give_back()
            settings.output.note(f"Stopping run {run.id} after the step under way. Ctrl-C again ends it at once.")

    for number_ in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number_, caught)
    try:
        return await task
    except asyncio.CancelledError:
        return None
    finally:
        watch.cancel()
        for number_ in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number_)
