"""Who is on call over HTTP: nested, flat, now, later, next."""

import pytest

BY_NAME = {"scheduleIdentifierType": "name"}


def test_nested_and_flat_name_the_same_person(opsgenie, ask):
    nested = ask("/v2/schedules/ops_primary/on-calls", **BY_NAME)
    flat = ask("/v2/schedules/ops_primary/on-calls", **BY_NAME, flat="true")
    (person,) = nested["onCallParticipants"]
    assert set(person) == {"id", "name", "type"}
    assert flat["onCallRecipients"] == [person["name"]]
    assert opsgenie.state.user(person["name"])["id"] == person["id"]
    assert set(nested["_parent"]) == {"id", "name", "enabled"}


def test_a_week_later_the_next_one_is_on_call(opsgenie, ask):
    def on_call():
        return ask("/v2/schedules/ops_primary/on-calls", **BY_NAME, flat="true")["onCallRecipients"]

    first, coming = on_call(), ask("/v2/schedules/ops_primary/next-on-calls", **BY_NAME, flat="true")
    opsgenie.advance(7 * 24 * 3600)
    assert on_call() != first
    assert on_call() == coming["nextOnCallParticipants"] == coming["exactNextOnCallParticipants"]


def test_the_date_moves_the_question(opsgenie, ask):
    asked = ask("/v2/schedules/ops_primary/on-calls", **BY_NAME, flat="true", date="2026-04-03T12:00:00+02:00")
    opsgenie.advance(7 * 24 * 3600)
    assert ask("/v2/schedules/ops_primary/on-calls", **BY_NAME, flat="true") == asked


def test_the_words_of_next_on_calls_are_swapped(ask):
    assert set(ask("/v2/schedules/ops_primary/next-on-calls", **BY_NAME)) == {
        "_parent",
        "nextOnCallRecipients",
        "exactNextOnCallRecipients",
    }
    assert set(ask("/v2/schedules/ops_primary/next-on-calls", **BY_NAME, flat="true")) == {
        "_parent",
        "nextOnCallParticipants",
        "exactNextOnCallParticipants",
    }


def test_the_exact_next_is_whoever_an_override_brings(opsgenie, ask):
    opsgenie.has_override("ops_primary", "farid@example.com", "2026-03-27T12:00:00Z", "2026-03-27T13:00:00Z")
    coming = ask("/v2/schedules/ops_primary/next-on-calls", **BY_NAME, flat="true")
    assert coming["exactNextOnCallParticipants"] == ["farid@example.com"]
    assert coming["nextOnCallParticipants"] != ["farid@example.com"]


def test_all_schedules_answer_at_once(ask):
    everybody = ask("/v2/schedules/on-calls", flat="true")
    assert [item["_parent"]["name"] for item in everybody] == ["ops_primary", "ops_secondary", "security_primary"]


@pytest.mark.parametrize("tail", ["on-calls", "next-on-calls"])
def test_an_unknown_schedule_has_nobody_on_call(client, tail):
    answer = client.get(f"/v2/schedules/nowhere/{tail}", params=BY_NAME)
    assert (answer.status_code, answer.json()["message"]) == (404, "No schedule exists with name [nowhere]")


@pytest.mark.parametrize(("name", "value"), [("flat", "yes"), ("date", "x"), ("scheduleIdentifierType", "tiny")])
def test_a_bad_parameter_of_on_calls_is_refused(client, name, value):
    answer = client.get("/v2/schedules/ops_primary/on-calls", params={**BY_NAME, name: value})
    assert answer.status_code == 422


def test_an_escalation_on_call_is_followed_down_to_people(opsgenie, ask):
    from connectors.opsgenie.simulator.schedule_making import make_schedule

    company = opsgenie.state
    through = [{"type": "escalation", "name": "ops_escalation"}]
    rotation = {"name": "R", "startDate": "2026-01-01T00:00:00Z", "type": "daily", "participants": through}
    company.schedules.append(make_schedule(company, {"name": "through", "rotations": [rotation]}))
    (escalation,) = ask("/v2/schedules/through/on-calls", **BY_NAME)["onCallParticipants"]
    assert (escalation["type"], escalation["name"]) == ("escalation", "ops_escalation")
    first, second = escalation["onCallParticipants"]
    assert (first["type"], first["escalationTime"], first["notifyType"]) == ("schedule", 0, "default")
    assert (second["type"], second["escalationTime"]) == ("team", 10)
    flat = ask("/v2/schedules/through/on-calls", **BY_NAME, flat="true")["onCallRecipients"]
    assert sorted(flat) == [f"{name}@example.com" for name in ("ana", "ben", "chloe", "dmitri")]
