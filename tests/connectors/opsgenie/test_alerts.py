"""Alerts: the request of each command, and how a lost change is looked for."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie.alerts import (
    OVERTAKEN,
    AcknowledgeAlert,
    AddNote,
    AlertAction,
    CloseAlert,
    CreateAlert,
    EscalateAlert,
    GetAlert,
    ListAlerts,
    ListNotes,
)
from connectors.opsgenie.shapes import SETTLE, Change
from playbooks_engine.errors import InvalidInput, NotFound, OutcomeUnknown, Rejected
from playbooks_engine.sdk import Answer, Command, Request, Result, Seen
from playbooks_engine.testing import GivenSender, answer, lost
from playbooks_engine.testing.given import START

ACCEPTED = answer(202, {"result": "Request will be processed", "requestId": "r-1"})
MISSING = answer(404, {"message": "Alert with alias [k] does not exist"})


def status(success: bool, text: str) -> Answer:
    return answer(200, {"data": {"isSuccess": success, "status": text, "alertId": "a1"}})


def alert(**fields: Any) -> Answer:
    return answer(200, {"data": {"id": "a1", "alias": "k", "status": "open", "acknowledged": False, **fields}})


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
        (ListAlerts(), "GET", "/v2/alerts", None),
        (
            ListAlerts(query="status: open", sort="updatedAt", order="asc", max_items=5),
            "GET",
            "/v2/alerts?query=status%3A%20open&sort=updatedAt&order=asc",
            None,
        ),
        (GetAlert(identifier="a1"), "GET", "/v2/alerts/a1?identifierType=id", None),
        (
            GetAlert(identifier="db-1/disk ü", identifier_type="alias"),
            "GET",
            "/v2/alerts/db-1%2Fdisk%20%C3%BC?identifierType=alias",
            None,
        ),
        (
            ListNotes(identifier="17", identifier_type="tiny"),
            "GET",
            "/v2/alerts/17/notes?limit=100&identifierType=tiny",
            None,
        ),
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
        (CloseAlert(identifier="a1"), "POST", "/v2/alerts/a1/close?identifierType=id", {}),
        (
            CloseAlert(identifier="k", identifier_type="alias", user="ana", source="s", note="n"),
            "POST",
            "/v2/alerts/k/close?identifierType=alias",
            {"user": "ana", "source": "s", "note": "n"},
        ),
        (
            AcknowledgeAlert(identifier="17", identifier_type="tiny"),
            "POST",
            "/v2/alerts/17/acknowledge?identifierType=tiny",
            {},
        ),
        (
            EscalateAlert(identifier="a1", escalation="ops_escalation", note="n"),
            "POST",
            "/v2/alerts/a1/escalate?identifierType=id",
            {"note": "n", "escalation": {"name": "ops_escalation"}},
        ),
        (
            AddNote(identifier="a1", note="n", user="ana", source="s"),
            "POST",
            "/v2/alerts/a1/notes?identifierType=id",
            {"note": "n", "user": "ana", "source": "s"},
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


@pytest.mark.parametrize(
    ("command", "limits", "repeat"),
    [
        (ListAlerts, "search", "safe"),
        (GetAlert, "alert", "safe"),
        (CreateAlert, "alert", "keyed"),
        (CloseAlert, "alert", "verify"),
        (AcknowledgeAlert, "alert", "verify"),
        (EscalateAlert, "alert", "unsafe"),
        (AddNote, "alert", "verify"),
    ],
)
def test_each_command_spends_its_domain_and_says_what_a_lost_answer_means(
    command: type[Command], limits: str, repeat: str
) -> None:
    assert (command.spec.area, command.spec.limits, command.spec.repeat) == ("alerts", limits, repeat)


# looking for a lost change


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


async def test_an_alert_without_an_alias_cannot_be_looked_for() -> None:
    seen, sender = await looked(CreateAlert(message="m"), MISSING)
    assert seen is Seen.UNDECIDED
    assert sender.requests == []


async def test_a_lost_creation_is_not_repeated_when_the_alert_is_there() -> None:
    sender = GivenSender(lost(), MISSING, alert())
    await CreateAlert(message="m", alias="k").run(sender)
    assert len(sender.sent) == 1


async def test_a_closed_alert_is_seen_closed() -> None:
    seen, _ = await looked(CloseAlert(identifier="a1"), alert(), alert(status="closed"))
    assert isinstance(seen, Result)
    assert seen.output["alertId"] == "a1"


@pytest.mark.parametrize("answers", [[alert()], [MISSING]])
async def test_an_alert_that_stays_open_or_unknown_by_id_was_not_closed(answers: list[Answer]) -> None:
    seen, sender = await looked(CloseAlert(identifier="a1"), *answers)
    assert seen is Seen.ABSENT
    assert sender.waited == pytest.approx(SETTLE)


async def test_no_open_alert_under_an_alias_is_closed_once_it_stays_so() -> None:
    seen, sender = await looked(CloseAlert(identifier="k", identifier_type="alias"), MISSING)
    assert isinstance(seen, Result)
    assert seen.output["alias"] == "k"
    assert sender.waited == pytest.approx(SETTLE)


async def test_an_alert_that_appears_while_looking_was_not_closed() -> None:
    seen, _ = await looked(CloseAlert(identifier="k", identifier_type="alias"), MISSING, MISSING, alert())
    assert seen is Seen.ABSENT


async def test_an_acknowledged_alert_is_seen_acknowledged() -> None:
    seen, _ = await looked(AcknowledgeAlert(identifier="a1"), alert(), alert(acknowledged=True))
    assert isinstance(seen, Result)
    assert (await looked(AcknowledgeAlert(identifier="a1"), alert()))[0] is Seen.ABSENT


def notes(*pairs: tuple[str, str]) -> Answer:
    return answer(200, {"data": [{"note": note, "createdAt": created} for note, created in pairs]})


async def test_a_note_is_found_by_its_text_if_it_is_new_enough() -> None:
    mine = ("Hello", "2020-06-03T00:00:01Z")
    seen, sender = await looked(AddNote(identifier="a1", note="Hello"), notes(), notes(("Other", mine[1]), mine))
    assert isinstance(seen, Result)
    assert sender.requests[0].target == "/v2/alerts/a1/notes?limit=100&identifierType=id"


@pytest.mark.parametrize(
    "given", [notes(("Hello", "2020-06-02T00:00:00Z")), notes(("Hullo", "2020-06-03T00:00:01Z")), notes(), MISSING]
)
async def test_an_old_or_other_note_is_not_ours(given: Answer) -> None:
    seen, _ = await looked(AddNote(identifier="a1", note="Hello"), given)
    assert seen is Seen.ABSENT


async def test_a_lost_escalation_is_never_repeated() -> None:
    sender = GivenSender(lost())
    with pytest.raises(OutcomeUnknown):
        await EscalateAlert(identifier="a1", escalation="x").run(sender)
    assert len(sender.requests) == 1


async def test_an_alert_is_read_as_it_is_named() -> None:
    class Poke(AlertAction, route="POST /v2/alerts/{identifier}/poke", repeat="safe"):
        """Poke."""

    sender = GivenSender(alert())
    assert (await Poke(identifier="17", identifier_type="tiny").alert(sender) or {})["id"] == "a1"
    assert sender.requests == [Request("GET", "/v2/alerts/17", (("identifierType", "tiny"),))]


# closing what is still being created


BY_ALIAS = CloseAlert(identifier="k", identifier_type="alias")


async def test_a_close_by_alias_waits_for_a_creation_that_is_still_queued() -> None:
    refused = status(False, "Alert with alias [k] does not exist")
    sender = GivenSender(ACCEPTED, refused, MISSING, ACCEPTED, status(True, "Closed alert"))
    assert (await BY_ALIAS.run(sender)).output["isSuccess"] is True
    assert len(sender.sent) == 3


@pytest.mark.parametrize(("refusal", "kind"), [(MISSING, NotFound), (status(False, "Alert not found"), Rejected)])
async def test_a_close_by_alias_gives_up_after_thirty_seconds(refusal: Answer, kind: type[Exception]) -> None:
    def by(request: Request) -> Answer:
        return ACCEPTED if request.method == "POST" and kind is Rejected else refusal

    sender = GivenSender(by=by)
    with pytest.raises(kind) as caught:
        await BY_ALIAS.run(sender)
    assert sender.waited == pytest.approx(OVERTAKEN)
    assert getattr(caught.value, "hint", None) == (
        "No open alert has this alias; waited 30 s in case it was still being created."
    )


async def test_a_close_by_id_waits_for_nothing() -> None:
    sender = GivenSender(MISSING)
    with pytest.raises(NotFound) as caught:
        await CloseAlert(identifier="a1").run(sender)
    assert caught.value.hint is None
    assert sender.waits == []


async def test_an_alert_that_is_already_closed_is_not_closed_again() -> None:
    sender = GivenSender(ACCEPTED, status(False, "Alert is already closed"))
    with pytest.raises(Rejected) as caught:
        await BY_ALIAS.run(sender)
    assert caught.value.message == "Alert is already closed"
    assert len(sender.sent) == 1
