"""`playbooks events`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from playbooks_engine.cli.commands import Asked, Group, asked
from playbooks_engine.cli.entering import enter
from playbooks_engine.cli.failing import FINE
from playbooks_engine.cli.opening import opened
from playbooks_engine.cli.wording import moment, number, one_line
from playbooks_engine.errors import BadUsage, ExpressionError

if TYPE_CHECKING:
    from rich.text import Text

    from playbooks_engine.cli.printing import Output
    from playbooks_engine.store.events import EventRow
    from playbooks_engine.web.changes import Version

command = Group("events", default="list", help="Look at the events that are stored.")

_stream = click.option("--stream", metavar="S", help="Only this stream, such as ops.alerts.")


@command.command("list")
@_stream
@click.option("--where", metavar="EXPR", help="Only events that fulfil this, such as \"event.priority == 'P1'\".")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="At most so many.")
@click.pass_context
def list_(context: click.Context, stream: str | None, where: str | None, limit: int) -> int:
    """The stored events as they are now, last seen first."""
    return enter(_list(asked(context), stream, where, limit))


@command.command()
@click.argument("key")
@_stream
@click.pass_context
def show(context: click.Context, key: str, stream: str | None) -> int:
    """One event: every version of it, and what changed from one to the next."""
    return enter(_show(asked(context), key, stream))


async def _list(settings: Asked, stream: str | None, where: str | None, limit: int) -> int:
    from playbooks_engine.runtime.finding import find_events

    output = settings.output
    async with opened(settings) as engine:
        try:
            total, rows = find_events(engine, stream, where, limit)
        except ExpressionError as error:
            raise BadUsage(f"--where: {error.message}", hint=error.hint) from None
    if output.json:
        output.document({"events": [_document(row) for row in rows], "total": total})
    elif not rows:
        output.note(
            "No such event is stored." if stream or where else "No event is stored. Fetch some: playbooks fetch"
        )
    else:
        _table(output, rows)
        more = f" of {total:,}" if total > len(rows) else ""
        output.note(f"{len(rows):,}{more} {'event' if total == 1 else 'events'}.")
    return FINE


def _table(output: Output, rows: list[EventRow]) -> None:
    from playbooks_engine.cli.drawing import console, table
    from playbooks_engine.web.changes import grade, headline, state

    screen = console(output)
    narrow = screen.is_terminal and screen.width < 150
    many = len({row.stream for row in rows}) > 1
    columns = ["seen (UTC)", "prio", "status", "ver", "about"]
    cells: list[list[object]] = [
        [
            f"{row.last_seen:%m-%d %H:%M}" if narrow else moment(row.last_seen),
            grade(row.fields),
            state(row.fields),
            row.versions,
            _about(output, row) if narrow else headline(row.fields, row.key),
            *([row.stream] if many else []),
            *([] if narrow else [row.key]),
        ]
        for row in rows
    ]
    columns += (["stream"] if many else []) + ([] if narrow else ["key"])
    table(output, columns, cells, keep=("about",) if narrow else ("key",))


def _about(output: Output, row: EventRow) -> Text:
    """What it is about, and below it the key, whole: other commands ask for it."""
    from rich.text import Text

    from playbooks_engine.cli.drawing import styled
    from playbooks_engine.web.changes import headline

    told = styled(output, one_line(headline(row.fields, row.key), 60), "")
    return Text.assemble(told, "\n", styled(output, row.key, "dim"))


def _document(row: EventRow) -> dict[str, Any]:
    names = ("stream", "key", "version", "versions", "first_seen", "last_seen", "fields")
    return {name: getattr(row, name) for name in names}


async def _show(settings: Asked, key: str, stream: str | None) -> int:
    from playbooks_engine.store.events import list_events, versions
    from playbooks_engine.web.changes import history

    output = settings.output
    async with opened(settings) as engine:
        with engine.database.reading() as connection:
            rows = list_events(connection, stream, 100, key=key)
            told = [(row, history(versions(connection, row.stream, row.key))[::-1]) for row in rows]
    if not told:
        raise BadUsage(
            f'No event "{key}" is stored{f" in {stream}" if stream else ""}.', hint="See: playbooks events list"
        )
    if len(told) > 1:
        raise BadUsage(
            f'Several streams have an event "{key}".',
            hint=f"Name one: --stream {' or '.join(row.stream for row, _ in told)}",
        )
    row, history_ = told[0]
    if output.json:
        output.document({**_document(row), "history": [_version(one) for one in history_], "raw": row.raw})
        return FINE
    from playbooks_engine.cli.drawing import fields

    output.line(f"{row.stream} {row.key}")
    output.line(
        f"{number(row.versions, 'version')}, first seen {moment(row.first_seen)}, last {moment(row.last_seen)} UTC"
    )
    output.line()
    fields(output, row.fields, indent=2)
    for one in history_:
        output.line()
        output.line(_headed(one, current=one.row.id == row.version_id))
        for change in one.changes:
            before, after = _short(change.before), _short(change.after)
            arrow = {"added": f"{after} (new)", "removed": f"{before} (gone)"}.get(change.kind, f"{before} -> {after}")
            output.line(f"  {change.name}: {arrow}")
    return FINE


def _headed(one: Version, *, current: bool) -> str:
    notes = ["current"] if current else [] if one.row.was_current else ["came late: an older state, never current"]
    if one.outside:
        notes.append("only in fields that are not mapped")
    told = f" ({'; '.join(notes)})" if notes else ""
    return f"Version {one.row.number}, stored {moment(one.row.stored_at)} UTC{told}"


def _version(one: Version) -> dict[str, Any]:
    return {
        "number": one.row.number,
        "version": one.row.version,
        "stored_at": one.row.stored_at,
        "was_current": one.row.was_current,
        "fields": one.row.fields,
        "changes": [change.__dict__ for change in one.changes],
    }


def _short(value: Any) -> str:
    return one_line(
        value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False, default=str), 80
    )
