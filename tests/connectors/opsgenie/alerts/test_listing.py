"""All alerts that match: the request, and the slices past what Opsgenie pages through."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from connectors.opsgenie.alerts import listing
from connectors.opsgenie.alerts.listing import ListAlerts
from connectors.opsgenie.shapes import milliseconds
from playbooks_engine.errors import InvalidInput, UnexpectedAnswer
from playbooks_engine.sdk import Answer, Request, moment_of
from playbooks_engine.testing import GivenSender, answer
from playbooks_engine.testing.given import START


@pytest.mark.parametrize(
    ("inputs", "target"),
    [
        ({}, "/v2/alerts"),
        (
            {"query": "status: open", "sort": "updatedAt", "order": "asc", "max_items": 5},
            "/v2/alerts?query=status%3A%20open&sort=updatedAt&order=asc",
        ),
        (
            {"search_identifier": "open P1", "search_identifier_type": "name"},
            "/v2/alerts?searchIdentifier=open%20P1&searchIdentifierType=name",
        ),
    ],
)
def test_the_search_stands_in_the_query(inputs: dict[str, Any], target: str) -> None:
    request = ListAlerts.read_inputs(inputs).request()
    assert (request.method, sorted(request.target.split("?")[-1].split("&"))) == (
        "GET",
        sorted(target.rsplit("?", maxsplit=1)[-1].split("&")),
    )


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"sort": "priority"}, "`sort`"),
        ({"order": "up"}, "`order`"),
        ({"max_items": 0}, "`max_items`"),
        ({"search_identifier_type": "name"}, "`search_identifier_type`"),
        ({"search_identifier": "x", "query": "y"}, "`query` or `search_identifier`"),
    ],
)
def test_a_wrong_search_is_refused(inputs: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        ListAlerts.read_inputs(inputs)


def test_listing_spends_the_search_domain() -> None:
    assert (ListAlerts.spec.area, ListAlerts.spec.limits, ListAlerts.spec.effect) == ("alerts", "search", "read")


class Company:
    """Alerts that are found by time of creation, newest first, and paged through up to a ceiling."""

    def __init__(self, moments: list[str], ceiling: int) -> None:
        self.items = [{"id": f"a{n}", "createdAt": moment} for n, moment in enumerate(moments)]
        self.ceiling = ceiling

    def __call__(self, request: Request) -> Answer:
        asked = dict(request.query)
        offset, limit = int(asked["offset"]), int(asked["limit"])
        assert offset + limit <= self.ceiling
        found = self.items
        if bound := re.search(r"createdAt (<=|>=) (\d+)$", asked.get("query", "")):
            sign, time = bound[1], int(bound[2])
            found = [
                i
                for i in found
                if (t := milliseconds(moment_of(i["createdAt"]))) == time or (t < time) == (sign == "<=")
            ]
        found = found if asked.get("order") == "asc" else found[::-1]
        more = {"next": "https://elsewhere.example.com/"} if offset + limit < len(found) else {}
        return answer(200, {"data": found[offset : offset + limit], "paging": more})


def seconds(count: int, each: int = 1) -> list[str]:
    """Times of creation, oldest first, some of them shared."""
    return [(START + timedelta(seconds=n // each)).isoformat() for n in range(count)]


@pytest.fixture(autouse=True)
def low_ceiling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.opsgenie.shapes.CEILING", 500)
    monkeypatch.setattr(listing, "CEILING", 500)


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize(("count", "each"), [(499, 1), (500, 1), (501, 1), (1_730, 7), (1_500, 300)])
async def test_every_alert_is_listed_once_and_in_order(order: str, count: int, each: int) -> None:
    sender = GivenSender(by=Company(seconds(count, each), 500))
    result = await ListAlerts.read_inputs({"order": order}).run(sender)
    moments = [item["createdAt"] for item in result.output]
    assert len({item["id"] for item in result.output}) == len(result.output) == count
    assert moments == sorted(moments, reverse=order == "desc")
    assert result.raw["data"] == result.output


async def test_the_slices_keep_the_query() -> None:
    sender = GivenSender(by=Company(seconds(600), 500))
    await ListAlerts(query="status: open OR priority: P1").run(sender)
    queries = dict.fromkeys(dict(r.query)["query"] for r in sender.sent)
    bound = milliseconds(START + timedelta(seconds=100))
    assert list(queries) == ["status: open OR priority: P1", f"(status: open OR priority: P1) AND createdAt <= {bound}"]


@pytest.mark.parametrize(("most", "requests"), [(500, 5), (501, 6), (550, 6), (10_000, 7)])
async def test_max_items_bounds_the_slices(most: int, requests: int) -> None:
    sender = GivenSender(by=Company(seconds(600), 500))
    result = await ListAlerts(max_items=most).run(sender)
    assert len(result.output) == min(most, 600)
    assert len(sender.sent) <= requests


async def test_more_at_one_instant_than_can_be_paged_through_is_a_loud_error() -> None:
    with pytest.raises(UnexpectedAnswer, match="at one instant") as caught:
        await ListAlerts().run(GivenSender(by=Company(seconds(501, 501), 500)))
    assert "max_items" in (caught.value.hint or "")


@pytest.mark.parametrize("inputs", [{"sort": "updatedAt"}, {"search_identifier": "s1"}])
async def test_what_cannot_be_cut_by_time_is_a_loud_error(inputs: dict[str, Any]) -> None:
    with pytest.raises(UnexpectedAnswer, match="More than 500") as caught:
        await ListAlerts.read_inputs(inputs).run(GivenSender(by=Company(seconds(501), 500)))
    assert "createdAt" in (caught.value.hint or "")


async def test_up_to_the_ceiling_any_order_will_do() -> None:
    result = await ListAlerts(sort="updatedAt", max_items=500).run(GivenSender(by=Company(seconds(900), 500)))
    assert len(result.output) == 500


async def test_an_alert_without_a_time_cannot_be_cut_at() -> None:
    full = answer(200, {"data": [{"id": str(n)} for n in range(100)], "paging": {"next": "x"}})
    with pytest.raises(UnexpectedAnswer, match="no createdAt"):
        await ListAlerts().run(GivenSender(by=lambda request: full))
