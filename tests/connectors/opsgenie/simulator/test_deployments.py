"""Deployments over HTTP."""

import pytest

PATH = "/v2/deployments"
BODY = {
    "message": "Checkout 4.2",
    "state": "started",
    "environment": {"type": "Production", "id": "eu-1"},
    "externalId": "d-1",
    "startedAt": "2026-03-27T09:00:00Z",
    "releases": [{"type": "bbc", "commit": {"sha": "9c1d0e2"}}],
}


def test_a_deployment_is_told_of_carried_on_and_shown(write, ask):
    made = write("POST", PATH, BODY, area="v2/deployments")
    assert (made["isSuccess"], made["status"]) == (True, "Created deployment")
    assert ask(f"{PATH}/{made['deploymentId']}") == {"id": made["deploymentId"], **BODY}
    changed = write("PUT", f"{PATH}/d-1/updateState", {"state": "failed"}, area="v2/deployments", identifierType="api")
    assert changed["deploymentId"] == made["deploymentId"]
    assert ask(f"{PATH}/d-1", identifierType="api")["state"] == "failed"


def test_what_is_not_there_fails_late_in_a_change_and_at_once_in_a_read(write, do):
    assert write("PUT", f"{PATH}/x/updateState", {"state": "failed"}, area="v2/deployments")["isSuccess"] is False
    do("GET", f"{PATH}/x", status=404)
    do("GET", f"{PATH}/x", status=404, identifierType="pipelines")
    do("GET", f"{PATH}/x", status=422, identifierType="name")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"message": ""}, "message"),
        ({"state": "done"}, "state"),
        ({"environment": None}, "environment"),
        ({"environment": {"type": "production"}}, "environment#type"),
        ({"startedAt": "soon"}, "startedAt"),
        ({"releases": [{"type": "github"}]}, "releases#type"),
    ],
)
def test_a_bad_deployment_is_refused_by_field(do, change, field):
    assert [*do("POST", PATH, {**BODY, **change}, 422)["errors"]] == [field]
