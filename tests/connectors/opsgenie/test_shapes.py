"""What the commands have in common: envelopes, pages, and changes confirmed later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.opsgenie.alerts.acting import EscalateAlert
from connectors.opsgenie.alerts.creating import CreateAlert
from connectors.opsgenie.alerts.listing import ListAlerts
from connectors.opsgenie.alerts.reading import GetAlert
from connectors.opsgenie.incidents import CreateIncident
from connectors.opsgenie.shapes import (
    CEILING,
    GRACE,
    PENDING,
    Change,
    ListPages,
    Responder,
    Viewer,
    created_since,
    moments,
    payload,
    thing,
    things,
)
from playbooks_engine.errors import (
    CommandFailed,
    ConnectionFailed,
    Forbidden,
    InvalidInput,
    NotAllowed,
    OutcomeUnknown,
    Rejected,
    UnexpectedAnswer,
)
from playbooks_engine.sdk import Answer, Request, Result
from playbooks_engine.testing import GivenSender, answer
from playbooks_engine.testing.given import START

ACCEPTED = answer(202, {"result": "Request will be processed", "took": 0.1, "requestId": "r-1"})
QUEUED = answer(404, {"message": "Request not found. It might not be processed, yet."}, dict([PENDING]))
UNKNOWN = answer(404, {"message": "Request not found."})
ESCALATE = EscalateAlert(identifier="a1", escalation="ops")


def status(**data: Any) -> Answer:
    return answer(200, {"data": data, "took": 0.1, "requestId": "r-2"})


DONE = {"action": "Escalate", "isSuccess": True, "success": True, "status": "Escalated", "alertId": "a1"}


# envelopes


def test_the_payload_is_data() -> None:
    assert payload({"data": [], "took": 1}) == []


@pytest.mark.parametrize("document", [{}, [], None, "data", {"Data": 1}])
def test_json_without_data_is_not_opsgenie(document: Any) -> None:
    with pytest.raises(UnexpectedAnswer, match="without `data`"):
        payload(document)


@pytest.mark.parametrize(
    ("read", "document"),
    [(thing, {"data": []}), (thing, {"data": None}), (things, {"data": {}}), (things, {"data": ["a"]})],
)
def test_data_of_another_shape_is_not_opsgenie(read: Callable[[Any], Any], document: Any) -> None:
    with pytest.raises(UnexpectedAnswer, match="correct server_url"):
        read(document)


async def test_a_read_gives_data_and_keeps_the_whole_answer() -> None:
    document = {"data": {"id": "a1"}, "took": 0.1, "requestId": "r"}
    assert await GetAlert(identifier="a1").run(GivenSender(answer(200, document))) == Result({"id": "a1"}, document)


# pages


class ListThings(ListPages, route="GET /v2/things", area="things"):
    """List things."""


class Company:
    """Alerts behind a paged list; more of them may come to its front between two pages."""

    def __init__(self, count: int, newcomers: int = 0) -> None:
        self.items = [{"id": f"a{n}"} for n in range(count)]
        self.newcomers = newcomers

    def __call__(self, request: Request) -> Answer:
        asked = dict(request.query)
        offset, limit = int(asked["offset"]), int(asked["limit"])
        page = self.items[offset : offset + limit]
        paging = {"first": "https://elsewhere.example.com/first"}
        if offset + limit < len(self.items):
            paging["next"] = "https://elsewhere.example.com/next"
        self.items = [{"id": f"new{offset}-{n}"} for n in range(self.newcomers)] + self.items
        return answer(200, {"data": page, "paging": paging, "took": 0.1, "requestId": f"r{offset}"})


async def test_all_pages_are_read_by_number_on_the_own_host() -> None:
    sender = GivenSender(by=Company(250))
    result = await ListAlerts(query="status: open").run(sender)
    assert [item["id"] for item in result.output] == [f"a{n}" for n in range(250)]
    assert [request.target for request in sender.sent] == [
        "/v2/alerts?query=status%3A%20open&limit=100&offset=0",
        "/v2/alerts?query=status%3A%20open&limit=100&offset=100",
        "/v2/alerts?query=status%3A%20open&limit=100&offset=200",
    ]


async def test_raw_holds_all_items_in_the_last_envelope() -> None:
    result = await ListAlerts().run(GivenSender(by=Company(150)))
    assert result.raw["data"] == result.output
    assert result.raw["requestId"] == "r100"


async def test_what_moves_onto_the_next_page_is_kept_once() -> None:
    result = await ListAlerts().run(GivenSender(by=Company(150, newcomers=3)))
    ids = [item["id"] for item in result.output]
    assert len(ids) == len(set(ids))
    assert {f"a{n}" for n in range(150)} <= set(ids)


async def test_items_without_an_id_are_all_kept() -> None:
    result = await ListAlerts().run(GivenSender(answer(200, {"data": [{"x": 1}, {"x": 1}]})))
    assert result.output == [{"x": 1}, {"x": 1}]


@pytest.mark.parametrize(("most", "pages"), [(1, ["1"]), (100, ["100"]), (101, ["100", "100"])])
async def test_no_more_is_read_than_is_wanted(most: int, pages: list[str]) -> None:
    sender = GivenSender(by=Company(1_000))
    result = await ListAlerts(max_items=most).run(sender)
    assert len(result.output) == most
    assert [dict(request.query)["limit"] for request in sender.sent] == pages
    assert all("max" not in request.target for request in sender.sent)


def test_wanting_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput, match="max_items"):
        ListAlerts.read_inputs({"max_items": 0})


async def test_more_than_the_vendor_pages_through_is_an_error_and_not_a_short_list() -> None:
    sender = GivenSender(by=Company(CEILING + 1))
    with pytest.raises(UnexpectedAnswer, match="More than 20,000 items") as caught:
        await ListThings().run(sender)
    assert caught.value.hint == "Narrow the query, for example by createdAt, or set max_items."
    assert all(int(dict(r.query)["offset"]) + int(dict(r.query)["limit"]) <= CEILING for r in sender.sent)


async def test_as_many_as_the_vendor_pages_through_are_read() -> None:
    result = await ListAlerts().run(GivenSender(by=Company(CEILING)))
    assert len(result.output) == CEILING


@pytest.mark.parametrize("paging", [None, {}, {"first": "x"}])
async def test_a_page_without_a_next_one_is_the_last(paging: Any) -> None:
    sender = GivenSender(answer(200, {"data": [{"id": "a"}], "paging": paging}))
    assert (await ListAlerts().run(sender)).output == [{"id": "a"}]


async def test_an_empty_page_is_the_last_whatever_it_says() -> None:
    sender = GivenSender(answer(200, {"data": [], "paging": {"next": "x"}}))
    assert (await ListAlerts().run(sender)).output == []


# changes


async def test_a_change_succeeds_only_when_its_status_says_so() -> None:
    sender = GivenSender(ACCEPTED, QUEUED, QUEUED, status(**DONE))
    result = await ESCALATE.run(sender)
    assert result.output == DONE
    assert result.raw == {"data": DONE, "took": 0.1, "requestId": "r-2"}
    assert [request.path for request in sender.requests[1:]] == ["/v2/alerts/requests/r-1"] * 3
    assert sender.accepted_ids == ["r-1"]
    assert sender.waits == [0.1, 0.2]


async def test_an_incident_is_confirmed_on_its_own_endpoint() -> None:
    sender = GivenSender(ACCEPTED, status(isSuccess=True, incidentId="i1"))
    await CreateIncident(message="Down", service_id="s1").run(sender)
    assert sender.requests[1].path == "/v1/incidents/requests/r-1"


async def test_the_request_id_of_the_header_stands_in() -> None:
    sender = GivenSender(answer(202, {"result": "ok"}, {"x-request-id": "r/9"}), status(**DONE))
    await ESCALATE.run(sender)
    assert sender.requests[1].path == "/v2/alerts/requests/r%2F9"


@pytest.mark.parametrize("given", [answer(202, {"result": "ok"}), answer(202, []), Answer(200, {}, b"<html>")])
async def test_an_answer_without_a_request_id_is_not_opsgenie(given: Answer) -> None:
    with pytest.raises(UnexpectedAnswer):
        await ESCALATE.run(GivenSender(given))


@pytest.mark.parametrize("data", [{"isSuccess": False}, {"success": False}, {"isSuccess": False, "success": True}, {}])
async def test_a_change_that_was_accepted_and_then_refused_is_rejected(data: dict[str, Any]) -> None:
    sender = GivenSender(ACCEPTED, status(status="Alert is already closed", **data))
    with pytest.raises(Rejected) as caught:
        await ESCALATE.run(sender)
    assert caught.value.message == "Alert is already closed"
    assert caught.value.request_id == "r-1"
    assert len(sender.sent) == 1


async def test_an_older_status_without_is_success_counts() -> None:
    assert (await ESCALATE.run(GivenSender(ACCEPTED, status(success=True)))).output == {"success": True}


async def test_a_request_that_the_vendor_does_not_know_is_unknown_at_once() -> None:
    sender = GivenSender(ACCEPTED, UNKNOWN)
    with pytest.raises(OutcomeUnknown, match="never said what became of it") as caught:
        await ESCALATE.run(sender)
    assert caught.value.request_id == "r-1"
    assert caught.value.hint == "Open the alert in Opsgenie and look whether it happened, before you run it again."
    assert sender.waits == []


async def test_a_change_that_stays_queued_is_given_up_within_its_deadline() -> None:
    sender = GivenSender(by=lambda request: ACCEPTED if request.method == "POST" else QUEUED)
    with pytest.raises(OutcomeUnknown):
        await ESCALATE.run(sender)
    assert 50 < sender.waited <= Change.DEADLINE
    assert len(sender.sent) == 1
    assert max(sender.waits) == 5.0


@pytest.mark.parametrize("error", [ConnectionFailed("The connection broke."), Forbidden("No."), UnexpectedAnswer("?")])
async def test_when_asking_fails_the_change_is_unknown_and_not_to_be_repeated(error: CommandFailed) -> None:
    sender = GivenSender(ACCEPTED, error)
    with pytest.raises(OutcomeUnknown, match="asking what became of it failed") as caught:
        await ESCALATE.run(sender)
    assert not caught.value.retryable
    assert len(sender.sent) == 1


async def test_a_status_that_is_no_status_is_unknown() -> None:
    with pytest.raises(OutcomeUnknown):
        await ESCALATE.run(GivenSender(ACCEPTED, answer(200, {"data": []})))


async def test_asking_that_is_not_allowed_says_so() -> None:
    with pytest.raises(NotAllowed):
        await ESCALATE.resume(GivenSender(NotAllowed("No.")), START, "r-1")


async def test_after_a_crash_an_accepted_change_is_asked_for_and_not_sent_again() -> None:
    sender = GivenSender(status(**DONE))
    result = await ESCALATE.resume(sender, START, "r-1")
    assert result is not None
    assert result.output == DONE
    assert sender.sent == []


async def test_after_a_crash_a_request_id_that_was_forgotten_leads_to_a_look() -> None:
    sender = GivenSender(
        UNKNOWN, answer(200, {"data": {"id": "a1", "alias": "k", "createdAt": "2020-06-03T00:00:00Z"}})
    )
    result = await CreateAlert(message="m", alias="k").resume(sender, START, "r-1")
    assert result is not None
    assert result.output["alertId"] == "a1"


# parts


async def test_turns_of_waiting_grow_until_the_time_is_up() -> None:
    sender = GivenSender()
    turns = [turn async for turn in moments(sender, 2.0)]
    assert sender.waits == pytest.approx([0.2, 0.4, 0.8, 0.6])
    assert len(turns) == 5


async def test_no_patience_is_one_turn() -> None:
    sender = GivenSender()
    assert [turn async for turn in moments(sender, 0.0)] == [None]
    assert sender.waits == []


@pytest.mark.parametrize(
    ("created", "ours"),
    [
        ("2020-06-03T00:00:00Z", True),
        ("2020-06-02T23:59:00.5Z", True),
        ("2020-06-02T23:58:59.999Z", False),
        ("2020-06-03T00:00:00", True),
        ("soon", False),
        (None, False),
        (1591142400000, False),
    ],
)
def test_what_was_created_a_minute_before_the_request_may_be_ours(created: Any, ours: bool) -> None:
    assert created_since({"createdAt": created}, START) is ours


def test_another_moment_and_another_measure_may_be_asked_for() -> None:
    item = {"createdAt": "2020-06-02T00:00:00Z", "lastOccurredAt": "2020-06-02T23:59:57Z"}
    assert created_since(item, START, at="lastOccurredAt")
    assert not created_since(item, START, GRACE, at="lastOccurredAt")


def test_what_does_not_say_when_it_was_created_is_not_ours() -> None:
    assert not created_since({}, START - timedelta(days=9))


def test_details_are_texts_of_at_most_8000_characters() -> None:
    made = CreateAlert.read_inputs({"message": "m", "details": {"n": 1, "f": 1.5, "b": True, "t": "x"}})
    assert made.details == {"n": "1", "f": "1.5", "b": "true", "t": "x"}
    CreateAlert.read_inputs({"message": "m", "details": {"k": "x" * 7_999}})
    with pytest.raises(InvalidInput, match="details hold 8001 characters; 8000 are allowed"):
        CreateAlert.read_inputs({"message": "m", "details": {"k": "x" * 8_000}})
    with pytest.raises(InvalidInput, match="valid string"):
        CreateAlert.read_inputs({"message": "m", "details": {"k": ["x"]}})


@pytest.mark.parametrize(
    "responder", [{"type": "team", "id": "1"}, {"type": "schedule", "name": "s"}, {"type": "user", "username": "u"}]
)
def test_a_responder_is_named_once(responder: dict[str, str]) -> None:
    assert Responder.model_validate(responder).model_dump(exclude_none=True) == responder


@pytest.mark.parametrize(
    ("kind", "responder", "why"),
    [
        (Responder, {"type": "team"}, "give one of id, name or username"),
        (Responder, {"type": "team", "id": "1", "name": "a"}, "give one of id, name or username"),
        (Responder, {"type": "team", "username": "a"}, "only a user has a username"),
        (Responder, {"type": "group", "id": "1"}, "type"),
        (Responder, {"type": "team", "id": "1", "nick": "a"}, "nick"),
        (Viewer, {"type": "schedule", "id": "1"}, "type"),
    ],
)
def test_other_responders_are_refused(kind: type[Responder], responder: dict[str, str], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        kind.model_validate(responder)
