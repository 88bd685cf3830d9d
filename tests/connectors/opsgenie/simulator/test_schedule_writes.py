"""Schedules made, changed and removed over HTTP."""

import pytest

PATH = "/v2/schedules"
ROTATION = {
    "name": "Days",
    "startDate": "2026-03-23T08:00:00Z",
    "type": "daily",
    "participants": [{"type": "user", "username": "ana@example.com"}, {"type": "user", "username": "ben@example.com"}],
}


def test_a_schedule_is_made_with_its_rotations_and_is_on_call_at_once(opsgenie, do, ask):
    body = {
        "name": "nights",
        "description": "From ten to six",
        "timezone": "Europe/Paris",
        "ownerTeam": {"name": "payments"},
        "rotations": [ROTATION],
    }
    made = do("POST", PATH, body, 201)
    assert made["result"] == "Created"
    assert {**made["data"], "id": ""} == {"id": "", "name": "nights", "enabled": True}
    shown = ask(f"{PATH}/nights", identifierType="name")
    assert (shown["timezone"], shown["description"]) == ("Europe/Paris", "From ten to six")
    assert shown["ownerTeam"] == {"id": opsgenie.state.team("payments")["id"], "name": "payments"}
    on_call = ask(f"{PATH}/nights/on-calls", scheduleIdentifierType="name", flat="true")
    assert on_call["onCallRecipients"] == ["ana@example.com"]


def test_the_least_is_a_name(do, ask):
    identifier = do("POST", PATH, {"name": "empty"}, 201)["data"]["id"]
    shown = ask(f"{PATH}/{identifier}")
    assert (shown["timezone"], shown["enabled"], shown["rotations"]) == ("UTC", True, [])
    assert "ownerTeam" not in shown


def test_a_change_leaves_what_it_does_not_name(opsgenie, do, ask):
    before = ask(f"{PATH}/ops_primary", identifierType="name")
    opsgenie.has_override("ops_primary", "farid@example.com", "2026-03-28T10:00:00Z", "2026-03-28T12:00:00Z")
    opsgenie.has_override("ops_primary", None, "2026-03-29T10:00:00Z", "2026-03-29T12:00:00Z", "Weekly")
    do("PATCH", f"{PATH}/ops_primary", {"description": "Now with words"}, identifierType="name")
    assert ask(f"{PATH}/{before['id']}") == {**before, "description": "Now with words"}
    do("PATCH", f"{PATH}/{before['id']}", {"rotations": [ROTATION], "timezone": "UTC", "enabled": False})
    after = ask(f"{PATH}/{before['id']}")
    assert [rotation["name"] for rotation in after["rotations"]] == ["Days"]
    assert (after["timezone"], after["enabled"]) == ("UTC", False)
    # The override of the rotation that is gone went with it.
    assert len(ask(f"{PATH}/{before['id']}/overrides")) == 1


def test_a_new_name_is_known_everywhere(do, ask):
    do("PATCH", f"{PATH}/ops_primary", {"name": "first_line"}, identifierType="name")
    rules = ask("/v2/escalations/ops_escalation", identifierType="name")["rules"]
    assert rules[0]["recipient"]["name"] == "first_line"
    do("GET", f"{PATH}/ops_primary", status=404, identifierType="name")


def test_a_schedule_in_use_stays_and_another_goes(do, ask):
    refused = do("DELETE", f"{PATH}/ops_primary", status=428, identifierType="name")
    assert refused["message"] == "The schedule is used by escalation ops_escalation, routing rule of team payments"
    assert do("DELETE", f"{PATH}/ops_secondary", identifierType="name")["result"] == "Deleted"
    assert [schedule["name"] for schedule in ask(PATH)] == ["ops_primary", "security_primary"]


def test_a_name_is_taken_once(do):
    do("POST", PATH, {"name": "ops_primary"}, 409)
    do("PATCH", f"{PATH}/ops_secondary", {"name": "ops_primary"}, 409, identifierType="name")
    do("PATCH", f"{PATH}/ops_primary", {"name": "ops_primary"}, identifierType="name")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": "n" * 101}, "name"),
        ({"name": "x", "timezone": "Mars/Olympus"}, "timezone"),
        ({"name": "x", "timezone": "../etc/passwd"}, "timezone"),
        ({"name": "x", "enabled": "yes"}, "enabled"),
        ({"name": "x", "ownerTeam": {"name": "nowhere"}}, "ownerTeam"),
        ({"name": "x", "rotations": ["daily"]}, "rotations"),
        ({"name": "x", "rotations": [{**ROTATION, "type": "monthly"}]}, "rotations#type"),
        ({"name": "x", "rotations": [{**ROTATION, "participants": []}]}, "rotations#participants"),
    ],
)
def test_a_bad_schedule_is_refused_by_field(do, body, field):
    assert list(do("POST", PATH, body, 422)["errors"]) == [field]


@pytest.mark.parametrize(
    ("rights", "allowed"),
    [("RUDC", {"POST", "PATCH", "DELETE"}), ("RUD", set()), ("RC", set()), ("UC", {"POST", "PATCH"})],
)
def test_writing_needs_its_right_and_configuration_access(opsgenie, client, rights, allowed):
    opsgenie.change_key(opsgenie.key, rights=rights)
    for method, tail in (("POST", ""), ("PATCH", "/x"), ("DELETE", "/x")):
        status = client.request(method, PATH + tail, json={}).status_code
        assert (status != 403) == (method in allowed)


def test_what_was_written_stands_in_the_ledger(opsgenie, do):
    identifier = do("POST", PATH, {"name": "x"}, 201)["data"]["id"]
    (effect,) = opsgenie.applied
    assert (effect.area, effect.action, effect.subject_id, effect.given) == (
        "schedules",
        "Create",
        identifier,
        {"name": "x"},
    )
    assert opsgenie.ledger[-1].changed == [identifier]
