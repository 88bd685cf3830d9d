"""Changes that are done once they are answered: what they give, and how a lost one is looked for."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie.configuring import Setting, same
from connectors.opsgenie.connection import OpsgenieConnection
from connectors.opsgenie.contacts import CreateContact, DeleteContact, EnableContact
from connectors.opsgenie.notification_rules import CopyNotificationRules, CreateNotificationRule
from connectors.opsgenie.shapes import SETTLE
from connectors.opsgenie.users import CreateUser
from playbooks_engine.errors import Forbidden, OutcomeUnknown, UnexpectedAnswer
from playbooks_engine.sdk import Answer, Result, Seen
from playbooks_engine.testing import GivenSender, answer, lost
from playbooks_engine.testing.given import START

MISSING = answer(404, {"message": "No such thing"})
RULE = CreateNotificationRule(identifier="ana@example.com", name="Mine", action_type="closed-alert", enabled=True)
USER = CreateUser(username="ana@example.com", full_name="Ana", role="User")


def listed(*items: dict[str, Any]) -> Answer:
    return answer(200, {"data": list(items), "requestId": "r"})


def rule(**fields: Any) -> dict[str, Any]:
    return {"id": "r1", "name": "Mine", "actionType": "closed-alert", "order": 1, "enabled": True, **fields}


# what a change gives


async def test_a_change_gives_data() -> None:
    document = {"result": "Enabled", "data": {"id": "c1"}, "took": 0.1, "requestId": "r"}
    result = await EnableContact(identifier="ana@example.com", contact_id="c1").run(GivenSender(answer(200, document)))
    assert result == Result({"id": "c1"}, document)


@pytest.mark.parametrize("document", [{"result": "Deleted", "took": 0.1}, {"result": "Deleted"}])
async def test_a_change_without_data_gives_the_word_about_it(document: dict[str, Any]) -> None:
    result = await DeleteContact(identifier="ana@example.com", contact_id="c1").run(GivenSender(answer(200, document)))
    assert result == Result({"result": "Deleted"}, document)


@pytest.mark.parametrize("document", [{"status": "ok"}, [], None])
async def test_an_answer_that_is_not_opsgenies_is_no_success(document: Any) -> None:
    with pytest.raises(UnexpectedAnswer):
        await EnableContact(identifier="a@example.com", contact_id="c1").run(GivenSender(answer(200, document)))


# a lost creation


async def test_a_created_thing_is_found_by_its_name() -> None:
    sender = GivenSender(listed(rule(name="Other")), listed(rule(name="Other"), rule()))
    seen = await RULE.look(sender, START)
    assert isinstance(seen, Result)
    assert seen.output == rule()
    assert {request.target for request in sender.requests} == {"/v2/users/ana%40example.com/notification-rules"}


@pytest.mark.parametrize("given", [listed(), listed(rule(name="Other")), listed(rule(actionType="add-note")), MISSING])
async def test_a_thing_that_does_not_appear_in_time_was_not_created(given: Answer) -> None:
    sender = GivenSender(by=lambda request: given)
    assert await RULE.look(sender, START) is Seen.ABSENT
    assert sender.waited == pytest.approx(SETTLE)


@pytest.mark.parametrize("items", [[rule(enabled=False)], [rule(), rule(id="r2")]])
async def test_one_that_differs_or_two_of_a_name_decide_nothing(items: list[dict[str, Any]]) -> None:
    assert await RULE.look(GivenSender(listed(*items)), START) is Seen.UNDECIDED


@pytest.mark.parametrize(("created", "seen"), [("2020-06-03T00:00:01Z", Result), ("2020-06-01T00:00:00Z", Seen)])
async def test_what_was_there_before_is_not_ours(created: str, seen: type) -> None:
    user = answer(200, {"data": {"id": "u1", "username": "ana@example.com", "createdAt": created}})
    sender = GivenSender(by=lambda request: user)
    assert isinstance(await USER.look(sender, START), seen)
    assert sender.requests[0].target == "/v2/users/ana%40example.com"


async def test_a_lost_creation_is_looked_for_before_it_is_sent_again() -> None:
    sender = GivenSender(lost(), answer(200, {"data": [rule()]}))
    assert (await RULE.run(sender)).output == rule()
    assert [request.method for request in sender.requests] == ["POST", "GET"]


async def test_a_look_that_fails_decides_nothing() -> None:
    sender = GivenSender(lost(), Forbidden("No"))
    with pytest.raises(OutcomeUnknown) as caught:
        await RULE.run(sender)
    assert caught.value.hint == "Look into Opsgenie's settings whether it happened, before you run it again."


@pytest.mark.parametrize("called", ["method", "contactMethod"])
async def test_a_contact_is_found_by_its_method_and_address(called: str) -> None:
    others = [{"id": "c0", called: "voice", "to": "49-1"}, {"id": "c2", called: "sms", "to": "49-2"}]
    sender = GivenSender(listed(*others, {"id": "c1", called: "sms", "to": "49-1"}))
    seen = await CreateContact(identifier="ana@example.com", method="sms", to="49-1").look(sender, START)
    assert isinstance(seen, Result)
    assert seen.output["id"] == "c1"


# a lost removal, and what cannot be looked for


async def test_what_cannot_be_read_any_more_is_deleted() -> None:
    sender = GivenSender(MISSING)
    seen = await DeleteContact(identifier="ana@example.com", contact_id="c1").look(sender, START)
    assert isinstance(seen, Result)
    assert seen.output == {"result": "Deleted (seen by reading it back: the answer got lost)"}
    assert (sender.requests[0].method, sender.requests[0].path) == ("GET", "/v2/users/ana%40example.com/contacts/c1")


@pytest.mark.parametrize("command", [RULE, DeleteContact(identifier="ana@example.com", contact_id="c1")])
async def test_a_path_that_the_server_does_not_know_proves_nothing(command: Setting) -> None:
    unknown = answer(404, {"message": "No handler found"})
    connection = OpsgenieConnection.model_validate({"connector": "opsgenie", "api_key": "env:KEY"})
    with pytest.raises(OutcomeUnknown):
        await command.run(GivenSender(lost(), unknown, connection=connection))


async def test_what_can_still_be_read_was_not_deleted() -> None:
    there = answer(200, {"data": {"id": "c1"}})
    sender = GivenSender(by=lambda request: there)
    assert await DeleteContact(identifier="ana@example.com", contact_id="c1").look(sender, START) is Seen.ABSENT


async def test_a_change_that_may_be_repeated_is_repeated() -> None:
    sender = GivenSender(lost(), answer(200, {"result": "Enabled", "data": {"id": "c1"}}))
    await EnableContact(identifier="ana@example.com", contact_id="c1").run(sender)
    assert [request.method for request in sender.sent] == ["POST", "POST"]


async def test_a_lost_copy_is_never_repeated() -> None:
    sender = GivenSender(lost())
    copy = CopyNotificationRules(identifier="ana@example.com", to_users=["all"], rule_types=["all"])
    with pytest.raises(OutcomeUnknown):
        await copy.run(sender)
    assert len(sender.sent) == 1


@pytest.mark.parametrize(
    ("kept", "sent", "alike"),
    [
        ({"a": 1, "b": 2}, {"a": 1}, True),
        ({"a": 1}, {"a": 2}, False),
        ({"id": "1"}, {"name": "not shown"}, True),
        ({"team": {"id": "1", "name": "x"}}, {"team": {"name": "x"}}, True),
        ({"team": {"id": "1", "name": "x"}}, {"team": {"name": "y"}}, False),
        ({"at": "2020-06-03T00:00:00Z"}, {"at": "2020-06-03T00:00:00.000Z"}, True),
        ({"at": "2020-06-03T00:00:01Z"}, {"at": "2020-06-03T00:00:00.000Z"}, False),
        (["b", "a"], ["a", "b"], True),
        (["a", "b"], ["a"], False),
        (["a", "b"], ["a", "c"], False),
    ],
)
def test_what_is_kept_is_compared_as_far_as_it_is_shown(kept: Any, sent: Any, alike: bool) -> None:
    assert same(kept, sent) is alike
