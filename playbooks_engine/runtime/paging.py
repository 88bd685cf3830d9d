"""Walking a stream page by page, oldest update first, while its events go on changing.

A page never begins at a number of events, as those shift while events move to the end with each update: it begins at
a time. Only where more events than a page holds carry the same time are some left out by number; the first event of
such a page is one that was seen, and where it is not, that time is walked again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from playbooks_engine.errors import BadProject, UnexpectedAnswer
from playbooks_engine.language.mapping import FieldMapping, MappedEvent
from playbooks_engine.runtime.calling import Called
from playbooks_engine.sdk import Stream, Window, moment_of

Ask = Callable[[Window], Awaitable[Called]]

MOST_RESTARTS = 20
"""How often one instant is walked again because its events moved meanwhile."""


@dataclass(frozen=True)
class Page:
    """What one page brought that this walk had not seen; `reached`: everything updated before it was seen."""

    events: list[MappedEvent]
    bad: list[str]
    unmatched: frozenset[str] | None
    """Fields that matched nothing; None where no event could tell."""
    requests: int
    reached: datetime | None
    last: bool


@dataclass
class _Walk:
    since: datetime
    skip: int = 0
    restarts: int = 0
    seen: dict[str, tuple[str | None, datetime | None]] = field(default_factory=dict)
    """Events of this walk that a later page may hold again: version and instant, by key."""


async def walk(
    ask: Ask,
    stream: Stream,
    mapping: FieldMapping,
    window: Window,
) -> AsyncIterator[Page]:
    """Every page of the window, whose `limit` is the size of a page.

    Raises CommandFailed, also when a page holds no list of events or an instant holds more than can be paged through.
    """
    at = _Walk(window.since)
    number = requests = 0
    while True:
        # One event of a page may be one that was seen, so a page of one would show nothing new.
        size = min(max(window.limit, 2), stream.ceiling - at.skip)
        called = await ask(Window(at.since, window.until, size, at.skip, window.query))
        number += 1
        requests += called.requests
        assert called.result is not None  # noqa: S101 - reads are never planned
        mapped = mapping.events(called.result.raw)
        if mapped.doubt is not None:
            # Nothing found where the events should be is no "no new events".
            raise UnexpectedAnswer(
                f"The answer holds no events: {mapped.doubt}.", hint="Correct `events` in the field mapping."
            )
        count = len(mapped.events) + len(mapped.bad)
        instants = sorted(instant for event in mapped.events if (instant := _instant(event)) is not None)
        if at.skip and count and not mapped.bad and mapped.events[0].key not in at.seen:
            at.restarts += 1
            if at.restarts > MOST_RESTARTS:
                raise UnexpectedAnswer(f"The events updated at {_told(at.since)} change faster than they can be read.")
            at.skip = 0
            continue
        fresh = [event for event in mapped.events if at.seen.get(event.key, ("",))[0] != event.version]
        fresh = list({event.key: event for event in fresh}.values())
        last = count < size
        reached = None if last else _go_on(at, stream, fresh, instants, count, size)
        yield Page(
            events=fresh,
            bad=[f"event {index + 1} of page {number}: {reason}" for index, reason in mapped.bad],
            unmatched=frozenset(mapped.unmatched) if mapped.events else None,
            requests=requests,
            reached=reached,
            last=last,
        )
        if last:
            return
        requests = 0


def _go_on(
    at: _Walk, stream: Stream, fresh: list[MappedEvent], instants: list[datetime], count: int, size: int
) -> datetime:
    """Move on to where the next page begins; returns that time."""
    for event in fresh:
        at.seen[event.key] = (event.version, _instant(event))
    # The latest is left to the next page: a search index that lags gives an event its old place with its new time,
    # and to go on from there would pass over everything in between.
    latest = instants[-2:][0] if instants else at.since
    if latest > at.since:
        at.since, at.skip, at.restarts = latest, 0, 0
        at.seen = {key: known for key, known in at.seen.items() if known[1] is None or known[1] >= latest}
    elif at.skip + size >= stream.ceiling:
        raise UnexpectedAnswer(
            f"{at.skip + count:,} events or more were updated at {_told(at.since)}, "
            f"and the service pages through {stream.ceiling:,} at most: this fetch cannot be complete.",
            hint="Narrow the stream's query by a field that never changes, or fetch in several connections.",
        )
    else:
        at.skip += max(count - 1, 1)
    return at.since


def _instant(event: MappedEvent) -> datetime | None:
    if event.version is None:
        return None
    try:
        return moment_of(event.version)
    except ValueError:
        raise BadProject(
            f"The version of event {event.key} is {event.version!r}, which is no time.",
            hint="`version` in the field mapping must lead to the time of the last update: pages follow it.",
        ) from None


def _told(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
