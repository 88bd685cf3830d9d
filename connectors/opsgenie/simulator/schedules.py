"""A schedule: rotations, overrides, and who is on call by them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from connectors.opsgenie.simulator.forwarding import Forwarding, edges, forwarded
from connectors.opsgenie.simulator.instants import written
from connectors.opsgenie.simulator.rotations import Participant, Rotation

_INSTANT = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Override:
    """Somebody else, for a while, in some rotations or in all."""

    alias: str
    participant: Participant
    start: datetime
    end: datetime
    rotation_ids: tuple[str, ...] = ()

    def concerns(self, rotation: Rotation) -> bool:
        return not self.rotation_ids or rotation.id in self.rotation_ids

    def shown(self, schedule: "Schedule") -> dict[str, Any]:
        """As on the wire; rotations only when it was made for some."""
        shown: dict[str, Any] = {
            "_parent": schedule.parent(),
            "alias": self.alias,
            "user": self.participant.shown(),
            "startDate": written(self.start),
            "endDate": written(self.end),
        }
        if self.rotation_ids:
            named = [rotation for rotation in schedule.rotations if rotation.id in self.rotation_ids]
            shown["rotations"] = [{"id": rotation.id, "name": rotation.name} for rotation in named]
        return shown


@dataclass(frozen=True)
class Period:
    """A stretch of time in which one participant of a rotation is on call."""

    start: datetime
    end: datetime
    participant: Participant
    type: str = "default"


@dataclass
class Schedule:
    """Who is on call, and when."""

    id: str
    name: str
    zone: ZoneInfo
    rotations: list[Rotation]
    description: str = ""
    enabled: bool = True
    owner_team: dict[str, str] | None = None
    overrides: list[Override] = field(default_factory=list)
    forwardings: Sequence[Forwarding] = ()
    """The company's, all of them."""

    def forget(self, rotation_id: str) -> None:
        """A rotation is gone: overrides made for it alone go with it."""
        left = []
        for override in self.overrides:
            others = tuple(identifier for identifier in override.rotation_ids if identifier != rotation_id)
            if others or not override.rotation_ids:
                left.append(replace(override, rotation_ids=others))
        self.overrides = left

    def planned(self, rotation: Rotation, since: datetime, until: datetime) -> list[Period]:
        """What the rotation alone says."""
        return [Period(*period) for period in rotation.periods(since, until, self.zone)]

    def overridden(self, rotation: Rotation, since: datetime, until: datetime) -> list[Period]:
        """What the overrides alone say; of two at once the later made one holds."""
        periods: list[Period] = []
        for override in self.overrides:
            start, end = max(since, override.start), min(until, override.end)
            if override.concerns(rotation) and start < end:
                periods = list(_without(periods, start, end))
                periods.append(Period(start, end, override.participant, "override"))
        return sorted(periods, key=lambda period: period.start)

    def forwarded(self, rotation: Rotation, since: datetime, until: datetime) -> list[Period]:
        """What forwarding rules change."""
        return [period for period in self.periods(rotation, since, until) if period.type == "forwarding"]

    def periods(self, rotation: Rotation, since: datetime, until: datetime) -> list[Period]:
        """What holds in the end."""
        return [part for period in self._assigned(rotation, since, until) for part in self._handed_over(period)]

    def _handed_over(self, period: Period) -> Iterator[Period]:
        """A period, cut where forwarding begins or ends."""
        moments = edges(self.forwardings, period.participant, period.start, period.end)
        for start, end in pairwise([period.start, *moments, period.end]):
            participant = forwarded(self.forwardings, period.participant, start)
            kind = "forwarding" if participant.forwarded_from else period.type
            yield Period(start, end, participant, kind)

    def _assigned(self, rotation: Rotation, since: datetime, until: datetime) -> list[Period]:
        """Rotation and overrides. An override holds even where the rotation is restricted: not confirmed."""
        overridden = self.overridden(rotation, since, until)
        periods = self.planned(rotation, since, until)
        for override in overridden:
            periods = list(_without(periods, override.start, override.end))
        periods += [period for period in overridden if period.participant.type != "none"]
        return sorted(periods, key=lambda period: period.start)

    def on_call(self, at: datetime) -> list[Participant]:
        """Who is on call at a moment, each once, in the order of the rotations."""
        if not self.enabled:
            return []
        found: dict[Participant, None] = {}
        for rotation in self.rotations:
            for period in self.periods(rotation, at, at + _INSTANT):
                found[period.participant] = None
        return list(found)

    def next_in_turn(self, at: datetime) -> list[Participant]:
        """The participant after the current one, rotation by rotation."""
        found: dict[Participant, None] = {}
        for rotation in self.rotations if self.enabled else []:
            if rotation.end and rotation.end <= at:
                continue
            turn = rotation.turn_at(at, self.zone) + 1 if at >= rotation.start else 0
            if rotation.participant(turn).type != "none":
                begin = max(at, rotation.turn_start(turn, self.zone))
                found[forwarded(self.forwardings, rotation.participant(turn), begin)] = None
        return list(found)

    def next_change(self, at: datetime) -> list[Participant]:
        """Who comes on call at the very next change."""
        if not self.enabled:
            return []
        for days in (2, 15, 120):
            horizon = at + timedelta(days=days)
            coming = [
                period
                for rotation in self.rotations
                for period in self.periods(rotation, at, horizon)
                if period.start > at
            ]
            if coming:
                soonest = min(period.start for period in coming)
                return list(dict.fromkeys(p.participant for p in coming if p.start == soonest))
        return []

    def shown(self, *, with_rotations: bool) -> dict[str, Any]:
        """As on the wire."""
        shown: dict[str, Any] = {
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "timezone": self.zone.key,
            "enabled": self.enabled,
        }
        if self.owner_team:
            shown["ownerTeam"] = dict(self.owner_team)
        if with_rotations:
            shown["rotations"] = [rotation_shown(rotation) for rotation in self.rotations]
        return shown

    def parent(self) -> dict[str, Any]:
        """How an answer about a part of it names the schedule."""
        return {"id": self.id, "name": self.name, "enabled": self.enabled}


def _without(periods: list[Period], start: datetime, end: datetime) -> Iterator[Period]:
    for period in periods:
        if period.end <= start or period.start >= end:
            yield period
            continue
        if period.start < start:
            yield Period(period.start, start, period.participant, period.type)
        if period.end > end:
            yield Period(end, period.end, period.participant, period.type)


def rotation_shown(rotation: Rotation) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": rotation.id,
        "name": rotation.name,
        "startDate": written(rotation.start),
        "type": rotation.type,
        "length": rotation.length,
        "participants": [participant.shown() for participant in rotation.participants],
    }
    if rotation.end:
        shown["endDate"] = written(rotation.end)
    if rotation.restriction == "time-of-day":
        shown["timeRestriction"] = {"type": rotation.restriction, "restriction": rotation.windows[0].shown()}
    elif rotation.restriction:
        windows = [window.shown() for window in rotation.windows]
        shown["timeRestriction"] = {"type": rotation.restriction, "restrictions": windows}
    return shown
