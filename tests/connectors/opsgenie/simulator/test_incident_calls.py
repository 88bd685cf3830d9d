"""Incidents over HTTP, from open to closed."""

import re

import pytest

from connectors.opsgenie.simulator.incident_calls import search_fields


@pytest.fixture
def act(write):
    def do(tail, body=None):
        return write("POST", f"/v1/incidents/{tail}", body, area="v1/incidents")

    return do


@pytest.fixture
def checkout(opsgenie):
    return next(service["id"] for service in opsgenie.state.services if service["name"] == "checkout")


def test_an_incident_has_everything_it_was_created_with(opsgenie, act, ask, checkout):
    body = {
        "message": "Nobody can pay",
        "description": "Since noon",
        "responders": [{"type": "team", "name": "payments"}],
        "tags": ["money"],
        "details": {"region": "eu"},
        "priority": "P1",
        "note": "Calling the bank",
        "impactedServices": [checkout],
    }
    status = act("create", body)
    assert status["action"] == "Create"
    assert status["isSuccess"] is True
    assert "alertId" not in status
    incident = ask(f"/v1/incidents/{status['incidentId']}")
    assert {name: incident[name] for name in ("message", "description", "tags", "priority", "impactedServices")} == {
        name: body[name] for name in ("message", "description", "tags", "priority", "impactedServices")
    }
    assert incident["extraProperties"] == {"region": "eu"}
    assert incident["status"] == "open"
    assert incident["ownerTeam"] == opsgenie.state.team("payments")["id"]
    assert ask(f"/v1/incidents/{incident['tinyId']}", identifierType="tiny") == incident
    assert [note["note"] for note in ask(f"/v1/incidents/{incident['id']}/notes")] == ["Calling the bank"]


def test_the_old_form_with_one_service_works_too(act, ask, checkout):
    status = act("create", {"message": "x", "serviceId": checkout})
    assert ask(f"/v1/incidents/{status['incidentId']}")["impactedServices"] == [checkout]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"message": ""}, "message"),
        ({"message": "m" * 131}, "message"),
        ({"impactedServices": []}, "impactedServices"),
        ({"impactedServices": ["nowhere"]}, "impactedServices"),
        ({"priority": "P0"}, "priority"),
        ({"notifyStakeholders": "yes"}, "notifyStakeholders"),
        ({"responders": [{"type": "schedule", "id": "x"}]}, "responders#type"),
    ],
)
def test_a_bad_incident_is_refused_at_once(client, checkout, change, field):
    answer = client.post("/v1/incidents/create", json={"message": "x", "impactedServices": [checkout], **change})
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == [field]


def test_an_incident_goes_from_open_over_resolved_to_closed(opsgenie, act, ask):
    incident = opsgenie.has_incident(services=["login"])
    assert act(f"{incident.id}/resolve", {"note": "Better"})["isSuccess"] is True
    assert ask(f"/v1/incidents/{incident.id}")["status"] == "resolved"
    assert ask(f"/v1/incidents/{incident.id}")["impactEndDate"] == "2026-03-27T10:00:00.05Z"
    assert act(f"{incident.id}/resolve")["status"] == "Incident is already resolved"
    assert act(f"{incident.id}/close")["isSuccess"] is True
    assert ask(f"/v1/incidents/{incident.id}")["status"] == "closed"
    again = act(f"{incident.id}/close")
    assert (again["isSuccess"], again["status"]) == (False, "Incident is already closed")
    assert act(f"{incident.id}/resolve")["status"] == "Incident is already closed"


def test_a_missing_incident_fails_when_processed(act, client):
    status = act("nowhere/close")
    assert (status["isSuccess"], status["status"], status["incidentId"]) == (False, "Incident does not exist", "")
    assert client.get("/v1/incidents/nowhere").status_code == 404


def test_a_note_is_added(opsgenie, act, ask, client):
    incident = opsgenie.has_incident()
    assert act(f"{incident.id}/notes", {"note": "Seen"})["isSuccess"] is True
    assert ask(f"/v1/incidents/{incident.id}/notes")[0]["note"] == "Seen"
    assert client.post(f"/v1/incidents/{incident.id}/notes", json={}).status_code == 422


