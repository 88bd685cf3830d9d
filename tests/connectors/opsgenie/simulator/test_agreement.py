"""Who is on call at a moment is who the timeline draws at it: through clock changes and all that moves a turn."""

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from connectors.opsgenie.simulator.instants import read, written
from connectors.opsgenie.simulator.running import Simulator

HOURS = {"startHour": 22, "startMin": 30, "endHour": 6, "endMin": 15}
RESTRICTIONS = {
    "none": None,
    "nights": {"type": "time-of-day", "restriction": HOURS},
    "through the hour of the change": {
        "type": "time-of-day", "restriction": {"startHour": 1, "startMin": 30, "endHour": 2, "endMin": 30},
    },
    "weekends": {"type": "weekday-and-time-of-day", "restrictions": [
        {"startDay": "friday", "startHour": 18, "startMin": 0, "endDay": "monday", "endHour": 2, "endMin": 30},
        {"startDay": "wednesday", "startHour": 9, "startMin": 0, "endDay": "wednesday", "endHour": 17, "endMin": 0},
    ]},
}  # fmt: skip
CHANGES = {
    "Europe/Berlin": ("2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"),
    "America/New_York": ("2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z"),
    "Australia/Lord_Howe": ("2026-04-04T15:00:00Z", "2026-10-03T15:30:00Z"),  # half an hour of summer
}
PEOPLE = [{"type": "user", "username": f"{name}@example.com"} for name in ("ana", "farid", "hiro", "grace")]
PARTICIPANTS = [*PEOPLE, {"type": "none"}, {"type": "team", "name": "payments"}]


def company(zone, change, restriction):
    """A schedule with every kind of rotation, replaced and forwarded around a change of the clocks."""
    chance = random.Random(f"{zone} {change} {restriction}")  # noqa: S311  # makes up turns
    start = read(change) - timedelta(days=40, minutes=chance.randrange(1440))
    rotations = [
        {
            "name": kind,
            "type": kind,
            "length": length,
            "startDate": written(start),
            "participants": chance.sample(PARTICIPANTS, 4),
            **({"timeRestriction": RESTRICTIONS[restriction]} if RESTRICTIONS[restriction] else {}),
        }
        for kind, length in (("hourly", 5), ("daily", 1), ("weekly", 1))
    ]

    def stretch():
        begin = read(change) + timedelta(minutes=chance.randrange(-4000, 4000))
        return {"startDate": written(begin), "endDate": written(begin + timedelta(minutes=chance.randrange(30, 2000)))}

    whole = [{"alias": f"o{number}", "user": chance.choice(PARTICIPANTS[:5]), **stretch()} for number in range(2)]
    single = {"alias": "o9", "user": PEOPLE[0], "rotations": [{"name": "daily"}], **stretch()}
    schedule = {"name": "changing", "timezone": zone, "rotations": rotations, "overrides": [*whole, single]}
    away = [{"fromUser": one, "toUser": other, **stretch()} for one, other in pairwise(PEOPLE)]
    return {"schedules": [schedule], "forwardings": away, "alerts": [], "incidents": []}


def drawn(timeline):
    """Every period of the timeline: from, until, who."""
    return [
        (read(period["startDate"]), read(period["endDate"]), period["recipient"]["name"])
        for rotation in timeline["rotations"]
        for period in rotation.get("periods", ())
    ]


def moments(change, periods):
    """The changes of the clocks and of the turns, just before and after each, and any others."""
    chance = random.Random(change)  # noqa: S311  # picks moments to ask about
    around = [read(change) + timedelta(minutes=minutes) for minutes in range(-150, 151, 15)]
    edges = sorted({edge for start, end, _ in periods for edge in (start, end)})
    some = [read(change) + timedelta(seconds=chance.randrange(-300_000, 300_000)) for _ in range(15)]
    chosen = [*around, *chance.sample(edges, min(25, len(edges))), *some]
    return sorted({at + timedelta(milliseconds=by) for at in chosen for by in (-1, 0)})


@pytest.mark.parametrize("restriction", RESTRICTIONS)
@pytest.mark.parametrize(("zone", "change"), [(zone, change) for zone in CHANGES for change in CHANGES[zone]])
def test_timeline_and_on_calls_agree_through_a_clock_change(zone, change, restriction, client_of):
    now = read(change).astimezone(UTC) + timedelta(hours=1)  # some of it is past, some is to come
    with Simulator(seed=company(zone, change, restriction), now=now, frozen=True) as simulator:
        for domain in ("Configuration", "Schedule-oncalls"):
            simulator.limit(domain, per_second=10_000, per_minute=10_000)
        client = client_of(simulator)

        def ask(path, **query):
            answer = client.get(f"/v2/schedules/changing/{path}", params=query)
            assert answer.status_code == 200, answer.text
            return answer.json()["data"]

        begin = written(read(change) - timedelta(days=7))
        timeline = ask("timeline", identifierType="name", date=begin, intervalUnit="weeks", interval=3)
        periods = drawn(timeline["finalTimeline"])
        seen: set[str] = set()
        for at in moments(change, periods):
            if not read(timeline["startDate"]) <= at < read(timeline["endDate"]):
                continue
            there = {who for start, end, who in periods if start <= at < end}
            people = ask("on-calls", scheduleIdentifierType="name", date=written(at))["onCallParticipants"]
            assert {one["name"] for one in people} == there, at
            seen |= there
        assert len(seen) > 1
        assert any(start < now for start, _, _ in periods)
        assert any(end > now for _, end, _ in periods)


@pytest.mark.parametrize(("zone", "change"), [(zone, change) for zone in CHANGES for change in CHANGES[zone]])
def test_a_rotation_without_restriction_leaves_no_gap_at_a_clock_change(zone, change, client_of):
    rotation = {"name": "r", "type": "daily", "startDate": "2026-01-01T12:30:00Z", "participants": PEOPLE}
    schedule = {"name": "changing", "timezone": zone, "rotations": [rotation]}
    with Simulator(
        seed={"schedules": [schedule], "alerts": [], "incidents": []}, now=datetime(2026, 1, 2, tzinfo=UTC)
    ) as (simulator):
        query = {"identifierType": "name", "date": change, "intervalUnit": "weeks", "interval": 2}
        timeline = client_of(simulator).get("/v2/schedules/changing/timeline", params=query).json()["data"]
        periods = drawn(timeline["finalTimeline"])
        assert all(before[1] == after[0] for before, after in pairwise(periods))
        # One day of the two weeks is longer or shorter, and the turns change at the same hour of the wall all the same.
        lengths = {(end - start) for start, end, _ in periods[1:-1]}
        assert len(lengths) == 2
