"""Services over HTTP."""

import pytest

PATH = "/v1/services"


def test_services_are_paged_and_found_by_id(ask, client):
    assert [service["name"] for service in ask(PATH)] == ["checkout", "login", "search", "status-page"]
    login = ask(PATH)[1]
    assert ask(f"{PATH}/{login['id']}") == login
    assert "offset=2" in client.get(f"{PATH}?limit=2").json()["paging"]["next"]
    assert [service["name"] for service in ask(PATH, query="log")] == ["login"]


def test_what_is_not_there_is_a_404(client):
    answer = client.get(f"{PATH}/x")
    assert (answer.status_code, answer.json()["message"]) == (404, "No service exists with id [x]")


def test_a_service_is_made_changed_and_removed(do, ask):
    team = ask("/v2/teams/payments", identifierType="name")["id"]
    made = do("POST", PATH, {"name": "refunds", "teamId": team, "tags": ["money"]}, 201)["data"]
    path = f"{PATH}/{made['id']}"
    assert ask(path) == {
        "id": made["id"],
        "name": "refunds",
        "teamId": team,
        "description": "",
        "visibility": "TEAM_MEMBERS",
        "tags": ["money"],
    }
    answer = do("PATCH", path, {"visibility": "OPSGENIE_USERS"})
    assert (answer["result"], answer["data"]["name"]) == ("Updated", "refunds")
    assert (ask(path)["visibility"], ask(path)["tags"]) == ("OPSGENIE_USERS", ["money"])
    assert do("DELETE", path)["result"] == "Deleted"
    do("GET", path, status=404)


def test_a_service_without_a_team_has_incidents_too(opsgenie, do, write, ask):
    made = do("POST", PATH, {"name": "refunds"}, 201)["data"]["id"]
    body = {"message": "Down", "serviceId": made}
    status = write("POST", "/v1/incidents/create", body, area="v1/incidents")
    assert ask(f"/v1/incidents/{status['incidentId']}")["impactedServices"] == [made]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "x", "teamId": "nobody"}, "teamId"),
        ({"name": "x", "visibility": "EVERYBODY"}, "visibility"),
        ({"name": "x", "description": "x" * 10_001}, "description"),
        ({"name": "x", "tags": "a"}, "tags"),
    ],
)
def test_a_bad_service_is_refused_by_field(do, body, field):
    assert list(do("POST", PATH, body, 422)["errors"]) == [field]


def test_a_name_is_taken_once(do, ask):
    do("POST", PATH, {"name": "login"}, 409)
    do("PATCH", f"{PATH}/{ask(PATH)[0]['id']}", {"name": "login"}, 409)