def test_incidents_are_searched_and_counted(opsgenie, client):
    opsgenie.has_incident(message="Login down", services=["login"], priority="P1", tags=["auth"])
    opsgenie.has_incident(message="Search down", services=["search"], status="closed")
    opsgenie.has_incident(message="Search slow", services=["search"])

    def found(query, **more):
        answer = client.get("/v1/incidents", params={"query": query, **more}).json()
        assert answer["totalCount"] >= len(answer["data"])
        return [incident["message"] for incident in answer["data"]]

    assert found("status:open", order="asc", sort="tinyId") == ["Login down", "Search slow"]
    assert found("services: search AND status:closed") == ["Search down"]
    assert found("tag: auth OR priority: P1") == ["Login down"]
    assert found("slow") == ["Search slow"]
    assert client.get("/v1/incidents?limit=1").json()["totalCount"] == 3
    assert client.get("/v1/incidents?query=acknowledged:true").status_code == 422


def test_the_links_say_inserted_at_as_the_vendor_s_do(opsgenie, client):
    opsgenie.has_incident()
    opsgenie.has_incident()
    following = client.get("/v1/incidents?limit=1&sort=createdAt").json()["paging"]["next"]
    assert "sort=insertedAt" in following
    assert len(client.get(following).json()["data"]) == 1


def test_the_list_is_found_with_a_slash_at_its_end_too(opsgenie, client):
    opsgenie.has_incident()
    assert len(client.get("/v1/incidents/?query=status:open").json()["data"]) == 1


QUERIES = [
    ("createdAt > 1774591200000", "pay"),
    ("updatedAt <= 1774591200000", "find login"),
    ("message: (nobody OR slow) AND status: open", "pay"),
    ("description: bank*", "pay"),
    ("status: resolved", "find"),
    ("status: closed", "login"),
    ("priority: P1", "login pay"),
    ("teams: payments", "pay"),
    ("services: checkout", "pay"),
    ("services: (search OR login) AND NOT status: closed", "find"),
    ("tag: money", "pay"),
    ("tags: money", "pay"),
    ("actions: rollback", "pay"),
    ("details.key: region", "login pay"),
    ("details.value: eu", "pay"),
    ("tinyId >= 2", None),
    ("tinyId: 1", "login"),
    ("-status: open", "find login"),
    ('"cannot search"', "find"),
    ("bank", "pay"),
    ("acknowledged: true", None),
    ("status: acknowledged", None),
    ("(status: open", None),
]


@pytest.fixture
def incidents(opsgenie):
    old, new = "2026-03-27T06:00:00Z", "2026-03-27T08:00:00Z"
    login = {"message": "Login slow", "services": ["login"], "status": "closed", "details": {"region": "us"}}
    opsgenie.has_incident(**login, priority="P1", created_at=old)
    opsgenie.has_incident(message="I cannot search", services=["search"], status="resolved", created_at=old)
    pay = {"message": "Nobody can pay", "description": "The bank is down", "services": ["checkout"], "tags": ["money"]}
    team = {"responders": [{"type": "team", "name": "payments"}], "details": {"region": "eu"}}
    return opsgenie.has_incident(**pay, **team, actions=["rollback"], priority="P1", created_at=new)


@pytest.mark.parametrize(("query", "names"), QUERIES)
def test_a_query_finds_exactly_these_incidents(incidents, client, query, names):
    answer = client.get("/v1/incidents", params={"query": query})
    if names is None:
        assert answer.status_code == 422
        return
    words = {"Login slow": "login", "I cannot search": "find", "Nobody can pay": "pay"}
    assert " ".join(sorted(words[one["message"]] for one in answer.json()["data"])) == names


def test_an_incident_is_found_by_its_id_and_every_field_is_tried_here(opsgenie, incidents, ask):
    assert [one["message"] for one in ask("/v1/incidents", query=f"id: {incidents.id}")] == ["Nobody can pay"]
    tried = {"id", *(field for query, _ in QUERIES for field in re.findall(r"([a-zA-Z.]+)(?=:| [<>])", query))}
    assert set(search_fields(opsgenie.state)) <= tried
