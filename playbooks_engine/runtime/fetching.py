"""Fetching a stream: every page stored with how far it reaches, nothing lost and nothing doubled.

What it takes for granted of a service: whatever is updated shows in lists at most LATE afterwards, with a time of
update that is off by at most SKEW. Then everything updated longer than SETTLED ago is final when a fetch looks at it. A
sweep that begins at S reads all that is not known to be final; what it could not see yet was updated after S - SETTLED,
which is where the next sweep begins. Between sweeps each tick reads `look_back` again, so that most of what is late or
off is there within minutes. Each page is stored in one transaction with the marks it allows, so a crash repeats at most
a page.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection

from playbooks_engine.errors import BadUsage, EngineError, StoreUnusable, TimedOut, UnexpectedAnswer
from playbooks_engine.language.mapping import FieldMapping, MappedEvent
from playbooks_engine.runtime.detailing import in_detail
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.keeping import keep
from playbooks_engine.runtime.mappings import mapping_of
from playbooks_engine.runtime.paging import Page, walk
from playbooks_engine.runtime.records import Actor
from playbooks_engine.runtime.running.failing import as_failure
from playbooks_engine.runtime.streams import Source, source, sources
from playbooks_engine.sdk import Window, moment_of
from playbooks_engine.store import events
from playbooks_engine.store.database import BUSY_TIMEOUT
from playbooks_engine.store.events import Arrival, Stored, StreamRow

log = logging.getLogger(__name__)

SWEEP_EVERY = timedelta(hours=1)
LATE = timedelta(minutes=60)
"""How late an update may become visible in the service's lists."""

SKEW = timedelta(minutes=10)
"""How far the service's clock may be ahead of ours, or behind."""

SETTLED = LATE + SKEW
"""What was updated longer ago is final: an hourly sweep reads two hours and ten minutes again, at least."""

MOST_REPORTED = 10
"""Bad events that are reported one by one; the others are counted."""

SERVICE = Actor("service", "fetch")


@dataclass(frozen=True)
class Fetched:
    """What a fetch brought. `complete_up_to`: everything updated before it is stored."""

    stream: str
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    complete_up_to: datetime | None = None
    requests: int = 0
    bad: int = 0
    warnings: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        upto = self.complete_up_to
        return {**self.__dict__, "complete_up_to": upto.isoformat().replace("+00:00", "Z") if upto else None}


T = TypeVar("T")

OnPage = Callable[[Fetched], None]


@dataclass(frozen=True)
class _Plan:
    """What one fetch will read, and which marks it may move."""

    window: Window
    reason: str
    began: datetime
    most: int | None

    @property
    def moves(self) -> bool:
        return self.reason != "manual"


@dataclass
class _Tally:
    """What has come so far."""

    stored: Stored = field(default_factory=Stored)
    pages: int = 0
    requests: int = 0
    bad: list[str] = field(default_factory=list)
    unmatched: frozenset[str] | None = None

    @property
    def events(self) -> int:
        return self.stored.new + self.stored.updated + self.stored.unchanged + self.stored.older

    @property
    def counted(self) -> dict[str, Any]:
        """What the row of a fetch says of it."""
        return {"stored": self.stored, "pages": self.pages, "requests": self.requests, "bad": len(self.bad)}

    def add(self, page: Page, stored: Stored) -> None:
        self.stored += stored
        self.pages += 1
        self.requests += page.requests
        self.bad += page.bad
        if page.unmatched is not None:
            self.unmatched = page.unmatched if self.unmatched is None else self.unmatched & page.unmatched


