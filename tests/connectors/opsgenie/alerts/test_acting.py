"""What is done to an alert: the requests, and how a lost change is looked for."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie.alerts.acting import (
    OVERTAKEN,
    AcknowledgeAlert,
    AddNote,
    AddResponder,
    AddTeam,
    AlertAction,
    AssignAlert,
    CloseAlert,
    EscalateAlert,
    ExecuteCustomAlertAction,
    SnoozeAlert,
    UnacknowledgeAlert,
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


@pytest.mark.parametrize(
    ("command", "method", "target", "body"),
    [
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
        (UnacknowledgeAlert(identifier="a1"), "POST", "/v2/alerts/a1/unacknowledge?identifierType=id", {}),
        (
            SnoozeAlert.read_inputs({"identifier": "a1", "end_time": "2020-06-03 08:00", "note": "n"}),
            "POST",
            "/v2/alerts/a1/snooze?identifierType=id",
            {"endTime": "2020-06-03T08:00:00.000Z", "note": "n"},
        ),
        (
            EscalateAlert(identifier="a1", escalation="ops_escalation", note="n"),
            "POST",
            "/v2/alerts/a1/escalate?identifierType=id",
            {"note": "n", "escalation": {"name": "ops_escalation"}},
        ),
        (
            EscalateAlert.read_inputs({"identifier": "a1", "escalation": {"id": "e1"}}),
            "POST",
            "/v2/alerts/a1/escalate?identifierType=id",
            {"escalation": {"id": "e1"}},
        ),
        (
            AssignAlert(identifier="a1", owner="ana@example.com"),
            "POST",
            "/v2/alerts/a1/assign?identifierType=id",
            {"owner": {"username": "ana@example.com"}},
        ),
        (
            AssignAlert.read_inputs({"identifier": "a1", "owner": {"id": "u1"}, "user": "ana"}),
            "POST",
            "/v2/alerts/a1/assign?identifierType=id",
            {"owner": {"id": "u1"}, "user": "ana"},
        ),
        (
            AddResponder.read_inputs({"identifier": "a1", "responder": {"type": "schedule", "name": "ops"}}),
            "POST",
            "/v2/alerts/a1/responders?identifierType=id",
            {"responder": {"type": "schedule", "name": "ops"}},
        ),
        (
            AddTeam(identifier="a1", team="Payments", source="s"),
            "POST",
            "/v2/alerts/a1/teams?identifierType=id",
            {"team": {"name": "Payments"}, "source": "s"},
        ),
        (
            ExecuteCustomAlertAction(identifier="a1", action_name="Restart / now", note="n"),
            "POST",
            "/v2/alerts/a1/actions/Restart%20%2F%20now?identifierType=id",
            {"note": "n"},
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
    ("command", "inputs", "field"),
    [
        (CloseAlert, {"user": "x" * 101}, "user"),
        (CloseAlert, {"source": "x" * 101}, "source"),
        (CloseAlert, {"note": "x" * 25_001}, "note"),
        (CloseAlert, {"identifier_type": "name"}, "identifier_type"),
        (AddNote, {}, "note"),
        (AddNote, {"note": ""}, "note"),
        (AddNote, {"note": "x" * 25_001}, "note"),
        (SnoozeAlert, {}, "end_time"),
        (SnoozeAlert, {"end_time": "tomorrow"}, "end_time"),
        (EscalateAlert, {"escalation": {"id": "1", "name": "n"}}, "escalation"),
        (AssignAlert, {"owner": {}}, "owner"),
        (AssignAlert, {"owner": {"name": "ana"}}, "owner"),
        (AddResponder, {"responder": {"type": "team"}}, "responder"),
        (AddResponder, {"responder": {"type": "team", "username": "ana"}}, "responder"),
        (AddResponder, {"responder": {"type": "all", "id": "1"}}, "responder"),
        (AddTeam, {"team": {"username": "ana"}}, "team"),
    ],
)
def test_a_wrong_input_is_refused_by_name(command: type[Command], inputs: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput, match=f"`{field}"):
        command.read_inputs({"identifier": "a1", **inputs})


@pytest.mark.parametrize(
    ("command", "repeat"),
    [
        (CloseAlert, "verify"),
        (AcknowledgeAlert, "verify"),
        (UnacknowledgeAlert, "verify"),
        (SnoozeAlert, "verify"),
        (EscalateAlert, "unsafe"),
        (AssignAlert, "verify"),
        (AddResponder, "verify"),
        (AddTeam, "verify"),
        (ExecuteCustomAlertAction, "unsafe"),
        (AddNote, "verify"),
    ],
)
def test_each_command_spends_its_domain_and_says_what_a_lost_answer_means(command: type[Command], repeat: str) -> None:
    spec = command.spec
    assert (spec.area, spec.limits, spec.effect, spec.repeat) == ("alerts", "alert", "write", repeat)


# looking for a lost change


async def looked(command: Change, *answers: Answer) -> tuple[Result | Seen, GivenSender]:
    """What a look gives; the last answer stays."""
    left = list(answers)
    sender = GivenSender(by=lambda request: left.pop(0) if len(left) > 1 else left[0])
    return await command.look(sender, START), sender


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


SNOOZE = SnoozeAlert.read_inputs({"identifier": "a1", "end_time": "2020-06-03 08:00"})
BY_ID = AddResponder.read_inputs({"identifier": "a1", "responder": {"type": "team", "id": "t1"}})
T1 = [{"type": "user", "id": "u1"}, {"type": "team", "id": "t1"}]


@pytest.mark.parametrize(
    ("command", "before", "after"),
    [
        (UnacknowledgeAlert(identifier="a1"), {"acknowledged": True}, {"acknowledged": False}),
        (SNOOZE, {}, {"snoozed": True, "snoozedUntil": "2020-06-03T08:00:00Z"}),
        (
            SNOOZE,
            {"snoozed": True, "snoozedUntil": "2020-06-03T07:00:00Z"},
            {"snoozed": True, "snoozedUntil": "2020-06-03T08:00:00Z"},
        ),
        (AssignAlert(identifier="a1", owner="Ana@example.com"), {"owner": ""}, {"owner": "ana@example.com"}),
        (BY_ID, {"responders": [{"type": "user", "id": "u1"}]}, {"responders": T1}),
        (AddTeam.read_inputs({"identifier": "a1", "team": {"id": "t1"}}), {"teams": []}, {"teams": [{"id": "t1"}]}),
        (AddTeam.read_inputs({"identifier": "a1", "team": {"id": "t1"}}), {}, {"responders": T1}),
    ],
)
async def test_what_an_alert_shows_is_seen_there(
    command: Change, before: dict[str, Any], after: dict[str, Any]
) -> None:
    assert isinstance((await looked(command, alert(**before), alert(**after)))[0], Result)
    assert (await looked(command, alert(**before)))[0] is Seen.ABSENT
    assert (await looked(command, MISSING))[0] is Seen.ABSENT


@pytest.mark.parametrize(
    "command",
    [
        AssignAlert.read_inputs({"identifier": "a1", "owner": {"id": "u1"}}),
        AddResponder.read_inputs({"identifier": "a1", "responder": {"type": "team", "name": "Payments"}}),
        AddTeam(identifier="a1", team="Payments"),
    ],
)
async def test_what_an_alert_names_otherwise_cannot_be_told(command: Change) -> None:
    assert (await looked(command, alert(responders=T1, owner="ana@example.com")))[0] is Seen.UNDECIDED


def notes(*pairs: tuple[str, str]) -> Answer:
    return answer(200, {"data": [{"note": note, "createdAt": created} for note, created in pairs]})


async def test_a_note_is_found_by_its_text_if_it_is_new_enough() -> None:
    mine = ("Hello", "2020-06-03T00:00:01Z")
    seen, sender = await looked(AddNote(identifier="a1", note="Hello"), notes(), notes(("Other", mine[1]), mine))
    assert isinstance(seen, Result)
    assert sender.requests[0].target == "/v2/alerts/a1/notes?identifierType=id&limit=100"


@pytest.mark.parametrize(
    "given", [notes(("Hello", "2020-06-02T00:00:00Z")), notes(("Hullo", "2020-06-03T00:00:01Z")), notes(), MISSING]
)
async def test_an_old_or_other_note_is_not_ours(given: Answer) -> None:
    seen, _ = await looked(AddNote(identifier="a1", note="Hello"), given)
    assert seen is Seen.ABSENT


async def test_the_same_text_of_just_before_may_be_an_earlier_note() -> None:
    given = notes(("Hello", "2020-06-02T23:59:30Z"))
    seen, sender = await looked(AddNote(identifier="a1", note="Hello"), given)
    assert seen is Seen.UNDECIDED
    assert sender.waited == pytest.approx(SETTLE)
    ours = notes(("Hello", "2020-06-02T23:59:58Z"), ("Hello", "2020-06-02T23:59:30Z"))
    assert isinstance((await looked(AddNote(identifier="a1", note="Hello"), given, ours))[0], Result)


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
