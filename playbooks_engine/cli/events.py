"""`playbooks events`."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from playbooks_engine.cli.commands import Asked, Group, asked
from playbooks_engine.cli.entering import enter
from playbooks_engine.cli.failing import FAILED, FINE
from playbooks_engine.cli.moments import Moment, at
from playbooks_engine.cli.opening import opened
from playbooks_engine.cli.people import me
from playbooks_engine.cli.wording import moment, number, one_line
from playbooks_engine.errors import BadUsage, ExpressionError

if TYPE_CHECKING:
    from rich.text import Text

    from playbooks_engine.cli.printing import Output
    from playbooks_engine.runtime.recounting import Recounted
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
    """One event: every version of it, and what changed from one to the next.

    KEY is the event's key; its tiny id or alias does as well where only one event has it.
    """
    return enter(_show(asked(context), key, stream))


@command.command()
@click.argument("name", metavar="[CONNECTION.STREAM]", required=False)
@_stream
@click.option("--since", type=Moment(), default="24h", show_default=True, help="Events created from then on.")
@click.pass_context
def audit(context: click.Context, name: str | None, stream: str | None, since: datetime | timedelta) -> int:
    """Recount what is stored against the service, and name what lacks.

    Looks at events by their time of creation, up to where the stream is complete and nothing can be late any more.
    What the service has deleted is named apart. Exits 1 where something lacks.
    """
    if name is not None and stream is not None and name != stream:
        raise BadUsage("Two streams are named.", hint="Name one, or none for all.")
    return enter(_audit(asked(context), name or stream, since))


async def _list(settings: Asked, stream: str | None, where: str | None, limit: int) -> int:
    from playbooks_engine.runtime.finding import find_events, known_stream

    output = settings.output
    async with opened(settings) as engine:
        known_stream(engine, stream)
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
    from playbooks_engine.runtime.finding import events_called, known_stream
    from playbooks_engine.store.events import versions
    from playbooks_engine.web.changes import history

    output = settings.output
    async with opened(settings) as engine:
        known_stream(engine, stream)
        with engine.database.reading() as connection:
            rows = events_called(connection, key, stream)
            told = [(row, history(versions(connection, row.stream, row.key))[::-1]) for row in rows]
    if not told:
        raise BadUsage(
            f'No event "{key}" is stored{f" in {stream}" if stream else ""}.', hint="See: playbooks events list"
        )
    if len(told) > 1:
        raise BadUsage(
            f'"{key}" is the name of several events.',
            hint=f"Name one: {' or '.join(f'{row.key} --stream {row.stream}' for row, _ in told[:5])}",
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


async def _audit(settings: Asked, name: str | None, since: datetime | timedelta) -> int:
    from playbooks_engine.runtime.recounting import as_json, recount
    from playbooks_engine.runtime.streams import fetched_sources, sources

    output = settings.output
    async with opened(settings) as engine:
        streams = fetched_sources(engine) if name is None else sources(engine, name)
        if not streams:
            raise BadUsage("No stream is fetched.", hint="Write `fetch: {alerts: {}}` for a connection in project.yml.")
        begin = at(since, engine.clock.now())
        assert begin is not None  # noqa: S101 - it has a default

        def on_page(listed: int) -> None:
            if output.stderr.isatty() and not output.json:
                output.stderr.write(f"\r{number(listed, 'event')} listed …\x1b[K\r")
                output.stderr.flush()

        results = [await recount(engine, stream.name, begin, me(), on_page) for stream in streams]
    if output.json:
        output.document({"streams": [as_json(result) for result in results]})
    else:
        for result in results:
            _recounted(output, result)
    return FINE if all(result.complete for result in results) else FAILED


def _recounted(output: Output, result: Recounted) -> None:
    if output.stderr.isatty():
        output.stderr.write("\x1b[K")
    listed, stored = sum(one.listed for one in result.slices), sum(one.stored for one in result.slices)
    output.line(
        f"{result.stream}, created {moment(result.since)} to {moment(result.until)} UTC: "
        f"{listed:,} at the service, {stored:,} stored ({number(result.requests, 'request')})"
    )
    for gap in result.gaps:
        output.line(f"gap {moment(gap.since)} to {moment(gap.until)}: {gap.listed:,} there, {gap.stored:,} here")
        for what, events in (("missing", gap.missing), ("an update is missing", gap.behind)):
            for one in events:
                output.line(f"  {what}: {one.key}, created {moment(one.created_at)}")
    for reason in result.bad:
        output.line(f"cannot be mapped: {reason}")
    for what, events in (("deleted by the service", result.deleted), ("there, and not listed", result.unlisted)):
        for one in events:
            output.line(f"{what}: {one.key}, created {moment(one.created_at)}")
    if result.complete:
        output.line("Nothing is missing.")
    elif result.fetch is not None:
        since, until = (f"{time:%Y-%m-%dT%H:%M:%SZ}" for time in result.fetch)
        output.line(f"Fetch what is missing: playbooks fetch {result.stream} --since {since} --until {until}")


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
