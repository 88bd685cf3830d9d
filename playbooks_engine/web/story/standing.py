"""How an event stands with each trigger now, and what keeps a stream or a trigger from acting."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection

from playbooks_engine.errors import ExpressionError
from playbooks_engine.language.playbook import EventTrigger
from playbooks_engine.runtime import sentences
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.library import Loaded
from playbooks_engine.runtime.service_lease import NAME
from playbooks_engine.runtime.suspending import pause_of
from playbooks_engine.runtime.triggers.holding import count, stale_after
from playbooks_engine.runtime.triggers.judging import Judge, digest_of
from playbooks_engine.sdk.durations import format_duration
from playbooks_engine.store import events, leases, owners, triggers
from playbooks_engine.store.events import EventRow
from playbooks_engine.store.looks import looks

State = Literal["held", "fired", "over", "baseline", "not matching", "unjudged", "not considered", "broken"]


@dataclass(frozen=True)
class Standing:
    """How one trigger stands with an event. `saw` is what its condition sees in the event as it is now."""

    playbook: str
    state: State
    text: str
    saw: list[list[Any]] = field(default_factory=list)
    paused: str = ""


def standings(engine: Engine, connection: Connection, event: EventRow, now: datetime) -> list[Standing]:
    """Every trigger that watches the event's stream, and every playbook that cannot be used."""
    good, bad = engine.library.all()
    found = [
        _standing(engine, connection, loaded, loaded.playbook.event, event, now)
        for loaded in good
        if loaded.playbook.event is not None and loaded.playbook.event.stream == event.stream
    ]
    for error in bad:
        finding = next(one for one in error.findings if one.severity == "error")
        text = f"cannot be used, so it starts nothing: {finding.message} (line {finding.line})"
        found.append(Standing(_file(engine, finding.file), "broken", text))
    return found


def _file(engine: Engine, file: str) -> str:
    """A file of the project, by its path in it."""
    whole, folder = Path(file).resolve(), engine.project.folder.resolve()
    return str(whole.relative_to(folder)) if whole.is_relative_to(folder) else file


def _standing(
    engine: Engine, connection: Connection, loaded: Loaded, trigger: EventTrigger, event: EventRow, now: datetime
) -> Standing:
    name, judge = loaded.playbook.name, Judge(engine, trigger)
    saw = judge.saw(event)
    pause = pause_of(connection, engine.project.pausing, loaded)
    paused = pause.told(engine.project.pausing) if pause else ""

    def is_(state: State, text: str) -> Standing:
        return Standing(name, state, text, saw, paused)

    known = triggers.event_trigger(connection, name)
    if known is None:
        return is_("not considered", "it has not looked at this stream yet; what matches already is then its baseline")
    if known.digest != digest_of(trigger):
        return is_("not considered", "it was edited since it looked last; what matches already is then its baseline")
    if known.cursor < event.version_id:
        return is_("not considered", "it has not considered the latest version yet")
    match = triggers.event_match(connection, name, event.stream, event.key)
    try:
        matches = judge.matches(event)
    except ExpressionError as error:
        return is_("unjudged", judge.unjudged(error))
    if match is not None and match.held is not None and pause is not None and match.held >= (trigger.hold or 0.0):
        return is_("held", "it runs as soon as the playbook goes on, if it still matches then")
    if match is not None and match.matching and match.held is not None:
        return is_("held", _held(engine, connection, trigger, match, now))
    if match is not None and match.matching:
        return is_(*_fired(match))
    if matches:
        return is_("over", "it matches by now, and no new version has come since it did not: that is no occurrence")
    return is_("not matching", "it does not match")


def _held(
    engine: Engine, connection: Connection, trigger: EventTrigger, match: triggers.EventMatch, now: datetime
) -> str:
    assert match.held_to is not None  # noqa: S101 - it is held
    held = count(match, looks(connection, match.stream, match.held_to), now, stale_after(engine, match.stream))
    over = format_duration(int(min(held.seconds, trigger.hold or 0)))
    text = f"it is held: {over} of {format_duration(trigger.hold or 0)} are over"
    return text if held.fresh else f"{text}; the clock stands still, as {match.stream} is not looked at"


def _fired(match: triggers.EventMatch) -> tuple[State, str]:
    if match.run_id is not None:
        return "fired", f"it fired with run {match.run_id}, and fires again only after it has left the condition"
    since = match.since.strftime("%Y-%m-%d %H:%M:%S UTC")
    return "baseline", f"it matched already when the trigger was new, at {since}: that starts nothing"


def circumstances(engine: Engine, connection: Connection, stream: str, now: datetime) -> list[str]:
    """What keeps events of a stream from coming, or triggers from acting on them; nothing where all is well."""
    return [*_of_the_stream(engine, connection, stream, now), *_of_the_service(connection, now)]


def _of_the_stream(engine: Engine, connection: Connection, stream: str, now: datetime) -> list[str]:
    name, _, of_connection = stream.partition(".")
    known = engine.project.connections.get(name)
    if known is None:
        return [f"project.yml has no connection {name} any more, so {stream} is not fetched"]
    if not known.active:
        return [f"connection {name} is not active, so {stream} is not fetched"]
    if of_connection not in known.fetch:
        return [f"project.yml does not say to fetch {stream}, so only `playbooks fetch` brings its events"]
    state = events.stream_state(connection, stream)
    if state is None or state.last_fetch_at is None:
        return [f"{stream} was never fetched to the end"]
    if state.failing_since is not None:
        since = state.failing_since.strftime("%Y-%m-%d %H:%M:%S UTC")
        return [f"fetching {stream} fails since {since}: {sentences.error(state.last_error)}"]
    if now - state.last_fetch_at > stale_after(engine, stream):
        return [f"{stream} was fetched last at {state.last_fetch_at:%Y-%m-%d %H:%M:%S} UTC"]
    return []


def _of_the_service(connection: Connection, now: datetime) -> list[str]:
    held = leases.holder(connection, NAME)
    lives = held is not None and held.until is not None and held.until > now
    if held is not None and lives and held.owner is not None and not owners.is_gone(held.owner):
        return []
    return ["no service is running: triggers look at events only while `playbooks serve` runs"]