async def fetch(
    engine: Engine,
    name: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    query: str | None = None,
    limit: int | None = None,
    actor: Actor = SERVICE,
    on_page: OnPage | None = None,
) -> Fetched:
    """Fetch a stream, from where the last fetch ended, and store what is found.

    With `since`, `until`, `query` or `limit` it stores what it finds and never moves the stream's watermark. Raises
    CommandFailed (and notes that the stream is failing), BadUsage for an unknown stream, BadPlaybook for a mapping
    with errors, StoreUnusable while the disk is full.
    """
    engine.database.room.refuse()  # what is not fetched stays with the service
    found = sources(engine, name)
    if len(found) > 1:
        raise BadUsage(f'"{name}" has several streams.', hint=f"Name one: {', '.join(one.name for one in found)}")
    stream = found[0]
    engine.calling.link(stream.connection)  # an inactive connection is refused before anything is noted
    manual = any(given is not None for given in (since, until, query, limit))
    now = engine.clock.now()
    state = await _state(engine, stream, now)
    plan = _manual(stream, now, since, until, query, limit) if manual else _due(stream, state, now)
    tally = _Tally()
    window = plan.window
    fetch_id = await _keep(
        engine,
        lambda connection: events.begin_fetch(
            connection, stream.name, plan.reason, now, since=window.since, until=window.until, query=window.query
        ),
    )
    try:
        mapping, digest = mapping_of(engine, stream)
        pages = walk(
            lambda window: engine.calling.call(stream.connection, stream.stream.page(window), actor),
            stream.stream,
            mapping,
            plan.window,
            settled=plan.began - SETTLED,
            count=counting(engine, stream, actor),
        )
        async for page in pages:
            if stream.settings.detail:
                page = await _in_detail(engine, stream, mapping, page, actor)  # noqa: PLW2901 - the same page, with more
            last = await _store(engine, stream, plan, page, tally, fetch_id, digest)
            if on_page is not None:
                on_page(_fetched(engine, stream, tally))
            if last:
                break
    except asyncio.CancelledError:
        # The service stops: what is stored stays, and the next fetch goes on from there.
        stopped = TimedOut("The fetch was stopped half-way.")
        with suppress(StoreUnusable), engine.database.transaction(patient=False) as connection:
            _failure(engine, stream, tally, fetch_id, stopped, failing=False)(connection)
        raise
    except Exception as error:
        await _keep(engine, _failure(engine, stream, tally, fetch_id, error, failing=plan.moves))
        raise
    return _fetched(engine, stream, tally)


def map_one(engine: Engine, name: str, document: Any) -> MappedEvent:
    """One event in the vendor's JSON, bare or inside the vendor's envelope, mapped like any other."""
    stream = source(engine, name)
    mapping, _ = mapping_of(engine, stream)
    inside = mapping.events(document) if isinstance(document, dict) else None
    if inside is not None and inside.doubt is None and len(inside.events) + len(inside.bad) > 1:
        raise BadUsage("There are several events in this document.", hint="Give one of them.")
    if inside is not None and len(inside.events) == 1:
        return inside.events[0]
    try:
        return mapping.event(_unwrapped(document, mapping))
    except ValueError as error:
        raise BadUsage(f"This is no event of {name}: {error}.", hint="Give one event in the vendor's JSON.") from None


def _unwrapped(document: Any, mapping: FieldMapping) -> Any:
    """One event out of the envelope around one: where the list would be stands the event itself."""
    if isinstance(document, dict) and mapping.main_path is not None:
        found = mapping.main_path.find(document)
        if len(found) == 1 and isinstance(found[0], list) and len(found[0]) == 1:
            return found[0][0]
        if len(found) == 1 and isinstance(found[0], dict) and mapping.main_path.text != "$":
            return found[0]
    return document


def complete_up_to(state: StreamRow | None) -> datetime | None:
    """Everything updated before this is stored: the lesser of how far ticks and sweeps have looked."""
    if state is None or state.complete_up_to is None or state.swept_up_to is None:
        return None
    return min(state.complete_up_to, state.swept_up_to)


def counting(engine: Engine, stream: Source, actor: Actor) -> Callable[[Window], Awaitable[int]] | None:
    """How many events the service says were updated in a window; None where it does not count."""
    asked = stream.stream.count
    if asked is None:
        return None

    async def count(window: Window) -> int:
        called = await engine.calling.call(stream.connection, asked(window), actor)
        try:
            return int(called.result.output["count"])  # type: ignore[union-attr]  # a read is never planned
        except (KeyError, TypeError, ValueError):
            raise UnexpectedAnswer("The answer to a count holds no number.") from None

    return count


async def _keep(engine: Engine, note: Callable[[Connection], T]) -> T:
    return await keep(engine, note, patience=BUSY_TIMEOUT.total_seconds())


async def _state(engine: Engine, stream: Source, now: datetime) -> StreamRow:
    """How far the stream is known; where our clock went back behind that, only as far as what is stored reaches.

    While the clock was ahead, what was fetched began too late, and the marks say what is not true.
    """
    with engine.database.reading() as connection:
        state = events.stream_state(connection, stream.name) or StreamRow(stream=stream.name)
    if all(mark is None or mark <= now for mark in (state.complete_up_to, state.swept_up_to)):
        return state

    def take_back(connection: Connection) -> datetime:
        newest = events.newest_version(connection, stream.name)
        known = now - timedelta(seconds=stream.settings.start)
        with suppress(ValueError):
            known = min(moment_of(newest or ""), now)
        known -= SETTLED + SWEEP_EVERY
        events.set_watermark(connection, stream.name, complete_up_to=known, swept_up_to=known)
        return known

    known = await _keep(engine, take_back)
    log.warning("%s: the clock went back; fetched again is what was updated since %s", stream.name, known)
    return replace(state, complete_up_to=known, swept_up_to=known)


