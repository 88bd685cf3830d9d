"""Alerts made and removed: the requests, and how a lost change is looked for."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie.alerts.creating import CreateAlert, DeleteAlert
from connectors.opsgenie.shapes import SETTLE, Change
from playbooks_engine.errors import InvalidInput
from playbooks_engine.sdk import Answer, Command, Result, Seen
from playbooks_engine.testing import GivenSender, answer, lost
from playbooks_engine.testing.given import START

NOW, EARLIER, LONG_AGO = "2020-06-03T00:00:01Z", "2020-06-02T23:59:30Z", "2020-06-02T00:00:00Z"
MISSING = answer(404, {"message": "Alert with alias [k] does not exist"})


def alert(**fields: Any) -> Answer:
    return answer(200, {"data": {"id": "a1", "alias": "k", "status": "open", "createdAt": NOW, **fields}})


FULL = {
    "message": "Disk full",
    "alias": "db-1/disk",
    "description": "95 %",
    "responders": [{"type": "team", "name": "Payments"}, {"type": "user", "username": "ana@example.com"}],
    "visible_to": [{"type": "team", "id": "t1"}],
    "actions": ["Restart"],
    "tags": ["db", "prod"],
    "details": {"free_space": 5},
    "entity": "db-1",
    "source": "monitor",
    "priority": "P2",
    "user": "ana",
    "note": "Look",
}


@pytest.mark.parametrize(
    ("command", "method", "target", "body"),
    [
        (CreateAlert(message="m"), "POST", "/v2/alerts", {"message": "m"}),
        (
            CreateAlert.read_inputs(FULL),
            "POST",
            "/v2/alerts",
            {
                "message": "Disk full",
                "alias": "db-1/disk",
                "description": "95 %",
                "responders": [{"type": "team", "name": "Payments"}, {"type": "user", "username": "ana@example.com"}],
                "visibleTo": [{"type": "team", "id": "t1"}],
                "actions": ["Restart"],
                "tags": ["db", "prod"],
                "details": {"free_space": "5"},
                "entity": "db-1",
                "source": "monitor",
                "priority": "P2",
                "user": "ana",
                "note": "Look",
            },
        ),
        (DeleteAlert(identifier="a1"), "DELETE", "/v2/alerts/a1?identifierType=id", None),
        (
            DeleteAlert(identifier="k/1", identifier_type="alias", user="ana", source="s"),
            "DELETE",
            "/v2/alerts/k%2F1?identifierType=alias&user=ana&source=s",
            None,
        ),
    ],
)
def test_a_command_builds_its_request(command: Command, method: str, target: str, body: Any) -> None:
    request = command.request()
    assert (request.method, request.target, request.body) == (method, target, body)


@pytest.mark.parametrize(
    ("inputs", "field"),
    [
        ({"message": ""}, "message"),
        ({"message": "x" * 131}, "message"),
        ({"alias": "x" * 513}, "alias"),
        ({"description": "x" * 15_001}, "description"),
        ({"tags": ["x"] * 21}, "tags"),
        ({"tags": ["x" * 51]}, "tags.0"),
        ({"actions": ["x"] * 11}, "actions"),
        ({"entity": "x" * 513}, "entity"),
        ({"source": "x" * 101}, "source"),
        ({"user": "x" * 101}, "user"),
        ({"note": "x" * 25_001}, "note"),
        ({"priority": "P6"}, "priority"),
        ({"responders": [{"type": "team", "id": "1"}] * 51}, "responders"),
    ],
)
def test_the_vendors_limits_are_checked_before_anything_is_sent(inputs: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput, match=f"`{field}`"):
        CreateAlert.read_inputs({"message": "m", **inputs})


def test_what_is_exactly_at_the_limit_is_accepted() -> None:
    CreateAlert.read_inputs({"message": "x" * 130, "alias": "x" * 512, "tags": ["x" * 50] * 20})


def test_deleting_destroys() -> None:
    assert (DeleteAlert.spec.effect, DeleteAlert.spec.repeat) == ("destructive", "verify")
    assert (CreateAlert.spec.effect, CreateAlert.spec.repeat, CreateAlert.spec.key_field) == ("write", "keyed", "alias")


async def looked(command: Change, *answers: Answer) -> tuple[Result | Seen, GivenSender]:
    """What a look gives; the last answer stays."""
    left = list(answers)
    sender = GivenSender(by=lambda request: left.pop(0) if len(left) > 1 else left[0])
    return await command.look(sender, START), sender


async def test_a_created_alert_is_found_by_its_alias() -> None:
    seen, sender = await looked(CreateAlert(message="m", alias="k/1"), MISSING, alert())
    assert isinstance(seen, Result)
    assert (seen.output["alertId"], seen.output["isSuccess"]) == ("a1", True)
    assert {r.target for r in sender.requests} == {"/v2/alerts/k%2F1?identifierType=alias"}


async def test_an_alert_that_does_not_appear_in_time_was_not_created() -> None:
    seen, sender = await looked(CreateAlert(message="m", alias="k"), MISSING)
    assert seen is Seen.ABSENT
    assert sender.waited == pytest.approx(SETTLE)


@pytest.mark.parametrize("again", [NOW, EARLIER])
async def test_one_more_occurrence_of_an_open_alert_is_ours(again: str) -> None:
    given = alert(createdAt=LONG_AGO, lastOccurredAt=again)
    assert isinstance((await looked(CreateAlert(message="m", alias="k"), given))[0], Result)


async def test_an_alert_that_was_open_long_before_shows_nothing_of_ours() -> None:
    given = alert(createdAt=LONG_AGO, lastOccurredAt=LONG_AGO)
    assert (await looked(CreateAlert(message="m", alias="k"), given))[0] is Seen.UNDECIDED


def service(*listed: list[dict[str, Any]]) -> GivenSender:
    """No alert is open under the alias; the list has these pages."""
    pages = iter(listed)
    return GivenSender(by=lambda r: answer(200, {"data": next(pages)}) if r.path == "/v2/alerts" else MISSING)


def closed(**fields: Any) -> dict[str, Any]:
    return {"id": "a1", "alias": "k", "status": "closed", "createdAt": NOW, **fields}


async def test_a_created_alert_that_was_closed_meanwhile_is_found_in_the_list() -> None:
    sender = service([closed(alias="K"), closed(id="a2")])
    seen = await CreateAlert(message="m", alias="k").look(sender, START)
    assert isinstance(seen, Result)
    assert seen.output["alertId"] == "a2"
    assert sender.waited == pytest.approx(SETTLE)
    assert dict(sender.requests[-1].query) == {
        "query": "createdAt >= 1591142340000 OR lastOccurredAt >= 1591142340000",
        "order": "asc",
        "limit": "100",
        "offset": "0",
    }


async def test_every_page_of_the_list_is_looked_through() -> None:
    sender = service([closed(alias="other")] * 100, [closed()])
    assert isinstance(await CreateAlert(message="m", alias="k").look(sender, START), Result)
    assert dict(sender.requests[-1].query)["offset"] == "100"


async def test_an_alert_of_this_alias_that_was_closed_just_before_may_be_somebody_elses() -> None:
    look = CreateAlert(message="m", alias="k").look
    assert await look(service([closed(createdAt=EARLIER)]), START) is Seen.UNDECIDED
    assert await look(service([closed(alias="K")]), START) is Seen.ABSENT


async def test_an_alert_without_an_alias_cannot_be_looked_for() -> None:
    seen, sender = await looked(CreateAlert(message="m"), MISSING)
    assert seen is Seen.UNDECIDED
    assert sender.requests == []


async def test_a_lost_creation_is_not_repeated_when_the_alert_is_there() -> None:
    sender = GivenSender(lost(), MISSING, alert())
    await CreateAlert(message="m", alias="k").run(sender)
    assert len(sender.sent) == 1


@pytest.mark.parametrize("kind", ["id", "tiny"])
async def test_a_deleted_alert_cannot_be_read(kind: Any) -> None:
    seen, sender = await looked(DeleteAlert(identifier="a1", identifier_type=kind), alert(), MISSING)
    assert isinstance(seen, Result)
    assert {r.target for r in sender.requests} == {f"/v2/alerts/a1?identifierType={kind}"}


async def test_no_open_alert_under_an_alias_is_deleted_once_it_stays_so() -> None:
    seen, sender = await looked(DeleteAlert(identifier="k", identifier_type="alias"), MISSING)
    assert isinstance(seen, Result)
    assert sender.waited == pytest.approx(SETTLE)
    assert (await looked(DeleteAlert(identifier="k", identifier_type="alias"), MISSING, alert()))[0] is Seen.ABSENT


async def test_an_alert_that_stays_was_not_deleted() -> None:
    assert (await looked(DeleteAlert(identifier="a1"), alert()))[0] is Seen.ABSENT
