"""Walking a stream, against a service that is as awkward as one may be."""

import asyncio
import random
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import pytest

from connectors.opsgenie import connector
from playbooks_engine.errors import UnexpectedAnswer
from playbooks_engine.language.mapping import FieldMapping, read_mapping
from playbooks_engine.runtime.calling import Called
from playbooks_engine.runtime.paging import Page, walk
from playbooks_engine.sdk import Result, Stream, Window
from playbooks_engine.testing.clock import START

ALERTS = connector.streams["alerts"]
TEXT = "stream: s\nevents: $.data\nkey: .id\nversion: .at\nfields: {id: {path: .id}}\n"


def mapping() -> FieldMapping:
    found, findings = read_mapping(TEXT, "m.yml")
    assert found is not None, findings
    return found


@dataclass
class Vendor:
    """Alerts with their second of update; `happens` may change them after each page."""

    alerts: dict[str, int]
    happens: Callable[[dict[str, int], int], None] = lambda alerts, page: None
    asked: list[Window] = field(default_factory=list)

    shown: dict[str, int] = field(default_factory=dict)
    """The second that an alert shows where its place is still that of an earlier one: the index lags."""

    def found(self, window: Window) -> list[tuple[int, str]]:
        since, until = (window.since - START).total_seconds(), (window.until - START).total_seconds()
        return sorted((at, key) for key, at in self.alerts.items() if since <= at <= until)

    async def count(self, window: Window) -> int:
        return len(self.found(window))

    async def page(self, window: Window) -> Called:
        self.asked.append(window)
        assert window.skip + window.limit <= 20_000
        data = [
            {"id": key, "at": (START + timedelta(seconds=self.shown.get(key, at))).isoformat()}
            for at, key in self.found(window)[window.skip : window.skip + window.limit]
        ]
        self.happens(self.alerts, len(self.asked))
        return Called(Result(data, {"data": data}), None, 1, 0.0)


UNTIL = START + timedelta(days=1)


def walked(vendor: Vendor, size: int = 10, settled: datetime = UNTIL, stream: Stream = ALERTS) -> list[Page]:
    async def go() -> list[Page]:
        window = Window(START, UNTIL, size)
        pages = walk(vendor.page, stream, mapping(), window, settled=settled, count=vendor.count)
        return [page async for page in pages]

    return asyncio.run(go())


def keys(pages: list[Page]) -> list[str]:
    return [event.key for page in pages for event in page.events]


@pytest.mark.parametrize("size", [1, 2, 3, 10, 100])
@pytest.mark.parametrize("spread", [1, 3, 50, 1000])
def test_every_alert_comes_once_whatever_the_size_of_a_page(size: int, spread: int) -> None:
    vendor = Vendor({f"a{number:03}": number % spread for number in range(100)})
    assert sorted(keys(walked(vendor, size))) == sorted(vendor.alerts)


