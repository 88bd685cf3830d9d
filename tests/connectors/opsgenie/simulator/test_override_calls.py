"""Overrides over HTTP."""

import pytest

BY_NAME = {"scheduleIdentifierType": "name"}
PATH = "/v2/schedules/security_primary/overrides"
BODY = {
    "alias": "swap",
    "user": {"type": "user", "username": "farid@example.com"},
    "startDate": "2026-03-28T00:00:00Z",
    "endDate": "2026-03-28T06:00:00Z",
}


def test_an_override_is_made_shown_replaced_and_removed(do, ask):
    assert do("POST", PATH, BODY, 201, **BY_NAME)["data"] == {"alias": "swap"}
    shown = ask(f"{PATH}/swap", **BY_NAME)
    assert shown["user"]["username"] == "farid@example.com"
    assert shown["_parent"]["name"] == "security_primary"
    assert "rotations" not in shown
    assert ask(PATH, **BY_NAME) == [shown]
    narrower = {**BODY, "rotations": [{"name": "Night watch"}], "user": {"type": "none"}}
    assert do("PUT", f"{PATH}/swap", narrower, **BY_NAME)["data"] == {"alias": "swap"}
    shown = ask(f"{PATH}/swap", **BY_NAME)
    assert [rotation["name"] for rotation in shown["rotations"]] == ["Night watch"]
    assert shown["user"] == {"type": "none"}
    assert do("DELETE", f"{PATH}/swap", **BY_NAME)["result"] == "Deleted"
    do("GET", f"{PATH}/swap", status=404, **BY_NAME)


def test_who_is_on_call_changes_for_its_time(do, ask):
    do("POST", PATH, {**BODY, "rotations": [{"name": "Daily"}]}, 201, **BY_NAME)

    def on_call(at):
        path = "/v2/schedules/security_primary/on-calls"
        return ask(path, flat="true", date=at, **BY_NAME)["onCallRecipients"]

    assert on_call("2026-03-28T00:00:00Z")[0] == "farid@example.com"
    assert "farid@example.com" not in on_call("2026-03-28T06:00:00Z")


def test_an_alias_is_made_up_when_none_is_given_and_taken_once(do, ask):
    without = {name: value for name, value in BODY.items() if name != "alias"}
    alias = do("POST", PATH, without, 201, **BY_NAME)["data"]["alias"]
    assert ask(f"{PATH}/{alias}", **BY_NAME)["alias"] == alias
    do("POST", PATH, {**BODY, "alias": alias}, 409, **BY_NAME)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"user": None}, "user"),
        ({"user": {"type": "team", "name": "platform"}}, "user#type"),
        ({"user": {"type": "user", "username": "nobody"}}, "user#id"),
        ({"startDate": None}, "startDate"),
        ({"endDate": BODY["startDate"]}, "endDate"),
        ({"rotations": [{"name": "nowhere"}]}, "rotations#id"),
    ],
)
def test_a_bad_override_is_refused_by_field(do, change, field):
    assert list(do("POST", PATH, {**BODY, **change}, 422, **BY_NAME)["errors"]) == [field]
