"""Incident templates over HTTP."""

import pytest

PATH = "/v1/incident-templates"
BODY = {
    "name": "login",
    "message": "Login is down",
    "priority": "P1",
    "tags": ["auth"],
    "stakeholderProperties": {"message": "We look into it"},
}


def test_a_template_is_made_changed_and_removed(opsgenie, do, ask):
    service = opsgenie.state.services[1]["id"]
    made = do("POST", PATH, {**BODY, "impactedServices": [service]}, 201)
    identifier = made["data"]["id"]
    shown = ask(PATH)["incidentTemplates"][-1]
    assert shown == {
        **BODY,
        "id": identifier,
        "description": "",
        "details": {},
        "impactedServices": [service],
        "stakeholderProperties": {"enable": True, "message": "We look into it", "description": ""},
    }
    assert do("PUT", f"{PATH}/{identifier}", {**BODY, "message": "Login is slow"})["result"] == "Updated"
    assert ask(PATH)["incidentTemplates"][-1]["message"] == "Login is slow"
    assert do("DELETE", f"{PATH}/{identifier}")["result"] == "Deleted"
    assert [item["name"] for item in ask(PATH)["incidentTemplates"]] == ["outage"]
    do("DELETE", f"{PATH}/{identifier}", status=404)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"message": "m" * 131}, "message"),
        ({"priority": None}, "priority"),
        ({"stakeholderProperties": None}, "stakeholderProperties"),
        ({"stakeholderProperties": {}}, "stakeholderProperties#message"),
        ({"impactedServices": ["nowhere"]}, "impactedServices"),
    ],
)
def test_a_bad_template_is_refused_by_field(do, change, field):
    assert list(do("POST", PATH, {**BODY, **change}, 422)["errors"]) == [field]


def test_a_name_is_taken_once(do):
    do("POST", PATH, {**BODY, "name": "outage"}, 409)
