"""Incidents: the request of each command, and how a lost change is looked for."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie.incidents import (
    AddIncidentDetails,
    AddIncidentNote,
    AddIncidentResponders,
    AddIncidentTags,
    CloseIncident,
    CreateIncident,
    DeleteIncident,
    GetIncident,
    GetIncidentRequestStatus,
    ListIncidentLogs,
    ListIncidentNotes,
    ListIncidentResponderAlerts,
    ListIncidents,
    RemoveIncidentDetails,
    RemoveIncidentTags,
    ReopenIncident,
    ResolveIncident,
    UpdateIncidentDescription,
    UpdateIncidentMessage,
    UpdateIncidentPriority,
)
from connectors.opsgenie.shapes import SETTLE, Change
from playbooks_engine.errors import InvalidInput, OutcomeUnknown
from playbooks_engine.sdk import Answer, Command, Result, Seen
from playbooks_engine.testing import GivenSender, answer, lost
from playbooks_engine.testing.given import START

ONE = {"identifier": "i/1"}
BY_ID = AddIncidentResponders.read_inputs({"identifier": "i1", "responders": [{"type": "team", "id": "t1"}]})
MISSING = answer(404, {"message": "No incident exists with id [i1]"})


@pytest.mark.parametrize(
    ("command", "method", "target", "body"),
    [
        (GetIncident(identifier="i1"), "GET", "/v1/incidents/i1?identifierType=id", None),
        (GetIncident(identifier="17", identifier_type="tiny"), "GET", "/v1/incidents/17?identifierType=tiny", None),
        (
            CreateIncident(message="Down", service_id="s1"),
            "POST",
            "/v1/incidents/create",
            {"message": "Down", "serviceId": "s1"},
        ),
        (
            CreateIncident.read_inputs(
                {
                    "message": "Down",
                    "service_id": "s1",
                    "description": "d",
                    "responders": [{"type": "team", "id": "t1"}],
                    "tags": ["x"],
                    "details": {"snake_case": True},
                    "priority": "P1",
                    "note": "n",
                    "notify_stakeholders": False,
                }
            ),
            "POST",
            "/v1/incidents/create",
            {
                "message": "Down",
                "serviceId": "s1",
                "description": "d",
                "responders": [{"type": "team", "id": "t1"}],
                "tags": ["x"],
                "details": {"snake_case": "true"},
                "priority": "P1",
                "note": "n",
                "notifyStakeholders": False,
            },
        ),
        (CloseIncident(identifier="i1", note="n"), "POST", "/v1/incidents/i1/close?identifierType=id", {"note": "n"}),
    ],
)
def test_a_command_builds_its_request(command: Command, method: str, target: str, body: Any) -> None:
    request = command.request()
    assert (request.method, request.target, request.body) == (method, target, body)


@pytest.mark.parametrize(
    ("command", "inputs", "route", "body"),
    [
        (
            CreateIncident,
            {"message": "Down", "impacted_services": ["s1", "s2"], "status_page_entry": {"title": "t", "details": "d"}},
            "POST /v1/incidents/create",
            {"message": "Down", "impactedServices": ["s1", "s2"], "statusPageEntry": {"title": "t", "details": "d"}},
        ),
        (ListIncidents, {"query": "status: open"}, "GET /v1/incidents?query=status%3A%20open", None),
        (
            ListIncidents,
            {"query": "q", "sort": "tinyId", "order": "asc"},
            "GET /v1/incidents?query=q&sort=tinyId&order=asc",
            None,
        ),
        (ListIncidentNotes, ONE, "GET /v1/incidents/i%2F1/notes?identifierType=id", None),
        (ListIncidentLogs, {**ONE, "order": "asc"}, "GET /v1/incidents/i%2F1/logs?identifierType=id&order=asc", None),
        (
            ListIncidentResponderAlerts,
            {**ONE, "identifier_type": "tiny"},
            "GET /v1/incidents/i%2F1/responder-alert-ids?identifierType=tiny",
            None,
        ),
        (GetIncidentRequestStatus, {"request_id": "r1"}, "GET /v1/incidents/requests/r1", None),
        (ResolveIncident, {**ONE, "note": "n"}, "POST /v1/incidents/i%2F1/resolve?identifierType=id", {"note": "n"}),
        (ReopenIncident, ONE, "POST /v1/incidents/i%2F1/reopen?identifierType=id", {}),
        (DeleteIncident, ONE, "DELETE /v1/incidents/i%2F1?identifierType=id", None),
        (AddIncidentNote, {**ONE, "note": "n"}, "POST /v1/incidents/i%2F1/notes?identifierType=id", {"note": "n"}),
        (AddIncidentTags, {**ONE, "tags": ["a"]}, "POST /v1/incidents/i%2F1/tags?identifierType=id", {"tags": ["a"]}),
        (
            RemoveIncidentTags,
            {**ONE, "tags": ["a", "b"], "note": "n"},
            "DELETE /v1/incidents/i%2F1/tags?identifierType=id&note=n&tags=a%2Cb",
            None,
        ),
        (
            AddIncidentDetails,
            {**ONE, "details": {"a": 1}},
            "POST /v1/incidents/i%2F1/details?identifierType=id",
            {"details": {"a": "1"}},
        ),
        (
            RemoveIncidentDetails,
            {**ONE, "keys": ["a"]},
            "DELETE /v1/incidents/i%2F1/details?identifierType=id&keys=a",
            None,
        ),
        (
            AddIncidentResponders,
            {**ONE, "responders": [{"type": "user", "username": "ana@example.com"}]},
            "POST /v1/incidents/i%2F1/responders?identifierType=id",
            {"responder": [{"type": "user", "username": "ana@example.com"}]},
        ),
        (
            UpdateIncidentPriority,
            {**ONE, "priority": "P1"},
            "PUT /v1/incidents/i%2F1/priority?identifierType=id",
            {"priority": "P1"},
        ),
        (
            UpdateIncidentMessage,
            {**ONE, "message": "m"},
            "POST /v1/incidents/i%2F1/message?identifierType=id",
            {"message": "m"},
        ),
        (
            UpdateIncidentDescription,
            {**ONE, "description": "d"},
            "POST /v1/incidents/i%2F1/description?identifierType=id",
            {"description": "d"},
        ),
    ],
)
def test_each_command_builds_its_request(command: type[Command], inputs: dict[str, Any], route: str, body: Any) -> None:
    request = command.read_inputs(inputs).request()
    assert (f"{request.method} {request.target}", request.body) == (route, body)
    assert (command.spec.area, command.spec.limits) == ("incidents", "incident")


@pytest.mark.parametrize(
    ("command", "inputs", "said"),
    [
        (
            CreateIncident,
            {"message": "m", "service_id": "s", "impacted_services": ["s"]},
            "`service_id` or `impacted_services`",
        ),
        (CreateIncident, {"message": "m", "impacted_services": ["s"] * 21}, "`impacted_services`"),
        (CreateIncident, {"message": "x" * 131, "service_id": "s"}, "`message`"),
        (CreateIncident, {"message": "m", "service_id": "s", "description": "x" * 15_001}, "`description`"),
        (CreateIncident, {"message": "m", "service_id": "s", "status_page_entry": {}}, "`status_page_entry.title`"),
        (ListIncidents, {}, "`query` is missing"),
        (ListIncidents, {"query": "q", "sort": "updatedAt"}, "`sort`"),
        (GetIncident, {**ONE, "identifier_type": "alias"}, "`identifier_type`"),
        (AddIncidentNote, {**ONE, "note": "x" * 25_001}, "`note`"),
        (AddIncidentTags, {**ONE, "tags": ["x"] * 21}, "`tags`"),
        (RemoveIncidentTags, {**ONE, "tags": ["a,b"]}, "`tags.0`"),
        (AddIncidentDetails, {**ONE, "details": {"a": "x" * 8_000}}, "`details`"),
        (RemoveIncidentDetails, {**ONE, "keys": []}, "`keys`"),
        (AddIncidentResponders, {**ONE, "responders": []}, "`responders`"),
        (UpdateIncidentPriority, {**ONE, "priority": "P9"}, "`priority`"),
        (UpdateIncidentMessage, {**ONE, "message": "x" * 131}, "`message`"),
        (UpdateIncidentDescription, {**ONE, "description": "x" * 15_001}, "`description`"),
    ],
)
def test_a_wrong_input_is_refused_by_name(command: type[Command], inputs: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        command.read_inputs(inputs)


@pytest.mark.parametrize(
    ("command", "before", "after"),
    [
        (ResolveIncident(identifier="i1"), {"status": "open"}, {"status": "resolved"}),
        (ReopenIncident(identifier="i1"), {"status": "resolved"}, {"status": "open"}),
        (AddIncidentTags(identifier="i1", tags=["a"]), {}, {"tags": ["b", "a"]}),
        (RemoveIncidentTags(identifier="i1", tags=["a"]), {"tags": ["a"]}, {"tags": []}),
        (AddIncidentDetails(identifier="i1", details={"a": "1"}), {}, {"extraProperties": {"a": "1"}}),
        (RemoveIncidentDetails(identifier="i1", keys=["a"]), {"extraProperties": {"a": "1"}}, {}),
        (BY_ID, {}, {"responders": [{"type": "team", "id": "t1"}]}),
    ],
)
async def test_what_an_incident_shows_is_seen_there(
    command: Change, before: dict[str, Any], after: dict[str, Any]
) -> None:
    old, new = (answer(200, {"data": {"id": "i1", **fields}}) for fields in (before, after))
    assert isinstance(await command.look(GivenSender(old, new), START), Result)
    assert await command.look(GivenSender(by=lambda request: old), START) is Seen.ABSENT


async def test_responders_by_name_cannot_be_told() -> None:
    by_name = AddIncidentResponders.read_inputs({**ONE, "responders": [{"type": "team", "name": "Payments"}]})
    shown = answer(200, {"data": {"id": "i1", "responders": [{"type": "team", "id": "t1"}]}})
    assert await by_name.look(GivenSender(shown), START) is Seen.UNDECIDED


async def test_a_deleted_incident_cannot_be_read() -> None:
    assert isinstance(await DeleteIncident(identifier="i1").look(GivenSender(MISSING), START), Result)
    there = answer(200, {"data": {"id": "i1"}})
    assert await DeleteIncident(identifier="i1").look(GivenSender(by=lambda request: there), START) is Seen.ABSENT


async def test_a_note_is_found_by_its_text_if_it_is_new_enough() -> None:
    notes = answer(200, {"data": [{"note": "n", "createdAt": "2020-06-03T00:00:01Z"}]})
    sender = GivenSender(notes)
    assert isinstance(await AddIncidentNote(identifier="i1", note="n").look(sender, START), Result)
    assert sender.requests[0].target == "/v1/incidents/i1/notes?identifierType=id&limit=100"
    old = answer(200, {"data": [{"note": "n", "createdAt": "2020-06-02T00:00:01Z"}]})
    look = AddIncidentNote(identifier="i1", note="n").look(GivenSender(by=lambda request: old), START)
    assert await look is Seen.ABSENT
    before = answer(200, {"data": [{"note": "n", "createdAt": "2020-06-02T23:59:30Z"}]})
    look = AddIncidentNote(identifier="i1", note="n").look(GivenSender(by=lambda request: before), START)
    assert await look is Seen.UNDECIDED


@pytest.mark.parametrize(
    ("command", "effect", "repeat"),
    [
        (ResolveIncident, "write", "verify"),
        (ReopenIncident, "write", "verify"),
        (DeleteIncident, "destructive", "verify"),
        (AddIncidentNote, "write", "verify"),
        (RemoveIncidentTags, "destructive", "verify"),
        (AddIncidentResponders, "write", "verify"),
        (UpdateIncidentPriority, "write", "safe"),
        (UpdateIncidentMessage, "write", "safe"),
        (UpdateIncidentDescription, "write", "safe"),
    ],
)
def test_each_command_says_what_it_does_and_what_a_lost_answer_means(
    command: type[Command], effect: str, repeat: str
) -> None:
    assert (command.spec.effect, command.spec.repeat) == (effect, repeat)


async def test_the_ids_of_alerts_are_a_list_of_texts() -> None:
    listed = await ListIncidentResponderAlerts(identifier="i1").run(GivenSender(answer(200, {"data": ["a1", "a2"]})))
    assert listed.output == ["a1", "a2"]


@pytest.mark.parametrize("command", [GetIncident, CreateIncident, CloseIncident])
def test_incidents_have_an_area_and_a_rate_limit_of_their_own(command: type[Command]) -> None:
    assert (command.spec.area, command.spec.limits) == ("incidents", "incident")


def listed(**marks: str) -> Answer:
    """Incidents by id, each with its mark: all have the same title, and were opened at the same time."""
    same = {"message": "Down", "createdAt": "2020-06-03T00:00:02Z"}
    return answer(200, {"data": [{**same, "id": i, "extraProperties": {"reference": m}} for i, m in marks.items()]})


CREATE = CreateIncident(message="Down", service_id="s1", reference="run/1")


def test_the_mark_of_an_incident_goes_with_its_details() -> None:
    given = CreateIncident(message="Down", service_id="s1", details={"a": "b"}, reference="run/1")
    assert given.request().body["details"] == {"a": "b", "reference": "run/1"}
    assert CREATE.request().body["details"] == {"reference": "run/1"}


async def test_a_created_incident_is_found_by_its_mark() -> None:
    sender = GivenSender(listed(), listed(i0="run/2", i1="run/1"))
    seen = await CREATE.look(sender, START)
    assert isinstance(seen, Result)
    assert seen.output["incidentId"] == "i1"
    assert sender.requests[0].target == (
        "/v1/incidents?query=createdAt%20%3E%3D%201591142340000&limit=100&sort=createdAt&order=desc"
    )


@pytest.mark.parametrize("given", [listed(), listed(i0="run/2"), answer(200, {"data": [{"id": "i0"}]})])
async def test_an_incident_that_is_not_found_may_still_exist(given: Answer) -> None:
    sender = GivenSender(by=lambda request: given)
    assert await CREATE.look(sender, START) is Seen.UNDECIDED
    assert sender.waited == pytest.approx(SETTLE)


async def test_without_a_mark_nothing_is_told_from_a_title() -> None:
    """Two incidents of one title may be opened in the same second: one must not stand in for the other."""
    sender = GivenSender(by=lambda request: listed(i0="run/2"))
    assert await CreateIncident(message="Down", service_id="s1").look(sender, START) is Seen.UNDECIDED
    assert sender.requests == []


async def test_a_lost_creation_that_is_not_found_is_unknown_and_not_repeated() -> None:
    sender = GivenSender(by=lambda request: lost() if request.method == "POST" else listed())
    with pytest.raises(OutcomeUnknown) as caught:
        await CREATE.run(sender)
    assert caught.value.hint == (
        "Open the incidents in Opsgenie and look whether it happened, before you run it again."
    )
    assert len(sender.sent) == 1


async def test_a_closed_incident_is_seen_closed() -> None:
    opened, closed = (answer(200, {"data": {"id": "i1", "status": status}}) for status in ("open", "closed"))
    sender = GivenSender(opened, closed)
    seen = await CloseIncident(identifier="17", identifier_type="tiny").look(sender, START)
    assert isinstance(seen, Result)
    assert seen.output["incidentId"] == "i1"
    assert sender.requests[0].target == "/v1/incidents/17?identifierType=tiny"


@pytest.mark.parametrize("given", [MISSING, answer(200, {"data": {"id": "i1", "status": "open"}})])
async def test_an_incident_that_stays_open_was_not_closed(given: Answer) -> None:
    sender = GivenSender(by=lambda request: given)
    assert await CloseIncident(identifier="i1").look(sender, START) is Seen.ABSENT
