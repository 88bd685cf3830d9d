"""Walking a stream page by page, oldest update first, while its events go on changing.

A page never begins at a number of events, as those shift while events move to the end with each update: it begins at
a time. Only where more events than a page holds carry the same time are some left out by number; the first event of
such a page is one that was seen, unchanged, and where it is not, that time is walked again.

A service sorts by its search index, which may lag behind what it shows: an event then stands at its old place with its
new time, and to go on from that time would pass over everything in between. Times older than `settled` are known to be
true, as no index lags so long. So up to there the walk goes on from such a time only, and where a page holds none, it
asks for what lies before `settled` alone, which the index decides. Behind it the walk goes on from the last time but
one of a page; what it might pass over there lies within what the next sweep reads again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from playbooks_engine.errors import BadProject, UnexpectedAnswer
from playbooks_engine.language.mapping import FieldMapping, Mapped, MappedEvent
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
    until: datetime
    skip: int = 0
    anchor: tuple[str, str | None] | None = None
    """Key and version of the event that the page at `skip` begins with."""
    restarts: int = 0
    seen: dict[str, tuple[str | None, datetime | None]] = field(default_factory=dict)
    """Events of this walk that a later page may hold again: version and instant, by key."""

    def begin_at(self, since: datetime) -> None:
        self.since, self.skip, self.anchor, self.restarts = since, 0, None, 0
        self.seen = {key: known for key, known in self.seen.items() if known[1] is None or known[1] >= since}

    def shifted(self, mapped: Mapped) -> bool:
        """Whether events before `skip` have moved away meanwhile, so that others have taken their places."""
        if self.anchor is None:
            return False
        if not mapped.events or any(index == 0 for index, _ in mapped.bad):
            return True
        return self.anchor != (mapped.events[0].key, mapped.events[0].version)

    def again(self) -> None:
        """Walk the same time once more."""
        self.restarts += 1
        if self.restarts > MOST_RESTARTS:
            raise UnexpectedAnswer(f"The events updated at {_told(self.since)} change faster than they can be read.")
        self.skip, self.anchor = 0, None


async def walk(
    ask: Ask,
    stream: Stream,
    mapping: FieldMapping,
    window: Window,
    *,
    settled: datetime,
    count: Callable[[Window], Awaitable[int]] | None = None,
) -> AsyncIterator[Page]:
    """Every page of the window, whose `limit` is the size of a page.

    Times before `settled` are final. `count` says how many events a window holds, where the service can tell. Raises
    CommandFailed, also when a page holds no list of events or an instant holds more than can be paged through.
    """
    at = _Walk(window.since, window.until)
    number = requests = 0
    while True:
        # One event of a page may be one that was seen, so a page of one would show nothing new.
        size = min(max(window.limit, 2), stream.ceiling - at.skip)
        called = await ask(Window(at.since, at.until, size, at.skip, window.query))
        number += 1
        requests += called.requests
        assert called.result is not None  # noqa: S101 - reads are never planned
        mapped = mapping.events(called.result.raw)
        if mapped.doubt is not None:
            # Nothing found where the events should be is no "no new events".
            raise UnexpectedAnswer(
                f"The answer holds no events: {mapped.doubt}.", hint="Correct `events` in the field mapping."
            )
        fresh = [event for event in mapped.events if at.seen.get(event.key, ("",))[0] != event.version]
        fresh = list({event.key: event for event in fresh}.values())
        for event in fresh:
            at.seen[event.key] = (event.version, _instant(event))
        shifted = at.shifted(mapped)
        short = len(mapped.events) + len(mapped.bad) < size
        last = short and at.until == window.until and not shifted
        if shifted:
            at.again()
        elif short and not last:
            at.begin_at(at.until)
            at.until = window.until
        elif not short:
            await _go_on(at, stream, mapped, size, settled, count, window)
        yield Page(
            events=fresh,
            bad=[f"event {index + 1} of page {number}: {reason}" for index, reason in mapped.bad],
            unmatched=frozenset(mapped.unmatched) if mapped.events else None,
            requests=requests,
            reached=None if last else at.since,
            last=last,
        )
        if last:
            return
        requests = 0


async def _go_on(
    at: _Walk,
    stream: Stream,
    mapped: Mapped,
    size: int,
    settled: datetime,
    count: Callable[[Window], Awaitable[int]] | None,
    window: Window,
) -> None:
    """Move on to where the page after a full one begins."""
    instants = sorted(instant for event in mapped.events if (instant := _instant(event)) is not None)
    if at.since < settled:
        latest = max((instant for instant in instants if instant < settled), default=at.since)
    else:
        latest = instants[-2:][0] if instants else at.since
    if latest > at.since:
        at.begin_at(latest)
    elif at.since < settled < at.until:
        at.until, at.skip, at.anchor = settled, 0, None
    elif at.skip + size < stream.ceiling:
        _skip_on(at, mapped)
    else:
        await _pass_instant(at, stream, instants, size, count, window)


def _skip_on(at: _Walk, mapped: Mapped) -> None:
    """The next page begins with the last good event of this one."""
    bad = {index for index, _ in mapped.bad}
    whole = len(mapped.events) + len(bad)
    good = max((index for index in range(whole) if index not in bad), default=0)
    at.anchor = (mapped.events[-1].key, mapped.events[-1].version) if good else None
    at.skip += good or whole


async def _pass_instant(
    at: _Walk,
    stream: Stream,
    instants: list[datetime],
    size: int,
    count: Callable[[Window], Awaitable[int]] | None,
    window: Window,
) -> None:
    """Go on behind an instant that was paged through as far as the service allows, if that was all of it."""
    read = at.skip + size
    there: int | None = None
    if count is not None and instants and instants[0] == at.since:
        there = await count(Window(at.since, at.since, 1, query=window.query))
        if there <= read:
            at.begin_at(at.since + stream.resolution)
            return
    raise UnexpectedAnswer(
        f"{f'{there:,} events' if there is not None else f'{read:,} events or more'} were updated at "
        f"{_told(at.since)}, and the service pages through {stream.ceiling:,} at most: this fetch cannot be complete.",
        hint="Narrow the stream's query by a field that never changes, or fetch in several connections.",
    )


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
