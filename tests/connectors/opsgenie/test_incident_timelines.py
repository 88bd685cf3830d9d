"""The timeline of an incident: the requests, and how a lost entry is looked for."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie.incident_timelines import AddIncidentTimelineEntry, ListIncidentTimeline
from playbooks_engine.errors import InvalidInput, UnexpectedAnswer
from playbooks_engine.sdk import Answer, Result, Seen
from playbooks_engine.testing import GivenSender, answer
from playbooks_engine.testing.given import START

ADD = AddIncidentTimelineEntry(incident_id="i1", content="Failed over")


def page(*entries: Any, **more: Any) -> Answer:
    return answer(200, {"data": {"entries": list(entries), **more}})


def entry(says: Any = "Failed over", at: str = "2020-06-03T00:00:01Z") -> dict[str, Any]:
    return {"id": "e1", "description": {"type": "plain_text", "content": says}, "eventTime": at}


@pytest.mark.parametrize(
    ("inputs", "body"),
    [
        ({}, {"description": {"type": "plain_text", "content": "c"}}),
        (
            {"time": "2020-06-03 08:00"},
            {"description": {"type": "plain_text", "content": "c"}, "time": "2020-06-03T08:00:00.000Z"},
        ),
    ],
)
def test_an_entry_is_plain_text(inputs: dict[str, Any], body: Any) -> None:
    request = AddIncidentTimelineEntry.read_inputs({"incident_id": "i/1", "content": "c", **inputs}).request()
    assert (request.method, request.target, request.body) == ("POST", "/v2/incident-timelines/i%2F1/entries", body)


@pytest.mark.parametrize(
    ("inputs", "field"), [({"content": ""}, "content"), ({}, "content"), ({"content": "c", "time": "soon"}, "time")]
)
def test_a_wrong_input_is_refused_by_name(inputs: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput, match=f"`{field}`"):
        AddIncidentTimelineEntry.read_inputs({"incident_id": "i1", **inputs})


async def test_all_entries_are_listed() -> None:
    sender = GivenSender(page(1, 2, nextOffset="5"), page(3))
    result = await ListIncidentTimeline(incident_id="i1", order="asc").run(sender)
    assert result.output == [1, 2, 3]
    assert [r.target for r in sender.sent] == [
        "/v2/incident-timelines/i1/entries?order=asc&limit=100",
        "/v2/incident-timelines/i1/entries?order=asc&limit=100&offset=5",
    ]


async def test_an_answer_without_entries_is_not_opsgenie() -> None:
    with pytest.raises(UnexpectedAnswer, match="entries"):
        await ListIncidentTimeline(incident_id="i1").run(GivenSender(answer(200, {"data": {}})))


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        (page(entry()), Result),
        (page({**entry(), "description": "Failed over"}), Result),
        (page(entry("Other")), Seen.ABSENT),
        (page(entry(at="2020-06-02T00:00:00Z")), Seen.ABSENT),
        (page({"description": "Failed over"}), Seen.ABSENT),
        (page(), Seen.ABSENT),
    ],
)
async def test_a_lost_entry_is_looked_for_by_its_text_and_time(given: Answer, seen: Any) -> None:
    found = await ADD.look(GivenSender(given), START)
    assert isinstance(found, Result) if seen is Result else found is seen


async def test_an_entry_for_a_time_is_looked_for_at_that_time() -> None:
    at = AddIncidentTimelineEntry.read_inputs(
        {"incident_id": "i1", "content": "Failed over", "time": "2020-01-01T08:00:00Z"}
    )
    assert isinstance(await at.look(GivenSender(page(entry(at="2020-01-01T08:00:00Z"))), START), Result)
    assert await at.look(GivenSender(page(entry())), START) is Seen.ABSENT
