"""Recounting: what is stored of a stream held against what the service lists, and each gap named.

Events are listed by time of creation, which never changes, and compared key by key: equal numbers prove nothing, as an
event that is missing here and one that the service has deleted would make up for each other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from playbooks_engine.errors import BadUsage, NotFound
from playbooks_engine.language.mapping import FieldMapping
from playbooks_engine.language.mapping.paths import compile_path
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.fetching import SETTLED, SKEW, complete_up_to
from playbooks_engine.runtime.mappings import mapping_of
from playbooks_engine.runtime.paging import walk
from playbooks_engine.runtime.records import Actor
from playbooks_engine.runtime.streams import Source, source
from playbooks_engine.sdk import Recount, Window, moment_of
from playbooks_engine.store import events

SLICE = timedelta(hours=1)

MOST_ASKED = 200
"""So many events that the service does not list are asked for one by one; the others are only counted as not listed."""


@dataclass(frozen=True, order=True)
class Named:
    """One event; `updated_at` is its version, a time as text."""

    created_at: datetime
    key: str
    updated_at: str | None = None


@dataclass
class Slice:
    """An hour of creation: how many events each side has, and what lacks here."""

    since: datetime
    until: datetime
    listed: int = 0
    stored: int = 0
    missing: list[Named] = field(default_factory=list)
    """Listed by the service, not stored."""
    behind: list[Named] = field(default_factory=list)
    """Stored, but updated since, so long ago that the update should be there."""

    @property
    def lacks(self) -> list[Named]:
        return [*self.missing, *self.behind]


@dataclass
class Recounted:
    """What became of a recount. `until` is where the closed time ends: what is younger may still be on its way."""

    stream: str
    since: datetime
    until: datetime
    slices: list[Slice]
    deleted: list[Named] = field(default_factory=list)
    """Stored, and deleted by the service."""
    unlisted: list[Named] = field(default_factory=list)
    """Stored and there, but not listed: hidden from this key, or outside of the stream's query by now."""
    bad: list[str] = field(default_factory=list)
    """Listed by the service, and cannot be mapped."""
    requests: int = 0

    @property
    def complete(self) -> bool:
        return not self.gaps and not self.bad

    @property
    def gaps(self) -> list[Slice]:
        return [one for one in self.slices if one.lacks]

    @property
    def fetch(self) -> tuple[datetime, datetime] | None:
        """The times of update between which a fetch brings all that lacks; None where nothing does."""
        times = [moment_of(named.updated_at) for gap in self.gaps for named in gap.lacks if named.updated_at]
        return (min(times), max(times) + timedelta(seconds=1)) if times else None


async def recount(
    engine: Engine,
    name: str,
    since: datetime,
    actor: Actor,
    on_page: Callable[[int], None] = lambda listed: None,
) -> Recounted:
    """Hold what is stored against what the service lists, from `since` up to where the stream is complete and settled.

    Raises BadUsage where there is nothing to recount yet, CommandFailed where the service does not answer.
    """
    stream = source(engine, name)
    way = stream.stream.recount
    if way is None:
        raise BadUsage(f"{name} cannot be recounted: connector {stream.connector.name} does not say how.")
    until = _closed(engine, stream)
    if until is None or until <= since:
        told = "it was never fetched to its end" if until is None else f"it is complete and settled up to {until:%F %T}"
        raise BadUsage(
            f"Nothing of {name} can be recounted since {since:%F %T} UTC: {told}.",
            hint=f"Fetch it: playbooks fetch {name}" if until is None else "Give an earlier --since.",
        )
    mapping, _ = mapping_of(engine, stream)
    slices = [Slice(at, min(at + SLICE, until)) for at in _steps(since, until)]
    result = Recounted(stream.name, since, until, slices)
    listed = await _list(engine, stream, way, mapping, result, actor, on_page)
    _compare(result, listed, stored := _stored(engine, stream, way, result))
    await _look_for(engine, stream, result, [stored[key] for key in stored.keys() - listed.keys()], actor)
    return result


def _closed(engine: Engine, stream: Source) -> datetime | None:
    with engine.database.reading() as connection:
        upto = complete_up_to(events.stream_state(connection, stream.name))
    return None if upto is None else upto - SETTLED


