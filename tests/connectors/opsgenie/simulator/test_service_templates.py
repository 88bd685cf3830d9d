"""Templates of services over HTTP."""

import pytest

PROPERTIES = {"message": "Down", "priority": "P1", "stakeholderProperties": {"message": "We look into it"}}
TEMPLATE = {"name": "Outage", "incidentProperties": PROPERTIES}


@pytest.fixture
def service(ask):
    return f"/v1/services/{ask('/v1/services')[0]['id']}"


def test_a_template_is_made_changed_and_removed(do, ask, service):
    path = f"{service}/incident-templates"
    made = do("POST", path, {"incidentTemplate": TEMPLATE}, 201)["data"]["id"]
    do("POST", path, TEMPLATE, 409)
    assert do("PUT", f"{path}/{made}", {**TEMPLATE, "name": "Fire"})["result"] == "Updated"
    (shown,) = ask(path)
    assert (shown["id"], shown["name"], shown["incidentProperties"]["priority"]) == (made, "Fire", "P1")
    assert do("DELETE", f"{path}/{made}")["result"] == "Deleted"
    assert ask(path) == []
    do("DELETE", f"{path}/{made}", status=404)


def test_a_bad_template_is_refused_by_field(do, service):
    path = f"{service}/incident-templates"
    assert list(do("POST", path, {"incidentTemplate": {}}, 422)["errors"]) == [
        "incidentTemplate#name", "incidentTemplate#incidentProperties",
    ]  # fmt: skip
    assert "incidentTemplate" in do("POST", path, {"incidentTemplate": []}, 422)["errors"]


def test_an_audience_is_changed_part_by_part(do, ask, service):
    path = f"{service}/audience-templates"
    team, user = ask("/v2/teams")[0]["id"], ask("/v2/users")[0]["id"]
    condition = {"matchField": "customProperty", "key": "site", "value": "Berlin"}
    do("PATCH", path, {"responder": {"teams": [team]}})
    do("PATCH", path, {"stakeholder": {"individuals": [user], "conditions": [condition]}})
    assert ask(path) == {
        "responder": {"teams": [team], "individuals": []},
        "stakeholder": {"individuals": [user], "conditionMatchType": "match-any-condition", "conditions": [condition]},
    }


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"responder": {"teams": ["nobody"]}}, "responder#teams"),
        ({"responder": {"individuals": ["x"] * 51}}, "responder#individuals"),
        ({"stakeholder": {"conditionMatchType": "match-all"}}, "stakeholder#conditionMatchType"),
        ({"stakeholder": {"conditions": [{"matchField": "shoe", "value": "x"}]}}, "stakeholder#conditions#matchField"),
        (
            {"stakeholder": {"conditions": [{"matchField": "customProperty", "value": "x"}]}},
            "stakeholder#conditions#key",
        ),
    ],
)
def test_a_bad_audience_is_refused_by_field(do, service, body, field):
    assert list(do("PATCH", f"{service}/audience-templates", body, 422)["errors"]) == [field]
