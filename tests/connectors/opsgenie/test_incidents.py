"""Incidents: the request of each command, and how a lost change is looked for."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie.incidents import CloseIncident, CreateIncident, GetIncident
from connectors.opsgenie.shapes import SETTLE
from playbooks_engine.errors import OutcomeUnknown
from playbooks_engine.sdk import Answer, Command, Result, Seen
from playbooks_engine.testing import GivenSender, answer, lost
from playbooks_engine.testing.given import START

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


@pytest.mark.parametrize("command", [GetIncident, CreateIncident, CloseIncident])
def test_incidents_have_an_area_and_a_rate_limit_of_their_own(command: type[Command]) -> None:
    assert (command.spec.area, command.spec.limits) == ("incidents", "incident")


def listed(*pairs: tuple[str, str]) -> Answer:
    return answer(200, {"data": [{"id": "i1", "message": message, "createdAt": at} for message, at in pairs]})


CREATE = CreateIncident(message="Down", service_id="s1")
MINE = ("Down", "2020-06-03T00:00:02Z")


async def test_a_created_incident_is_found_by_title_and_time() -> None:
    sender = GivenSender(listed(), listed(("Other", MINE[1]), MINE))
    seen = await CREATE.look(sender, START)
    assert isinstance(seen, Result)
    assert seen.output["incidentId"] == "i1"
    assert sender.requests[0].target == (
        "/v1/incidents?query=createdAt%20%3E%3D%201591142340000&limit=100&sort=createdAt&order=desc"
    )


@pytest.mark.parametrize("given", [listed(), listed(("Down", "2020-06-02T00:00:00Z")), listed(("Up", MINE[1]))])
async def test_an_incident_that_is_not_found_may_still_exist(given: Answer) -> None:
    sender = GivenSender(by=lambda request: given)
    assert await CREATE.look(sender, START) is Seen.UNDECIDED
    assert sender.waited == pytest.approx(SETTLE)


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
