"""The stream of alerts, by the time of their last update."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.opsgenie.events import ALERTS, FetchEvent
from playbooks_engine.errors import InvalidInput
from playbooks_engine.sdk import Window

ORDER = "sort=updatedAt&order=asc"


@pytest.mark.parametrize(
    ("inputs", "target"),
    [
        ({}, f"/v2/alerts?{ORDER}&limit=20&offset=0"),
        (
            {"start_time": "2020-06-03 00:00", "end_time": "2020-06-04 00:00"},
            "/v2/alerts?query=updatedAt%20%3E%3D%201591142400000%20AND%20updatedAt%20%3C%3D%201591228800000"
            f"&{ORDER}&limit=20&offset=0",
        ),
        (
            {"search_condition": "priority: P1 OR priority: P2", "number_of_events": 100, "skip": 7},
            f"/v2/alerts?query=%28priority%3A%20P1%20OR%20priority%3A%20P2%29&{ORDER}&limit=100&offset=7",
        ),
        (
            {"start_time": "2020-06-03T00:00:00.5Z", "search_condition": "source: x"},
            f"/v2/alerts?query=updatedAt%20%3E%3D%201591142400500%20AND%20%28source%3A%20x%29&{ORDER}&limit=20&offset=0",
        ),
    ],
)
def test_a_page_is_asked_for_by_time_of_update_oldest_first(inputs: dict[str, Any], target: str) -> None:
    request = FetchEvent.read_inputs(inputs).request()
    assert (request.method, request.target, request.body) == ("GET", target, None)


@pytest.mark.parametrize("number", [0, 101])
def test_a_page_holds_one_to_a_hundred(number: int) -> None:
    with pytest.raises(InvalidInput, match="number_of_events"):
        FetchEvent.read_inputs({"number_of_events": number})


def test_a_window_is_one_page_of_the_stream() -> None:
    since, until = datetime(2020, 6, 3, tzinfo=UTC), datetime(2020, 6, 4, tzinfo=UTC)
    page = ALERTS.page(Window(since, until, limit=100, skip=3, query="source: x"))
    assert page == FetchEvent(
        start_time=since, end_time=until, number_of_events=100, skip=3, search_condition="source: x"
    )


def test_the_service_counts_by_update_and_is_recounted_by_creation() -> None:
    since, until = datetime(2020, 6, 3, tzinfo=UTC), datetime(2020, 6, 4, tzinfo=UTC)
    assert ALERTS.count is not None
    assert ALERTS.recount is not None
    assert ALERTS.count(Window(since, until, 1, query="source: x")).request().query == (
        ("query", "updatedAt >= 1591142400000 AND updatedAt <= 1591228800000 AND (source: x)"),
    )
    assert ALERTS.recount.page(Window(since, until, 100)) == FetchEvent(
        start_time=since, end_time=until, number_of_events=100, by="created"
    )


def test_the_stream_knows_how_far_it_can_page_and_what_changes() -> None:
    assert ALERTS.ceiling == 20_000
    assert {"status", "acknowledged", "updatedAt", "tags"} <= ALERTS.changing
    assert not {"source", "entity", "alias", "createdAt"} & ALERTS.changing
