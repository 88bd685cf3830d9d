"""Pages that are found by a key."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie.paging import ListKeyed
from playbooks_engine.errors import UnexpectedAnswer
from playbooks_engine.sdk import Answer, Request
from playbooks_engine.testing import GivenSender, answer


class ListLines(ListKeyed, route="GET /v2/lines", area="things"):
    """List lines."""


def page(*lines: Any, key: str | None = None) -> Answer:
    paging = {} if key is None else {"next": f"https://elsewhere.example.com/v2/lines?offset={key}&direction=next"}
    return answer(200, {"data": list(lines), "paging": paging, "took": 0.1})


async def test_the_key_of_the_link_is_asked_for_on_the_own_host() -> None:
    sender = GivenSender(page("a", "b", key="17_2"), page("c"))
    result = await ListLines(order="asc").run(sender)
    assert result.output == result.raw["data"] == ["a", "b", "c"]
    assert [r.target for r in sender.sent] == [
        "/v2/lines?order=asc&limit=100",
        "/v2/lines?order=asc&limit=100&offset=17_2",
    ]


@pytest.mark.parametrize(
    "document", [{"data": ["a"]}, {"data": ["a"], "paging": None}, {"data": ["a"], "paging": {"next": 1}}]
)
async def test_without_a_link_it_is_the_last_page(document: Any) -> None:
    assert (await ListLines().run(GivenSender(answer(200, document)))).output == ["a"]


async def test_an_empty_page_is_the_last() -> None:
    assert (await ListLines().run(GivenSender(page("a", key="1"), page(key="2")))).output == ["a"]


async def test_a_key_that_comes_again_does_not_lead_in_circles() -> None:
    sender = GivenSender(page("a", key="1"), page("b", key="2"), page("c", key="1"))
    assert (await ListLines().run(sender)).output == ["a", "b", "c"]


async def test_no_more_is_read_than_is_wanted() -> None:
    sender = GivenSender(page("a", "b", key="1"), page("c", "d", key="2"))
    assert (await ListLines(max_items=3).run(sender)).output == ["a", "b", "c"]
    assert dict(sender.sent[0].query)["limit"] == "3"


async def test_what_is_no_list_is_not_opsgenie() -> None:
    with pytest.raises(UnexpectedAnswer, match="not a list"):
        await ListLines().run(GivenSender(answer(200, {"data": {}})))


def test_the_newest_are_one_page() -> None:
    assert ListLines().newest() == Request("GET", "/v2/lines", (("limit", "100"),))
