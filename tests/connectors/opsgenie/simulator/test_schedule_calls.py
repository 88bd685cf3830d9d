"""Schedules over HTTP, and timelines that agree with who is on call."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from connectors.opsgenie.simulator.instants import read, written
from connectors.opsgenie.simulator.running import Simulator

NAMES = ("ops_primary", "ops_secondary", "security_primary")


def test_schedules_are_listed_without_rotations_unless_asked(ask, client):
    assert [schedule["name"] for schedule in ask("/v2/schedules")] == list(NAMES)
    assert "rotations" not in ask("/v2/schedules")[0]
    assert client.get("/v2/schedules").json()["expandable"] == ["rotation"]
    expanded = ask("/v2/schedules", expand="rotation")
    assert [len(schedule["rotations"]) for schedule in expanded] == [1, 1, 2]
    night = expanded[2]["rotations"][1]
    assert night["timeRestriction"] == {
        "type": "time-of-day",
        "restriction": {"startHour": 22, "startMin": 0, "endHour": 6, "endMin": 0},
    }
    assert expanded[1]["rotations"][0]["participants"][2] == {"type": "none"}


def test_one_schedule_is_found_by_id_and_by_name_with_its_rotations(ask):
    by_name = ask("/v2/schedules/ops_primary", identifierType="name")
    assert by_name["rotations"][0]["type"] == "weekly"
    assert ask(f"/v2/schedules/{by_name['id']}") == by_name


@pytest.mark.parametrize("tail", ["", "/timeline"])
def test_an_unknown_schedule_is_told_by_what_was_asked(client, tail):
    by_name = client.get(f"/v2/schedules/ops%2Fx{tail}?identifierType=name")
    assert (by_name.status_code, by_name.json()["message"]) == (404, "No schedule exists with name [ops/x]")
    by_id = client.get(f"/v2/schedules/ops_primary{tail}")
    assert (by_id.status_code, by_id.json()["message"]) == (404, "No schedule exists with id [ops_primary]")


@pytest.mark.parametrize(
    ("query", "start", "end"),
    [
        ({}, "2026-03-22T23:00:00Z", "2026-03-29T22:00:00Z"),
        ({"date": "2026-06-03T10:00:00Z"}, "2026-05-31T22:00:00Z", "2026-06-07T22:00:00Z"),
        ({"interval": 2, "intervalUnit": "days"}, "2026-03-26T23:00:00Z", "2026-03-28T23:00:00Z"),
        ({"interval": 2, "intervalUnit": "months"}, "2026-02-28T23:00:00Z", "2026-04-30T22:00:00Z"),
        ({"intervalUnit": "months", "date": "2026-12-31T12:00:00Z"}, "2026-11-30T23:00:00Z", "2026-12-31T23:00:00Z"),
    ],
)
def test_a_timeline_covers_whole_local_units(ask, query, start, end):
    timeline = ask("/v2/schedules/ops_primary/timeline", identifierType="name", **query)
    assert (timeline["startDate"], timeline["endDate"]) == (start, end)
    assert timeline["_parent"]["name"] == "ops_primary"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("interval", "0"),
        ("intervalUnit", "years"),
        ("date", "soon"),
        ("date", "0001-01-01T00:00:00Z"),
        ("expand", "all"),
    ],
)
def test_a_bad_timeline_parameter_is_refused_by_name(client, name, value):
    answer = client.get("/v2/schedules/ops_primary/timeline", params={"identifierType": "name", name: value})
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == [name]


def test_the_past_of_a_timeline_is_historical_and_flattened(ask):
    rotation = ask("/v2/schedules/ops_primary/timeline", identifierType="name")["finalTimeline"]["rotations"][0]
    assert rotation["order"] == 1.0
    kinds = [period["type"] for period in rotation["periods"]]
    assert kinds == ["historical", "historical", "default"]
    past, current = rotation["periods"][1:]
    assert past["endDate"] == current["startDate"] == "2026-03-27T10:00:00Z"
    assert past["recipient"] == current["recipient"]
    assert past["flattenedRecipients"] == [past["recipient"]]
    assert "flattenedRecipients" not in current


@pytest.mark.parametrize("name", NAMES)
def test_timeline_and_on_calls_agree(opsgenie, ask, name):
    opsgenie.has_override(name, "farid@example.com", "2026-03-28T20:00:00Z", "2026-03-29T04:30:00Z")
    opsgenie.has_override(name, None, "2026-03-31T00:00:00Z", "2026-03-31T06:00:00Z")
    for service in ("Configuration", "Schedule-oncalls"):
        opsgenie.limit(service, per_second=1000)
    timeline = ask(f"/v2/schedules/{name}/timeline", identifierType="name", interval=2)
    rotations = timeline["finalTimeline"]["rotations"]
    edges = [
        edge
        for rotation in rotations
        for period in rotation.get("periods", ())
        for edge in (period["startDate"], period["endDate"])
    ]
    start, end = read(timeline["startDate"]), read(timeline["endDate"])
    chance = random.Random(name)  # noqa: S311  # picks moments to ask about
    moments = [start + (end - start) * chance.random() for _ in range(25)]
    for edge in chance.sample(edges, min(12, len(edges))):
        moments += [read(edge), read(edge) - timedelta(milliseconds=1)]
    seen = set()
    for at in (moment.replace(microsecond=moment.microsecond // 1000 * 1000) for moment in moments):
        if not start <= at < end:
            continue
        drawn = {
            period["recipient"]["name"]
            for rotation in rotations
            for period in rotation.get("periods", ())
            if read(period["startDate"]) <= at < read(period["endDate"])
        }
        on_call = ask(f"/v2/schedules/{name}/on-calls", scheduleIdentifierType="name", flat="true", date=written(at))
        assert set(on_call["onCallRecipients"]) == drawn, at
        seen |= drawn
    assert len(seen) > 1


def test_the_layers_of_a_timeline_can_be_asked_for(opsgenie, ask, client):
    opsgenie.has_override("ops_primary", "farid@example.com", "2026-03-28T10:00:00Z", "2026-03-28T12:00:00Z")
    timeline = ask("/v2/schedules/ops_primary/timeline", identifierType="name", expand="base,override,forwarding")
    base, override = timeline["baseTimeline"]["rotations"][0], timeline["overrideTimeline"]["rotations"][0]
    assert "farid@example.com" not in {period["recipient"]["name"] for period in base["periods"]}
    assert [(period["type"], period["startDate"], period["endDate"]) for period in override["periods"]] == [
        ("override", "2026-03-28T10:00:00Z", "2026-03-28T12:00:00Z")
    ]
    assert "periods" not in timeline["forwardingTimeline"]["rotations"][0]
    final = [period["type"] for period in timeline["finalTimeline"]["rotations"][0]["periods"]]
    assert final == ["historical", "historical", "default", "override", "default"]
    plain = client.get("/v2/schedules/ops_primary/timeline?identifierType=name").json()
    assert "baseTimeline" not in plain["data"]
    assert plain["expandable"] == ["base", "forwarding", "override"]


def test_an_override_may_concern_one_rotation_only(opsgenie, ask):
    at = {"scheduleIdentifierType": "name", "flat": "true", "date": "2026-03-28T04:00:00Z"}
    before = ask("/v2/schedules/security_primary/on-calls", **at)["onCallRecipients"]
    assert len(before) == 2
    opsgenie.has_override(
        "security_primary", "farid@example.com", "2026-03-28T00:00:00Z", "2026-03-28T06:00:00Z", "Night watch"
    )
    assert ask("/v2/schedules/security_primary/on-calls", **at)["onCallRecipients"] == [before[0], "farid@example.com"]


@pytest.mark.parametrize("start", [datetime(2026, 11, 22, 3, tzinfo=UTC), datetime(2024, 2, 29, 23, tzinfo=UTC)])
@pytest.mark.parametrize("name", ["ops_primary", "security_primary"])
def test_somebody_is_always_on_call_in_the_example_company(start, name):
    with Simulator(now=start, frozen=True) as simulator:
        schedule = simulator.state.schedule(name)
        for hours in range(-24 * 30, 24 * 400, 7):
            assert schedule.on_call(start + timedelta(hours=hours)), hours


def test_a_disabled_schedule_has_nobody(opsgenie, ask):
    opsgenie.state.schedule("ops_primary").enabled = False
    on_call = ask("/v2/schedules/ops_primary/on-calls", scheduleIdentifierType="name")
    assert on_call["onCallParticipants"] == []
    assert on_call["_parent"]["enabled"] is False
