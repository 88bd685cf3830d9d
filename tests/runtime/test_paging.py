"""Walking a stream, against a service that is as awkward as one may be."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from connectors.opsgenie import connector
from playbooks_engine.errors import UnexpectedAnswer
from playbooks_engine.language.mapping import FieldMapping, read_mapping
from playbooks_engine.runtime.calling import Called
from playbooks_engine.runtime.paging import Page, walk
from playbooks_engine.sdk import Result, Window
from playbooks_engine.testing.clock import START

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

    async def page(self, window: Window) -> Called:
        self.asked.append(window)
        since = (window.since - START).total_seconds()
        found = sorted((at, key) for key, at in self.alerts.items() if at >= since)
        data = [
            {"id": key, "at": (START + timedelta(seconds=at)).isoformat()}
            for at, key in found[window.skip : window.skip + window.limit]
        ]
        self.happens(self.alerts, len(self.asked))
        return Called(Result(data, {"data": data}), None, 1, 0.0)


def walked(vendor: Vendor, size: int = 10) -> list[Page]:
    async def go() -> list[Page]:
        window = Window(START, START + timedelta(days=1), size)
        return [page async for page in walk(vendor.page, connector.streams["alerts"], mapping(), window)]

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


def test_one_alert_with_a_time_ahead_of_its_place_makes_no_gap() -> None:
    """A search index that lags: the alert stands at its old place, and shows its new time."""

    class Lagging(Vendor):
        async def page(self, window: Window) -> Called:
            called = await super().page(window)
            assert called.result is not None
            for item in called.result.output:
                if item["id"] == "a009":
                    item["at"] = (START + timedelta(hours=5)).isoformat()
            return called

    vendor = Lagging({f"a{number:03}": number for number in range(40)})
    assert set(keys(walked(vendor))) == set(vendor.alerts)


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
