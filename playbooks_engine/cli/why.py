"""`playbooks why`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from playbooks_engine.cli.commands import Asked, asked
from playbooks_engine.cli.commands import command as declare
from playbooks_engine.cli.entering import enter
from playbooks_engine.cli.failing import FINE
from playbooks_engine.cli.opening import opened
from playbooks_engine.errors import BadUsage

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from playbooks_engine.cli.printing import Output
    from playbooks_engine.runtime.engine import Engine
    from playbooks_engine.store.events import EventRow
    from playbooks_engine.web.changes import Change
    from playbooks_engine.web.story import Entry, Standing

LONGEST = 110


@declare(name="why")
@click.argument("key")
@click.option("--stream", metavar="S", help="The stream of the event, such as ops.alerts.")
@click.pass_context
def command(context: click.Context, key: str, stream: str | None) -> int:
    """The whole story of one event: its versions, what each trigger considered and saw, what ran and what it
    changed - and why nothing ran.

    KEY is the event's key; its tiny id or alias does as well where only one event has it.
    """
    return enter(_why(asked(context), key, stream))


async def _why(settings: Asked, key: str, stream: str | None) -> int:
    from playbooks_engine.store import journal
    from playbooks_engine.web.story import answer, circumstances, gather, standings

    output = settings.output
    async with opened(settings) as engine:
        now = engine.clock.now()
        with engine.database.reading() as connection:
            event = _event(engine, connection, key, stream)
            story = gather(engine, connection, event)
            standing = standings(engine, connection, event, now)
            around = circumstances(engine, connection, event.stream, now)
            of_event = journal.runs(connection, event_stream=event.stream, event_key=event.key, limit=1000)
    said = answer(of_event[::-1], story, standing, around)
    if output.json:
        output.document(_document(event, story, standing, around, said))
    else:
        _draw(output, event, story, standing, around, said)
    return FINE


def _event(engine: Engine, connection: Connection, key: str, stream: str | None) -> EventRow:
    """The event with that key, or the only one with that tiny id or alias; raises BadUsage that helps on."""
    from playbooks_engine.language.suggesting import did_you_mean
    from playbooks_engine.runtime.finding import NEAR, events_called
    from playbooks_engine.store.events import list_events

    rows = events_called(connection, key, stream)
    if len(rows) == 1:
        return rows[0]
    if rows:
        named = [f"{row.key} --stream {row.stream}" for row in rows[:5]]
        raise BadUsage(f'"{key}" is the name of several events.', hint=f"Ask for one: playbooks why {named[0]}; "
                       f"there are: {', '.join(named)}")  # fmt: skip
    fetched = [f"{name}.{one}" for name, known in engine.project.connections.items() for one in known.fetch]
    bring = stream or next(iter(fetched), "CONNECTION.STREAM")
    near = did_you_mean(key, [row.key for row in list_events(connection, stream, NEAR)])
    hint = f"If it is new, it may not be fetched yet: playbooks fetch {bring} --since 1d; see: playbooks events list"
    raise BadUsage(
        f'No event "{key}" is stored{f" in {stream}" if stream else ""}, so no trigger has seen it.',
        hint=f"{near} {hint}" if near else hint,
    )


def _document(
    event: EventRow, story: Sequence[Entry], standing: Sequence[Standing], around: Sequence[str], said: str
) -> dict[str, Any]:
    names = ("stream", "key", "version", "versions", "first_seen", "last_seen", "fields")
    return {
        "event": {name: getattr(event, name) for name in names},
        "story": [{**entry.__dict__, "changes": [change.__dict__ for change in entry.changes]} for entry in story],
        "triggers": [one.__dict__ for one in standing],
        "circumstances": [*around],
        "answer": said,
    }


_STYLES = {
    "matched": "bold green", "held": "cyan", "dropped": "yellow", "unread": "red", "overlapped": "yellow",
    "rearmed": "dim", "suppressed": "red",
    "paused": "red", "resumed": "green", "baseline": "dim", "fired": "green", "broken": "red", "unjudged": "red",
    "not considered": "yellow", "not matching": "dim", "over": "dim",
}  # fmt: skip


def _draw(
    output: Output,
    event: EventRow,
    story: Sequence[Entry],
    standing: Sequence[Standing],
    around: Sequence[str],
    said: str,
) -> None:
    from playbooks_engine.cli.wording import one_line
    from playbooks_engine.web.changes import grade, headline, state

    line = _Lines(output)
    about = [event.stream, event.key, grade(event.fields), state(event.fields)]
    line("", (one_line(headline(event.fields, event.key), LONGEST), "bold"))
    line("", ("  ".join(part for part in about if part), "dim"))
    day = ""
    for entry in story:
        if (today := f"{entry.at:%Y-%m-%d}") != day:
            day = today
            output.line()
            line("", (f"{day} (UTC)", "bold"))
        _entry(line, entry)
    output.line()
    line("", ("Now", "bold"))
    width = max((len(one.playbook) for one in standing), default=0)
    for one in standing:
        line(f"  {one.playbook:<{width}}  ", (one.text, _style(one.state)))
        for text in _terms(one.saw) if one.state == "not matching" else ():
            line(f"  {'':<{width}}  ", (text, "dim"))
        if one.paused:
            line(f"  {'':<{width}}  ", (one.paused, "red"))
    for text in around or ([] if standing else ["no playbook watches this stream"]):
        line("  ", (text, "yellow"))
    output.line()
    line("", (said, "bold"))


class _Lines:
    """Writes lines whose text stays right of what leads them, also where a terminal breaks them."""

    def __init__(self, output: Output) -> None:
        from playbooks_engine.cli.drawing import console

        self._output = output
        self._screen = console(output)

    def __call__(self, lead: str, *parts: tuple[str, str]) -> None:
        from rich.table import Table
        from rich.text import Text

        from playbooks_engine.cli.drawing import styled

        told = Text.assemble(*(styled(self._output, text, style) for text, style in parts))
        if not lead:
            self._screen.print(told, overflow="fold")
            return
        row = Table.grid()
        row.add_column(no_wrap=True)
        row.add_column(overflow="fold")
        row.add_row(styled(self._output, lead, "dim" if lead[0].isdigit() else ""), told)
        self._screen.print(row)


def _entry(line: _Lines, entry: Entry) -> None:
    from playbooks_engine.cli.wording import one_line

    who = f"{entry.playbook}  " if entry.kind in ("considered", "decided", "run") and entry.playbook else ""
    indent = {"step": "  ", "call": "    "}.get(entry.kind, "")
    computed = " (judged now)" if entry.computed else ""
    style = _style(entry.status) if entry.kind != "considered" else "dim"
    text = one_line(entry.text, LONGEST * 4)
    line(f"{entry.at:%H:%M:%S}  {indent}", (who, "cyan"), (text, style), (computed, "dim"))
    for change in entry.changes:
        line(" " * 12, (_change(change), ""))
    for told in _terms(entry.saw):
        line(" " * 12, (told, "dim"))


def _style(status: str) -> str:
    from playbooks_engine.cli.drawing import STYLES

    return _STYLES.get(status, STYLES.get(status, ""))


def _change(change: Change) -> str:
    from playbooks_engine.runtime.sentences import value

    if change.kind == "added":
        return f"{change.name}: {value(change.after)} (new)"
    if change.kind == "removed":
        return f"{change.name}: {value(change.before)} (gone)"
    return f"{change.name}: {value(change.before)} -> {value(change.after)}"


def _terms(saw: Sequence[Sequence[Any]]) -> list[str]:
    """What a condition saw: each part it read, on as few lines as they fit on."""
    from playbooks_engine.runtime.sentences import value

    lines = [""]
    for text, seen in saw:
        part = f"{text} is {value(seen)}"
        if lines[-1] and len(lines[-1]) + len(part) > LONGEST:
            lines.append("")
        lines[-1] += f", {part}" if lines[-1] else part
    return [line for line in lines if line]