def _steps(since: datetime, until: datetime) -> list[datetime]:
    return [since + SLICE * number for number in range(-(-(until - since) // SLICE))]


async def _list(
    engine: Engine,
    stream: Source,
    way: Recount,
    mapping: FieldMapping,
    result: Recounted,
    actor: Actor,
    on_page: Callable[[int], None],
) -> dict[str, Named]:
    """Everything that the service lists of the closed time, by key."""
    by_creation = replace(mapping, version=compile_path(f"$.{way.created}"))
    # The end is not part of the time that is looked at, and a window's end is.
    last = result.until - stream.stream.resolution
    window = Window(result.since, last, stream.settings.page_size, query=stream.settings.query)
    found: dict[str, Named] = {}
    pages = walk(
        lambda asked: engine.calling.call(stream.connection, way.page(asked), actor),
        stream.stream,
        by_creation,
        window,
        settled=result.until,
    )
    async for page in pages:
        result.requests += page.requests
        result.bad += page.bad
        for event in page.events:
            if event.version is not None:
                updated = mapping.event(event.raw).version
                found[event.key] = Named(moment_of(event.version), event.key, updated)
        on_page(len(found))
    return found


def _compare(result: Recounted, listed: dict[str, Named], stored: dict[str, Named]) -> None:
    for named in sorted(listed.values()):
        there = _slice(result, named.created_at)
        there.listed += 1
        if named.key not in stored:
            there.missing.append(named)
        elif _is_behind(stored[named.key], named, result.until):
            there.behind.append(named)
    for named in stored.values():
        _slice(result, named.created_at).stored += 1


def _stored(engine: Engine, stream: Source, way: Recount, result: Recounted) -> dict[str, Named]:
    """What is stored of the closed time, by key. An event is never stored before it was created."""
    with engine.database.reading() as connection:
        rows = events.created_since(connection, stream.name, way.created, result.since - SKEW)
    named = (Named(moment_of(created), key, version) for key, version, created in rows)
    return {one.key: one for one in named if result.since <= one.created_at < result.until}


def _is_behind(stored: Named, listed: Named, settled: datetime) -> bool:
    if stored.updated_at is None or listed.updated_at is None:
        return False
    updated = moment_of(listed.updated_at)
    return moment_of(stored.updated_at) < updated < settled


def _slice(result: Recounted, created_at: datetime) -> Slice:
    return result.slices[(created_at - result.since) // SLICE]


async def _look_for(engine: Engine, stream: Source, result: Recounted, left: list[Named], actor: Actor) -> None:
    """What is stored and not listed: whether the service has it no more, or only does not list it."""
    for number, named in enumerate(sorted(left)):
        gone = False
        if number < MOST_ASKED and stream.stream.refresh is not None:
            result.requests += 1
            try:
                await engine.calling.call(stream.connection, stream.stream.refresh(named.key), actor)
            except NotFound:
                gone = True
        (result.deleted if gone else result.unlisted).append(named)


def as_json(result: Recounted) -> dict[str, Any]:
    """The result as a document; `gaps` are the slices in which something lacks."""
    return {
        "stream": result.stream,
        "status": "complete" if result.complete else "gaps",
        "since": result.since,
        "until": result.until,
        "slices": len(result.slices),
        "listed": sum(one.listed for one in result.slices),
        "stored": sum(one.stored for one in result.slices),
        "gaps": [
            {
                "since": gap.since,
                "until": gap.until,
                "listed": gap.listed,
                "stored": gap.stored,
                "missing": [_document(named) for named in gap.missing],
                "behind": [_document(named) for named in gap.behind],
            }
            for gap in result.gaps
        ],
        "deleted": [_document(named) for named in result.deleted],
        "unlisted": [_document(named) for named in result.unlisted],
        "bad": result.bad,
        "fetch": dict(zip(("since", "until"), result.fetch, strict=True)) if result.fetch else None,
        "requests": result.requests,
    }


def _document(named: Named) -> dict[str, Any]:
    return {"key": named.key, "created_at": named.created_at, "updated_at": named.updated_at}
