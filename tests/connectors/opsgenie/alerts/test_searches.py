"""Saved searches: the request of each command, and how a lost change is looked for."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie.alerts.searches import (
    CreateSavedSearch,
    DeleteSavedSearch,
    GetSavedSearch,
    ListSavedSearches,
    UpdateSavedSearch,
)
from playbooks_engine.errors import InvalidInput
from playbooks_engine.sdk import Answer, Command, Result, Seen
from playbooks_engine.testing import GivenSender, answer
from playbooks_engine.testing.given import START

GIVEN = {"name": "mine", "query": "status: open", "owner": "ana@example.com"}
WIRE = {"name": "mine", "query": "status: open", "owner": {"username": "ana@example.com"}}
MISSING = answer(404, {"message": "No saved search"})


@pytest.mark.parametrize(
    ("command", "inputs", "route", "body"),
    [
        (ListSavedSearches, {}, "GET /v2/alerts/saved-searches", None),
        (
            GetSavedSearch,
            {"identifier": "a/b", "identifier_type": "name"},
            "GET /v2/alerts/saved-searches/a%2Fb?identifierType=name",
            None,
        ),
        (CreateSavedSearch, GIVEN, "POST /v2/alerts/saved-searches", WIRE),
        (
            CreateSavedSearch,
            {**GIVEN, "owner": {"id": "u1"}, "description": "d", "teams": ["Payments", {"id": "t1"}]},
            "POST /v2/alerts/saved-searches",
            {**WIRE, "owner": {"id": "u1"}, "description": "d", "teams": [{"name": "Payments"}, {"id": "t1"}]},
        ),
        (
            UpdateSavedSearch,
            {**GIVEN, "identifier": "s1"},
            "PATCH /v2/alerts/saved-searches/s1?identifierType=id",
            WIRE,
        ),
        (DeleteSavedSearch, {"identifier": "s1"}, "DELETE /v2/alerts/saved-searches/s1?identifierType=id", None),
    ],
)
def test_a_command_builds_its_request(command: type[Command], inputs: dict[str, Any], route: str, body: Any) -> None:
    request = command.read_inputs(inputs).request()
    assert (f"{request.method} {request.target}", request.body) == (route, body)
    assert (command.spec.area, command.spec.limits) == ("alerts", "alert")


@pytest.mark.parametrize(
    ("inputs", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"query": "x" * 1_001}, "query"),
        ({"query": ""}, "query"),
        ({"description": "x" * 15_001}, "description"),
        ({"teams": ["x"] * 21}, "teams"),
        ({"owner": {"name": "ana"}}, "owner"),
    ],
)
def test_the_vendors_limits_are_checked_before_anything_is_sent(inputs: dict[str, Any], field: str) -> None:
    for command, more in ((CreateSavedSearch, {}), (UpdateSavedSearch, {"identifier": "s1"})):
        with pytest.raises(InvalidInput, match=f"`{field}"):
            command.read_inputs({**GIVEN, **more, **inputs})


@pytest.mark.parametrize("missing", ["name", "query", "owner"])
def test_an_update_gives_all_three_anew(missing: str) -> None:
    with pytest.raises(InvalidInput, match=f"`{missing}` is missing"):
        UpdateSavedSearch.read_inputs({"identifier": "s1", **{k: v for k, v in GIVEN.items() if k != missing}})


def kept(query: str = "status: open", created: str = "2020-06-03T00:00:01Z") -> Answer:
    return answer(200, {"data": {"id": "s1", "name": "mine", "query": query, "createdAt": created}})


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        (kept(), Result),
        (kept(query="status: closed"), Seen.UNDECIDED),
        (kept(created="2020-06-02T00:00:00Z"), Seen.ABSENT),
        (MISSING, Seen.ABSENT),
    ],
)
async def test_a_lost_creation_is_looked_for_by_its_name(given: Answer, seen: Any) -> None:
    sender = GivenSender(by=lambda request: given)
    found = await CreateSavedSearch.read_inputs(GIVEN).look(sender, START)
    assert isinstance(found, Result) if seen is Result else found is seen
    assert {r.target for r in sender.requests} == {"/v2/alerts/saved-searches/mine?identifierType=name"}


async def test_a_deleted_search_cannot_be_read() -> None:
    assert isinstance(await DeleteSavedSearch(identifier="s1").look(GivenSender(MISSING), START), Result)
    assert UpdateSavedSearch.spec.repeat == "safe"
