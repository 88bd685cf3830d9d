"""Rotations: whose turn it is, from when until when."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class Participant:
    """One place in a rotation; a `none` has neither id nor name and nobody is on call."""

    type: Literal["user", "team", "escalation", "schedule", "none"]
    id: str = ""
    name: str = ""
    forwarded_from: "Participant | None" = None
    """Whose turn it would have been."""

    def shown(self) -> dict[str, str]:
        if self.type == "none":
            return {"type": "none"}
        return {"type": self.type, "id": self.id, "username" if self.type == "user" else "name": self.name}


@dataclass(frozen=True)
class Window:
    """A stretch of local time in which a restricted rotation is on; every day when no day is given."""

    start_hour: int
    start_minute: int
    end_hour: int
    end_minute: int
    start_day: str | None = None
    end_day: str | None = None

    def shown(self) -> dict[str, Any]:
        hours: dict[str, Any] = {
            "startHour": self.start_hour,
            "startMin": self.start_minute,
            "endHour": self.end_hour,
            "endMin": self.end_minute,
        }
        return {"startDay": self.start_day, "endDay": self.end_day, **hours} if self.start_day else hours

    def on(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
        """The stretch that begins on a local day."""
        if self.start_day is not None and DAYS[day.weekday()] != self.start_day:
            return None
        start, end = time(self.start_hour, self.start_minute), time(self.end_hour, self.end_minute)
        days = 0
        if self.start_day is not None and self.end_day is not None:
            days = (DAYS.index(self.end_day) - DAYS.index(self.start_day)) % 7
        if days == 0 and end <= start:
            # Ends before it begins: it goes over midnight, or over the whole week.
            days = 1 if self.start_day is None else 7
        return moment(day, start, zone), moment(day + timedelta(days=days), end, zone)


@dataclass(frozen=True)
class Rotation:
    """A list of participants who take turns."""

    id: str
    name: str
    start: datetime
    type: Literal["hourly", "daily", "weekly"]
    length: int
    participants: tuple[Participant, ...]
    end: datetime | None = None
    windows: tuple[Window, ...] = ()
    restriction: Literal["time-of-day", "weekday-and-time-of-day"] | None = None

    def turn_start(self, turn: int, zone: ZoneInfo) -> datetime:
        """When a turn begins: hours are counted as they pass, days and weeks by the wall clock."""
        if self.type == "hourly":
            return self.start + timedelta(hours=turn * self.length)
        wall = self.start.astimezone(zone).replace(tzinfo=None) + timedelta(days=turn * self._days())
        return wall.replace(tzinfo=zone).astimezone(UTC)

    def turn_at(self, at: datetime, zone: ZoneInfo) -> int:
        """The number of the turn a moment falls into."""
        step = timedelta(hours=self.length) if self.type == "hourly" else timedelta(days=self._days())
        turn = (at - self.start) // step
        while self.turn_start(turn, zone) > at:
            turn -= 1
        while self.turn_start(turn + 1, zone) <= at:
            turn += 1
        return turn

    def participant(self, turn: int) -> Participant:
        return self.participants[turn % len(self.participants)]

    def periods(
        self, since: datetime, until: datetime, zone: ZoneInfo
    ) -> Iterator[tuple[datetime, datetime, Participant]]:
        """Who is on call in a stretch of time, in order; gaps are where nobody is."""
        since = max(since, self.start)
        until = min(until, self.end) if self.end else until
        if since >= until or not self.participants:
            return
        allowed = self._allowed(since, until, zone)
        turn = self.turn_at(since, zone)
        while (begin := self.turn_start(turn, zone)) < until:
            finish = self.turn_start(turn + 1, zone)
            participant = self.participant(turn)
            turn += 1
            if participant.type == "none":
                continue
            for window_start, window_end in allowed:
                start, end = max(begin, since, window_start), min(finish, until, window_end)
                if start < end:
                    yield start, end, participant

    def _days(self) -> int:
        return self.length * (7 if self.type == "weekly" else 1)

    def _allowed(self, since: datetime, until: datetime, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
        if not self.windows:
            return [(since, until)]
        day, last = since.astimezone(zone).date() - timedelta(days=8), until.astimezone(zone).date()
        found = []
        while day <= last:
            found += [stretch for window in self.windows if (stretch := window.on(day, zone))]
            day += timedelta(days=1)
        merged: list[tuple[datetime, datetime]] = []
        for start, end in sorted(found):
            if end <= since or start >= until:
                continue
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return merged


def moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """A local wall time as a moment; of two equal wall times the first."""
    return datetime.combine(day, at, zone).astimezone(UTC)
