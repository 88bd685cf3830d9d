"""Changes that are done when they are answered: what they give, and how a lost one is looked for."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie.changes import Addition, Creation, Edit, Removal, holds
from playbooks_engine.errors import OutcomeUnknown, UnexpectedAnswer
from playbooks_engine.sdk import Answer, Request, Result, Seen
from playbooks_engine.testing import GivenSender, answer, lost
from playbooks_engine.testing.given import START

MISSING = answer(404, {"message": "No such thing"})


class Paint(Edit, route="POST /v2/paint", area="things", repeat="safe"):
    """Paint something."""


class Make(Creation, route="POST /v2/things", area="things", repeat="verify"):
    """Make a thing."""

    name: str | None = None
    colour: str | None = None

    def by_name(self) -> Request | None:
        return None if self.name is None else Request("GET", f"/v2/things/{self.name}")


class Put(Addition, route="POST /v2/shelves/{shelf}/things", area="things", repeat="verify"):
    """Put a thing on a shelf."""

    shelf: str
    name: str | None = None
    since: str | None = None

    def all_of_them(self) -> Request:
        return Request("GET", f"/v2/shelves/{self.shelf}/things")


class Throw(Removal, route="DELETE /v2/things/{identifier}", area="things", repeat="verify"):
    """Throw a thing away."""

    identifier: str
    identifier_type: str = "id"


@pytest.mark.parametrize(
    ("document", "output"),
    [
        ({"result": "Created", "data": {"id": "1"}, "took": 0.1}, {"id": "1"}),
        ({"data": {"id": "1"}}, {"id": "1"}),
        ({"result": "Deleted", "took": 0}, {"result": "Deleted"}),
        ({"result": "Deleted", "data": None}, {"result": "Deleted"}),
    ],
)
async def test_the_output_is_data_or_the_answers_word(document: dict[str, Any], output: Any) -> None:
    assert await Paint().run(GivenSender(answer(200, document))) == Result(output, document)


@pytest.mark.parametrize("document", [{"took": 1}, [], "Deleted"])
async def test_an_answer_with_neither_is_somebody_elses(document: Any) -> None:
    with pytest.raises(UnexpectedAnswer):
        await Paint().run(GivenSender(answer(200, document)))


def one(**fields: Any) -> Answer:
    return answer(200, {"data": {"id": "1", "name": "n", **fields}})


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        (MISSING, Seen.ABSENT),
        (one(colour="red", more=1), Result),
        (one(colour="blue"), Seen.UNDECIDED),
        (one(colour="red", createdAt="2020-06-03T00:00:01Z"), Result),
        (one(colour="red", createdAt="2020-06-02T00:00:00Z"), Seen.ABSENT),
    ],
)
async def test_a_creation_is_read_back_by_its_name(given: Answer, seen: Any) -> None:
    sender = GivenSender(given)
    found = await Make(name="n", colour="red").look(sender, START)
    assert found is seen or (isinstance(found, Result) and seen is Result)
    assert [r.target for r in sender.requests] == ["/v2/things/n"]


async def test_a_creation_without_a_name_cannot_be_looked_for() -> None:
    assert await Make().look(GivenSender(), START) is Seen.UNDECIDED


async def test_a_lost_creation_is_made_once() -> None:
    sender = GivenSender(lost(), one(colour="red"))
    result = await Make(name="n", colour="red").run(sender)
    assert (result.output["id"], len(sender.sent)) == ("1", 1)
    assert "the answer got lost" in result.raw["result"]


async def test_what_may_be_somebody_elses_is_unknown() -> None:
    with pytest.raises(OutcomeUnknown) as caught:
        await Make(name="n", colour="red").run(GivenSender(lost(), one(colour="blue")))
    assert caught.value.hint == "Look at it in Opsgenie before you run it again."


def shelf(*things: dict[str, Any]) -> Answer:
    return answer(200, {"data": list(things)})


@pytest.mark.parametrize(
    ("inputs", "given", "seen"),
    [
        ({"name": "n"}, shelf({"id": "0"}, {"id": "1", "name": "n"}), Result),
        ({"name": "n"}, shelf({"id": "0", "name": "m"}), Seen.ABSENT),
        ({"name": "n", "since": "2020"}, shelf({"name": "n", "since": "2021"}), Seen.UNDECIDED),
        ({"since": "2020"}, shelf({"since": "2021"}), Seen.UNDECIDED),
        ({"since": "2020"}, shelf(), Seen.ABSENT),
        ({"name": "n"}, MISSING, Seen.ABSENT),
    ],
)
async def test_an_addition_is_looked_for_in_its_list(inputs: dict[str, Any], given: Answer, seen: Any) -> None:
    found = await Put(shelf="s", **inputs).look(GivenSender(given), START)
    assert found is seen or (isinstance(found, Result) and seen is Result)


async def test_a_removal_is_done_when_the_thing_cannot_be_read() -> None:
    sender = GivenSender(MISSING)
    assert isinstance(await Throw(identifier="a/b").look(sender, START), Result)
    assert sender.requests == [Request("GET", "/v2/things/a%2Fb", (("identifierType", "id"),))]
    assert await Throw(identifier="a").look(GivenSender(one()), START) is Seen.ABSENT


@pytest.mark.parametrize(
    ("sent", "kept", "same"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, True),
        ({"a": {"b": [1]}}, {"a": {"b": [1], "c": 2}}, True),
        ([{"id": "1"}], [{"id": "1", "name": "x"}], True),
        ([1], [1, 2], False),
        ([1], 1, False),
        ({"a": 1}, None, False),
        ("2020-01-01T08:00:00.000Z", "2020-01-01T08:00:00Z", True),
        ("2020-01-01T08:00:00.000Z", "2020-01-01T08:30:00Z", False),
        ("x", "y", False),
        (True, True, True),
        (1, None, False),
    ],
)
def test_what_was_sent_must_stand_in_what_is_kept(sent: Any, kept: Any, same: bool) -> None:
    assert holds(sent, kept) is same