@pytest.mark.parametrize("seed", range(60))
def test_alerts_that_are_updated_while_paging_hide_no_other(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret hangs on it
    spread = chance.choice([1, 2, 5, 200])
    later = [1000]

    def happens(alerts: dict[str, int], page: int) -> None:
        for _ in range(chance.randrange(3)):
            if later[0] < 1060:
                later[0] += 1
                alerts[chance.choice(list(alerts))] = later[0]

    vendor = Vendor({f"a{number:03}": number % spread for number in range(80)}, happens)
    pages = walked(vendor, chance.choice([2, 5, 10]))
    newest = {event.key: event.version for page in pages for event in page.events}
    assert set(newest) == set(vendor.alerts)


NOW = 1_000


@pytest.mark.parametrize("many", [1, 2, 5, 9, 10, 11, 25, 40])
@pytest.mark.parametrize("size", [2, 5, 10])
def test_an_index_that_lags_hides_nothing_however_many_alerts_show_times_ahead_of_their_places(
    many: int, size: int
) -> None:
    places = {f"a{number:03}": number * 10 for number in range(60)}
    ahead = {f"a{number:03}": NOW + number for number in range(8, 8 + many)}
    vendor = Vendor(places, shown=ahead)
    assert set(keys(walked(vendor, size, settled=START + timedelta(seconds=NOW - 70)))) == set(places)


@pytest.mark.parametrize("seed", range(40))
def test_an_index_that_catches_up_while_it_is_walked_hides_nothing_but_what_the_next_sweep_reads(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret hangs on it
    places = {f"a{number:03}": number for number in range(120)}
    vendor = Vendor(places)
    later = [NOW]

    def happens(alerts: dict[str, int], page: int) -> None:
        for key in chance.sample(sorted(vendor.shown), chance.randrange(len(vendor.shown) + 1)):
            alerts[key] = vendor.shown.pop(key)
        for key in chance.sample(sorted(alerts), chance.randrange(12)):
            if later[0] < NOW + 60:
                later[0] += 1
                vendor.shown[key] = later[0]

    vendor.happens = happens
    pages = walked(vendor, chance.choice([3, 10, 30]), settled=START + timedelta(seconds=NOW - 70))
    hidden = set(vendor.alerts) - set(keys(pages))
    assert all(vendor.alerts[key] > NOW for key in hidden)
    assert len(hidden) < 20


def test_alerts_that_leave_an_instant_and_come_behind_it_hide_no_other() -> None:
    """Two that were read move to the end: what then stands at the page's beginning was seen, with another time."""

    def happens(alerts: dict[str, int], page: int) -> None:
        if page == 1:
            alerts["a000"] = alerts["a001"] = 5

    vendor = Vendor({f"a{number:03}": 0 for number in range(11)}, happens)
    assert {f"a{number:03}" for number in range(11)} == set(keys(walked(vendor)))


def test_alerts_that_leave_an_instant_behind_its_last_page_hide_no_other() -> None:
    def happens(alerts: dict[str, int], page: int) -> None:
        if page == 1:
            for number in range(8):
                alerts.pop(f"a{number:03}")

    vendor = Vendor({f"a{number:03}": 0 for number in range(15)}, happens)
    assert {f"a{number:03}" for number in range(15)} == set(keys(walked(vendor)))


@pytest.mark.parametrize("more", [0, 1, 30])
def test_an_instant_that_holds_exactly_what_can_be_paged_through_is_read_and_gone_past(more: int) -> None:
    alerts = {f"a{number:03}": 7 for number in range(50)} | {f"z{number:03}": 9 for number in range(more)}
    vendor = Vendor(alerts)
    assert set(keys(walked(vendor, stream=replace(ALERTS, ceiling=50)))) == set(alerts)


class Sorted(Vendor):
    """Alerts that stay as they are, found fast."""

    def found(self, window: Window) -> list[tuple[int, str]]:
        since, until = (window.since - START).total_seconds(), (window.until - START).total_seconds()
        return self.sorted[bisect_left(self.sorted, (since, "")) : bisect_right(self.sorted, (until, "~"))]

    @cached_property
    def sorted(self) -> list[tuple[int, str]]:
        return sorted((at, key) for key, at in self.alerts.items())


def test_sixty_thousand_in_one_window_are_read_though_the_service_pages_through_twenty_thousand() -> None:
    crowded = {f"b{number:05}": 5_000 for number in range(20_000)}
    vendor = Sorted({f"a{number:05}": number // 8 for number in range(40_000)} | crowded)
    pages = walked(vendor, 100)
    assert len(vendor.alerts) == 60_000
    assert sorted(keys(pages)) == sorted(vendor.alerts)


def test_twenty_thousand_and_one_at_one_instant_are_a_loud_error() -> None:
    vendor = Sorted({f"a{number:05}": 5 for number in range(20_001)})
    with pytest.raises(UnexpectedAnswer, match=r"^20,001 events were updated at 2026-03-27T10:00:05.000Z, .* 20,000"):
        walked(vendor, 100)


def test_one_more_at_an_instant_is_an_error_that_names_the_instant_and_the_number() -> None:
    vendor = Vendor({f"a{number:03}": 7 for number in range(51)})
    with pytest.raises(UnexpectedAnswer, match=r"51 events were updated at 2026-03-27T10:00:07.000Z.* 50 at most"):
        walked(vendor, stream=replace(ALERTS, ceiling=50))


def test_what_was_reached_never_passes_over_an_alert_that_is_still_to_come() -> None:
    pages = walked(Vendor({f"a{number:03}": number for number in range(50)}))
    to_come = {f"a{number:03}": START + timedelta(seconds=number) for number in range(50)}
    for page in pages[:-1]:
        for event in page.events:
            to_come.pop(event.key)
        assert page.reached is not None
        assert page.reached <= min(to_come.values(), default=page.reached)


def test_an_instant_that_never_holds_still_is_an_error_in_the_end() -> None:
    def happens(alerts: dict[str, int], page: int) -> None:
        for _ in range(2):
            alerts.pop(min(alerts))

    with pytest.raises(UnexpectedAnswer, match="change faster than they can be read"):
        walked(Vendor({f"a{number:03}": 0 for number in range(500)}, happens))


def test_bad_items_are_counted_and_told_by_their_place() -> None:
    class Odd(Vendor):
        async def page(self, window: Window) -> Called:
            called = await super().page(window)
            assert called.result is not None
            data: list[Any] = called.result.output
            if data:
                data[0] = {"no": "key"}
            return Called(Result(data, {"data": data}), None, 1, 0.0)

    pages = walked(Odd({f"a{number:03}": number for number in range(5)}))
    assert pages[0].bad == ["event 1 of page 1: it has no key at .id"]
    assert len(keys(pages)) == 4


@pytest.mark.parametrize("bad", [{9}, {0, 9}, {8, 9, 10}, set(range(3, 25)), set(range(30))])
def test_bad_items_at_the_seams_of_pages_hide_no_good_one(bad: set[int]) -> None:
    class Odd(Vendor):
        async def page(self, window: Window) -> Called:
            called = await super().page(window)
            assert called.result is not None
            data = [{} if int(item["id"][1:]) in bad else item for item in called.result.output]
            return Called(Result(data, {"data": data}), None, 1, 0.0)

    vendor = Odd({f"a{number:03}": 0 for number in range(40)})
    assert set(keys(walked(vendor))) == {f"a{number:03}" for number in range(40)} - {f"a{n:03}" for n in bad}
