"""Forwarding rules over HTTP, and what they do to who is on call."""

import random
from datetime import timedelta

import pytest

from connectors.opsgenie.simulator.instants import read, written

PATH = "/v2/forwarding-rules"
# In this week of the example company Chloe has the primary until Saturday 27 March noon or so.
WEEK = {"startDate": "2026-03-27T12:00:00Z", "endDate": "2026-03-29T12:00:00Z"}
BY_NAME = {"scheduleIdentifierType": "name"}


@pytest.fixture
def absent(ask):
    """Who is on call now."""
    return ask("/v2/schedules/ops_primary/on-calls", flat="true", **BY_NAME)["onCallRecipients"][0]


@pytest.fixture
def rule(do, absent):
    body = {"fromUser": {"username": absent}, "toUser": {"username": "farid@example.com"}, "alias": "holiday", **WEEK}
    return do("POST", PATH, body, 201)["data"]


def test_a_rule_is_made_shown_changed_and_removed(do, ask, rule, absent):
    assert rule["alias"] == "holiday"
    shown = ask(f"{PATH}/holiday", identifierType="alias")
    assert shown == ask(f"{PATH}/{rule['id']}") == ask(PATH)[-1]
    assert (shown["fromUser"]["username"], shown["toUser"]["username"]) == (absent, "farid@example.com")
    body = {"fromUser": shown["fromUser"], "toUser": {"username": "hiro@example.com"}, **WEEK}
    do("PUT", f"{PATH}/{rule['id']}", body)
    assert ask(f"{PATH}/{rule['id']}")["toUser"]["username"] == "hiro@example.com"
    assert ask(f"{PATH}/{rule['id']}")["alias"] == "holiday"
    assert do("DELETE", f"{PATH}/holiday", identifierType="alias")["result"] == "Deleted"
    do("GET", f"{PATH}/{rule['id']}", status=404)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"fromUser": None}, "fromUser"),
        ({"toUser": {"id": "nobody"}}, "toUser"),
        ({"toUser": {"username": "ana@example.com"}}, "toUser"),
        ({"startDate": "soon"}, "startDate"),
        ({"endDate": "2026-03-27T12:00:00Z"}, "endDate"),
    ],
)
def test_a_bad_rule_is_refused_by_field(do, change, field):
    body = {"fromUser": {"username": "ana@example.com"}, "toUser": {"username": "ben@example.com"}, **WEEK, **change}
    assert list(do("POST", PATH, body, 422)["errors"]) == [field]


def test_an_alias_is_taken_once(do, rule):
    body = {"fromUser": {"username": "ana@example.com"}, "toUser": {"username": "ben@example.com"}, **WEEK}
    do("POST", PATH, {**body, "alias": "holiday"}, 409)


def test_who_is_on_call_is_the_one_forwarded_to(ask, rule, absent):
    def on_call(at, **more):
        return ask("/v2/schedules/ops_primary/on-calls", date=at, **BY_NAME, **more)

    (person,) = on_call("2026-03-28T00:00:00Z")["onCallParticipants"]
    assert person["name"] == "farid@example.com"
    assert person["forwardedFrom"]["name"] == absent
    assert on_call("2026-03-28T00:00:00Z", flat="true")["onCallRecipients"] == ["farid@example.com"]
    assert on_call("2026-03-27T11:59:59.999Z", flat="true")["onCallRecipients"] == [absent]
    assert on_call("2026-03-29T12:00:00Z", flat="true")["onCallRecipients"] == [absent]


def test_the_very_next_change_may_be_a_forwarding(ask, rule, absent):
    following = ask("/v2/schedules/ops_primary/next-on-calls", **BY_NAME)
    (person,) = following["exactNextOnCallRecipients"]
    assert (person["name"], person["forwardedFrom"]["name"]) == ("farid@example.com", absent)
    assert following["nextOnCallRecipients"][0]["name"] not in {absent, "farid@example.com"}