def _manual(
    stream: Source,
    now: datetime,
    since: datetime | None,
    until: datetime | None,
    query: str | None,
    limit: int | None,
) -> _Plan:
    settings = stream.settings
    own = [f"({condition})" for condition in (settings.query, query) if condition]
    condition = " AND ".join(own) if len(own) > 1 else query or settings.query
    start = now - timedelta(seconds=settings.start)
    return _Plan(Window(since or start, until or now + SKEW, settings.page_size, query=condition), "manual", now, limit)


def _due(stream: Source, state: StreamRow, now: datetime) -> _Plan:
    """What is to be fetched now: all that is not known to be final in a sweep, the look-back in a tick."""
    settings = stream.settings
    begin, reason = now - timedelta(seconds=settings.start), "sweep"
    if state.complete_up_to is not None:
        begin = state.complete_up_to - timedelta(seconds=settings.look_back)
        if state.swept_up_to is not None and now < state.swept_up_to + SWEEP_EVERY:
            reason = "tick"
        else:
            begin = min(begin, (state.swept_up_to or now - SWEEP_EVERY) - SETTLED)
    return _Plan(Window(begin, now + SKEW, settings.page_size, query=settings.query), reason, now, None)


async def _in_detail(engine: Engine, stream: Source, mapping: FieldMapping, page: Page, actor: Actor) -> Page:
    read = await in_detail(engine, stream, mapping, page.events, actor)
    return replace(page, events=read.events, bad=page.bad + read.bad, requests=page.requests + read.requests)


async def _store(
    engine: Engine, stream: Source, plan: _Plan, page: Page, tally: _Tally, fetch_id: int, digest: str
) -> bool:
    """One page with its marks, in one transaction; True when it was the last."""
    found = page.events
    last = page.last
    if plan.most is not None and tally.events + len(found) >= plan.most:
        found, last = found[: plan.most - tally.events], True
    kept = engine.secrets.without  # somebody may have pasted our key into an alert
    arrivals = [Arrival(event.key, event.version, kept(event.fields), kept(event.raw)) for event in found]
    now = engine.clock.now()

    def note(connection: Connection) -> None:
        stored = events.store_page(connection, stream.name, arrivals, now) if arrivals else Stored()
        tally.add(page, stored)
        if plan.moves:
            reached = plan.began if last or page.reached is None else page.reached
            upto = min(reached, plan.began)
            # What this sweep has passed and was settled when it began is final, so a crash does not begin it anew.
            swept = min(reached + SETTLED, plan.began) if plan.reason == "sweep" else None
            events.move_watermark(connection, stream.name, complete_up_to=upto, swept_up_to=swept)
        if last:
            if plan.moves:
                events.describe_stream(connection, stream.name, query=plan.window.query, mapping_digest=digest)
                events.stream_fetched(connection, stream.name, now)
            events.end_fetch(connection, fetch_id, now, **tally.counted)

    await _keep(engine, note)
    for reason in page.bad[:MOST_REPORTED]:
        log.warning("%s: %s; it was left out, the others are stored", stream.name, reason)
    return last


def _failure(
    engine: Engine, stream: Source, tally: _Tally, fetch_id: int, error: Exception, *, failing: bool
) -> Callable[[Connection], None]:
    """A fetch that failed says so: it is never taken for one that found nothing new."""
    known = error if isinstance(error, EngineError) else EngineError(f"{type(error).__name__}: {error}")
    told = engine.secrets.clean(as_failure(known, "").as_json())
    now = engine.clock.now()

    def note(connection: Connection) -> None:
        if failing:
            events.stream_failed(connection, stream.name, told, now)
        events.end_fetch(connection, fetch_id, now, **tally.counted, error=told)

    return note


def _fetched(engine: Engine, stream: Source, tally: _Tally) -> Fetched:
    with engine.database.reading() as connection:
        state = events.stream_state(connection, stream.name)
    warnings = [f"{reason}; it was left out" for reason in tally.bad[:MOST_REPORTED]]
    if len(tally.bad) > MOST_REPORTED:
        warnings.append(f"{len(tally.bad) - MOST_REPORTED} more events could not be mapped")
    warnings += [
        f"the field {name} matched nothing in any event of this fetch" for name in sorted(tally.unmatched or ())
    ]
    return replace(
        Fetched(stream.name),
        new=tally.stored.new,
        updated=tally.stored.updated,
        unchanged=tally.stored.unchanged + tally.stored.older,
        complete_up_to=complete_up_to(state),
        requests=tally.requests,
        bad=len(tally.bad),
        warnings=warnings,
    )
