"""`playbooks eval`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from playbooks_engine.cli.commands import Asked, asked
from playbooks_engine.cli.commands import command as declare
from playbooks_engine.cli.documents import event_document
from playbooks_engine.cli.entering import enter
from playbooks_engine.cli.failing import FAILED, FINE, coloured
from playbooks_engine.cli.opening import opened
from playbooks_engine.errors import BadUsage, ExpressionError, Finding, InvalidInput

if TYPE_CHECKING:
    from playbooks_engine.cli.printing import Output
    from playbooks_engine.runtime.engine import Engine
    from playbooks_engine.runtime.trying import Tried
    from playbooks_engine.store.events import EventRow
    from playbooks_engine.store.journal import Run


@declare(name="eval")
@click.argument("words", metavar="EXPR", nargs=-1, required=True)
@click.option(
    "--event", metavar="KEY|@FILE", help="What `event` is: a stored one, as it is now, or one in the vendor's JSON."
)
@click.option("--stream", metavar="S", help="The stream of the event, where it is not plain which.")
@click.option("--run", "run_id", metavar="ID", type=int, help="What all the rest is: a run, as it stands or ended.")
@click.pass_context
def command(
    context: click.Context, words: tuple[str, ...], event: str | None, stream: str | None, run_id: int | None
) -> int:
    """Try an expression on stored data: prints its value as JSON, and for a condition what each part of it saw.

    EXPR is bare (event.priority == 'P1'), one ${{ }}, or text with ${{ }} in it; put it in quotes. Of a run, `inputs`,
    `vars`, `event`, `steps`, `run` and `error` are as they are kept: without secrets, and now() is when it ended.
    Exits 1 when the expression has no value.
    """
    if len(words) > 1:
        raise BadUsage(
            "An expression is one word for the shell, and these are several.",
            hint="Put it in quotes: playbooks eval \"event.priority == 'P1'\"",
        )
    return enter(_eval(asked(context), words[0], event, stream, run_id))


async def _eval(settings: Asked, text: str, event: str | None, stream: str | None, run_id: int | None) -> int:
    from playbooks_engine.runtime.trying import attempt

    if stream is not None and event is None:
        raise BadUsage("--stream says where the event of --event is from.", hint="Give --event too.")
    async with opened(settings) as engine:
        roots: dict[str, Any] = {}
        now = engine.clock.now
        if run_id is not None:
            run, roots = _of_run(engine, run_id)
            if run.ended_at is not None:
                ended_at = run.ended_at
                now = lambda: ended_at  # noqa: E731 - a clock that stands
        if event is not None:
            roots["event"] = _event(engine, event, stream)
        tried = attempt(text, roots, now)
    return _tell(settings.output, text, tried)


def _of_run(engine: Engine, run_id: int) -> tuple[Run, dict[str, Any]]:
    from playbooks_engine.runtime.finding import run_called
    from playbooks_engine.runtime.trying import stored_roots

    with engine.database.reading() as connection:
        run = run_called(connection, run_id)
    return run, stored_roots(engine, run)


def _event(engine: Engine, name: str, stream: str | None) -> dict[str, Any]:
    from playbooks_engine.runtime.fetching import map_one
    from playbooks_engine.runtime.mappings import event_root

    if name.startswith("@"):
        of = stream or _only_stream(engine)
        mapped = map_one(engine, of, event_document(name[1:]))
        return event_root(engine, of, mapped.fields, mapped.raw)
    row = _stored(engine, name, stream)
    return event_root(engine, row.stream, row.fields, row.raw)


def _stored(engine: Engine, name: str, stream: str | None) -> EventRow:
    from playbooks_engine.language.suggesting import did_you_mean
    from playbooks_engine.runtime.finding import NEAR, events_called
    from playbooks_engine.store.events import list_events

    with engine.database.reading() as connection:
        rows = events_called(connection, name, stream)
        last = list_events(connection, stream, NEAR) if not rows else []
    if not rows:
        hint = did_you_mean(name, [row.key for row in last], "see: playbooks events list")
        raise BadUsage(f'No event "{name}" is stored{f" in {stream}" if stream else ""}.', hint=hint)
    if len(rows) > 1:
        named = ", ".join(f"{row.key} of {row.stream}" for row in rows[:5])
        raise BadUsage(f'"{name}" is the name of several events: {named}.', hint="Name one by its key, and --stream S.")
    return rows[0]


def _only_stream(engine: Engine) -> str:
    known = [
        f"{alias}.{stream}"
        for alias, connection in engine.project.connections.items()
        for stream in engine.catalog.connector(connection.connector).streams
    ]
    if len(known) != 1:
        hint = f"Name it with --stream: {', '.join(known)}" if known else "No connection of this project has a stream."
        raise BadUsage("Which stream the event is of decides how it is mapped.", hint=hint)
    return known[0]


def _tell(output: Output, text: str, tried: Tried) -> int:
    from playbooks_engine.sdk.times import as_json

    saw = [{"expression": part, "value": as_json(value)} for part, value in dict(tried.saw).items()]
    if tried.error is not None:
        if output.json:
            output.document({"expression": text, "error": _error(text, tried.error), "saw": saw})
        else:
            output.note(_pointed(text, tried.error, colour=coloured(output.stderr)))
            _saw(output, saw)
        return FAILED
    doubts = [{"message": doubt.message, "hint": doubt.hint} for doubt in tried.doubts]
    value = as_json(tried.value)
    if output.json:
        output.document({"expression": text, "value": value, "saw": saw, "doubts": doubts})
        return FINE
    output.document(value)
    if isinstance(value, bool):
        _saw(output, saw)
    for doubt in doubts:
        output.note(f"Doubtful: {doubt['message']}{f'; {hint}' if (hint := doubt['hint']) else ''}.")
    return FINE


def _saw(output: Output, saw: list[dict[str, Any]]) -> None:
    from playbooks_engine.runtime.sentences import value

    for one in saw:
        output.note(f"  {one['expression']} is {value(one['value'])}")


def _error(text: str, error: ExpressionError) -> dict[str, Any]:
    """The shape of every `error`, and where in the expression it is, counted from 1."""
    finding = _finding(text, error)
    place = {"line": finding.line, "column": finding.column, "length": finding.length}
    return {**InvalidInput(error.message, hint=error.hint).as_json(), **place}


def _pointed(text: str, error: ExpressionError, *, colour: bool) -> str:
    """The message, and the expression with a caret."""
    from playbooks_engine.language.checking import render

    finding = _finding(text, error)
    _, _, below = render(finding, colour).partition("\n")
    return f"{error.message}\n{below}" if below else "\n  ".join(filter(None, (error.message, error.hint)))


def _finding(text: str, error: ExpressionError) -> Finding:
    before = text[: error.offset]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    source = text.split("\n")[line - 1]
    return Finding("E301", "EXPR", line, column, "error", error.message, error.hint, error.length, source)
