"""Integrations and their keys over HTTP."""

import pytest

PATH = "/v2/integrations"
BODY = {"type": "API", "name": "Backups", "ownerTeam": {"name": "payments"}}


def test_integrations_can_be_chosen_by_type_and_team(ask):
    assert [item["name"] for item in ask(PATH)] == ["API", "Prometheus"]
    assert [item["name"] for item in ask(PATH, type="API")] == ["API"]
    assert ask(PATH, teamName="payments") == []


def test_an_integration_brings_a_key_with_the_rights_it_was_given(opsgenie, do, ask, client_of):
    made = do("POST", PATH, {**BODY, "allowDeleteAccess": False}, 201)["data"]
    assert (made["name"], made["type"], made["enabled"]) == ("Backups", "API", True)
    its_own = client_of(opsgenie, made["apiKey"])
    assert its_own.post("/v2/alerts", json={"message": "x"}).status_code == 202
    opsgenie.advance(1)
    (alert,) = ask("/v2/alerts")
    assert alert["integration"] == {"id": made["id"], "name": "Backups", "type": "API"}
    assert its_own.get("/v2/alerts").status_code == 200
    assert its_own.delete(f"/v2/alerts/{alert['id']}").status_code == 403
    assert its_own.get("/v2/schedules").status_code == 403
    shown = ask(f"{PATH}/{made['id']}")
    assert (shown["ownerTeam"]["name"], shown["isGlobal"]) == ("payments", False)
    assert (shown["allowDeleteAccess"], shown["allowConfigurationAccess"]) == (False, False)
    assert "apiKey" not in shown


def test_the_key_of_a_disabled_integration_is_not_authenticated(opsgenie, do, ask, client_of):
    made = do("POST", PATH, BODY, 201)["data"]
    its_own = client_of(opsgenie, made["apiKey"])
    answer = do("POST", f"{PATH}/{made['id']}/disable", status=201)
    assert (answer["result"], answer["data"]["enabled"]) == ("Disabled", False)
    assert its_own.get("/v2/alerts").status_code == 401
    assert do("POST", f"{PATH}/{made['id']}/enable", status=201)["result"] == "Enabled"
    assert its_own.get("/v2/alerts").status_code == 200
    assert do("DELETE", f"{PATH}/{made['id']}")["result"] == "Deleted"
    assert its_own.get("/v2/alerts").status_code == 401
    do("GET", f"{PATH}/{made['id']}", status=404)


def test_a_replacement_sets_back_what_it_leaves_out(opsgenie, do, ask, client_of):
    made = do("POST", PATH, {**BODY, "suppressNotifications": True}, 201)["data"]
    path = f"{PATH}/{made['id']}"
    assert ask(path)["suppressNotifications"] is True
    assert do("PUT", path, {"type": "API", "name": "Other", "allowWriteAccess": False})["result"] == "Updated"
    shown = ask(path)
    assert (shown["name"], shown["suppressNotifications"], shown["isGlobal"]) == ("Other", False, True)
    assert client_of(opsgenie, made["apiKey"]).post("/v2/alerts", json={"message": "x"}).status_code == 403


def test_an_integration_by_mail_has_an_address_and_no_key(do):
    made = do("POST", PATH, {"type": "UptimeRobotEmail", "name": "x"}, 201)["data"]
    assert made["emailAddress"].endswith("@example.opsgenie.net")
    assert "apiKey" not in made


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"type": None}, "type"),
        ({"type": "not one"}, "type"),
        ({"name": None}, "name"),
        ({"name": "x" * 251}, "name"),
        ({"ownerTeam": {"name": "nobody"}}, "ownerTeam"),
        ({"allowWriteAccess": "no"}, "allowWriteAccess"),
    ],
)
def test_a_bad_integration_is_refused_by_field(do, change, field):
    assert list(do("POST", PATH, {**BODY, **change}, 422)["errors"]) == [field]


def test_a_name_is_taken_once_and_a_type_stays(do, ask):
    do("POST", PATH, {**BODY, "name": "API"}, 409)
    identifier = ask(PATH)[0]["id"]
    assert list(do("PUT", f"{PATH}/{identifier}", {"type": "Webhook", "name": "API"}, 422)["errors"]) == ["type"]


def test_a_key_is_asked_which_type_it_belongs_to(opsgenie, do, client_of):
    do("POST", f"{PATH}/authenticate", {"type": "API"})
    do("POST", f"{PATH}/authenticate", {"type": "Prometheus"}, 401)
    do("POST", f"{PATH}/authenticate", {}, 422)
    settings = client_of(opsgenie, opsgenie.keys[1])
    assert settings.post(f"{PATH}/authenticate", json={"type": "API"}).status_code == 401
