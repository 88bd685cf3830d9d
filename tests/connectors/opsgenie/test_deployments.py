"""Deployments: the requests, what is refused, and how a lost one is looked for."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie.deployments import CreateDeployment, GetDeployment, UpdateDeploymentState
from playbooks_engine.errors import InvalidInput
from playbooks_engine.sdk import Result, Seen
from playbooks_engine.testing import GivenSender, answer
from playbooks_engine.testing.given import START

NEW: dict[str, Any] = {"message": "Checkout 4.2", "state": "started", "environment": {"type": "Production", "id": "eu"}}
WORKSPACE = {"identifier": "w", "type": "bbcUuid"}
RELEASE = {"repository": {"workspace": WORKSPACE, "repo_slug": "r"}, "commit": {"sha": "9c"}}
ABSENT = answer(404, {"message": "No deployment exists"})


def test_a_deployment_is_sent_with_its_commits() -> None:
    request = CreateDeployment.read_inputs({**NEW, "external_id": "d-1", "releases": [RELEASE]}).request()
    release = {"type": "bbc", "repository": {"workspace": WORKSPACE, "repoSlug": "r"}, "commit": {"sha": "9c"}}
    assert (request.method, request.target) == ("POST", "/v2/deployments")
    assert request.body == {**NEW, "externalId": "d-1", "releases": [release]}


def test_a_deployment_may_be_named_by_its_external_id() -> None:
    wanted = {"identifier": "d/1", "identifier_type": "api"}
    assert GetDeployment.read_inputs(wanted).request().target == "/v2/deployments/d%2F1?identifierType=api"
    change = UpdateDeploymentState.read_inputs({**wanted, "state": "failed"}).request()
    assert (change.method, change.target) == ("PUT", "/v2/deployments/d%2F1/updateState?identifierType=api")
    assert change.body == {"state": "failed"}


@pytest.mark.parametrize(
    ("inputs", "field"),
    [
        ({"message": ""}, "message"),
        ({"state": "done"}, "state"),
        ({"environment": {"type": "production"}}, "environment"),
        ({"releases": [{**RELEASE, "type": "github"}]}, "releases"),
        ({"releases": [{"commit": {"sha": "9c"}}]}, "releases"),
        ({"started_at": "soon"}, "started_at"),
    ],
)
def test_a_wrong_input_is_refused_by_name(inputs: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput, match=f"`{field}"):
        CreateDeployment.read_inputs({**NEW, **inputs})


async def test_a_lost_deployment_is_found_by_its_external_id() -> None:
    lost = CreateDeployment.read_inputs({**NEW, "external_id": "d-1"})
    sender = GivenSender(ABSENT, answer(200, {"data": {"id": "i1", "externalId": "d-1", "state": "started"}}))
    seen = await lost.look(sender, START)
    assert isinstance(seen, Result)
    assert seen.output["deploymentId"] == "i1"
    assert sender.requests[0].target == "/v2/deployments/d-1?identifierType=api"


async def test_one_that_says_something_else_may_be_another() -> None:
    lost = CreateDeployment.read_inputs({**NEW, "external_id": "d-1"})
    assert await lost.look(GivenSender(answer(200, {"data": {"id": "i1", "state": "failed"}})), START) is Seen.UNDECIDED
    assert await CreateDeployment.read_inputs(NEW).look(GivenSender(), START) is Seen.UNDECIDED


async def test_one_that_never_shows_was_not_made() -> None:
    lost = CreateDeployment.read_inputs({**NEW, "external_id": "d-1"})
    assert await lost.look(GivenSender(*[ABSENT] * 30), START) is Seen.ABSENT