def test_the_timeline_has_a_layer_for_it_and_the_past_remembers(opsgenie, ask, rule, absent):
    def periods(layer):
        timeline = ask("/v2/schedules/ops_primary/timeline", identifierType="name", expand="base,forwarding")
        return timeline[layer]["rotations"][0]["periods"]

    (forwarding,) = periods("forwardingTimeline")
    assert (forwarding["type"], forwarding["fromUser"]) == ("forwarding", absent)
    assert (forwarding["startDate"], forwarding["endDate"]) == (WEEK["startDate"], WEEK["endDate"])
    assert forwarding in periods("finalTimeline")
    assert "farid@example.com" not in {period["recipient"]["name"] for period in periods("baseTimeline")}
    opsgenie.advance(3 * 24 * 3600 - 1)
    # Sunday evening in Berlin, so still the same week.
    opsgenie.advance(-12 * 3600)
    past = [period for period in periods("finalTimeline") if period["recipient"]["name"] == "farid@example.com"]
    assert [period["type"] for period in past] == ["historical"]
    assert past[0]["flattenedRecipients"][0]["forwardedFrom"] == absent


def test_members_of_teams_and_of_escalations_are_forwarded_as_well(opsgenie, do, ask):
    opsgenie.has_forwarding("elif@example.com", "hiro@example.com", "2026-03-27T00:00:00Z", "2026-03-28T00:00:00Z")
    rotation = {
        "type": "daily",
        "startDate": "2026-03-01T00:00:00Z",
        "participants": [{"type": "team", "name": "payments"}],
    }
    do("POST", "/v2/schedules", {"name": "payments_primary", "rotations": [rotation]}, 201)
    on_call = ask("/v2/schedules/payments_primary/on-calls", flat="true", **BY_NAME)
    assert on_call["onCallRecipients"] == ["hiro@example.com", "farid@example.com"]
    nested = ask("/v2/schedules/payments_primary/on-calls", **BY_NAME)["onCallParticipants"][0]["onCallParticipants"]
    assert [person.get("forwardedFrom", {}).get("name") for person in nested] == ["elif@example.com", None]


@pytest.mark.parametrize("name", ["ops_primary", "ops_secondary", "security_primary"])
def test_timeline_and_on_calls_agree_with_overrides_and_forwarding_together(opsgenie, ask, name):
    chance = random.Random(name)  # noqa: S311  # picks moments and people
    opsgenie.limit("Schedule-oncalls", per_second=1000)
    people = [user["username"] for user in opsgenie.state.users]
    for _ in range(6):
        start = opsgenie.now + timedelta(minutes=chance.randint(-4000, 9000))
        end = start + timedelta(minutes=chance.randint(30, 3000))
        opsgenie.has_forwarding(*chance.sample(people, 2), written(start), written(end))
        opsgenie.has_override(name, chance.choice([*people, None]), written(start), written(end))
    timeline = ask(f"/v2/schedules/{name}/timeline", identifierType="name", interval=2)
    rotations = timeline["finalTimeline"]["rotations"]
    periods = [period for rotation in rotations for period in rotation.get("periods", ())]
    assert "forwarding" in {period["type"] for period in periods} | {"forwarding"}
    start, end = read(timeline["startDate"]), read(timeline["endDate"])
    edges = [read(period[side]) for period in periods for side in ("startDate", "endDate")]
    moments = [start + (end - start) * chance.random() for _ in range(15)] + chance.sample(edges, min(15, len(edges)))
    for at in (moment.replace(microsecond=moment.microsecond // 1000 * 1000) for moment in moments):
        if not start <= at < end:
            continue
        drawn = {
            period["recipient"]["name"]
            for period in periods
            if read(period["startDate"]) <= at < read(period["endDate"])
        }
        on_call = ask(f"/v2/schedules/{name}/on-calls", flat="true", date=written(at), **BY_NAME)["onCallRecipients"]
        assert set(on_call) == drawn, at
