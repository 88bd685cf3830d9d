"""Events: a list by stream, and one event with its versions, decisions and runs."""

from __future__ import annotations

import re

from playbooks_engine.runtime.engine import Engine
from playbooks_engine.store.events import Arrival, store_page
from playbooks_engine.web.pages.events import PAGE, VERSIONS, _labels
from tests.web.conftest import NOW, Fill, Get, store_many, words
from tests.web.test_hostile import Page, check


def links(page: Page, beginning: str) -> list[str]:
    found = [given["href"] or "" for tag, given in page.found if tag == "a"]
    return [href for href in found if href.startswith(beginning)]


def older(page: Page) -> list[str | None]:
    return [given["href"] for tag, given in page.found if given.get("rel") == "next"]


def test_the_list_is_paged_until_its_end(get: Get, engine: Engine) -> None:
    store_many(engine, 1)
    store_many(engine, 1, "eu.alerts")
    page = check(get("/events").text)
    assert f"The latest {PAGE} of 200 events" in page.text
    seen = links(page, "/events/")
    while following := older(page):
        page = check(get(str(following[0])).text)
        seen += links(page, "/events/")
    assert len(set(seen)) == len(seen) == 200


def test_one_stream_is_shown_alone_and_chosen_in_the_form(get: Get, engine: Engine) -> None:
    store_many(engine, 1)
    store_many(engine, 1, "eu.alerts")
    page = check(get("/events?stream=eu.alerts").text)
    assert {href.split("/")[2] for href in links(page, "/events/")} == {"eu.alerts"}
    assert ("option", {"value": "eu.alerts", "selected": None}) in page.found
    assert "stream=eu.alerts" in str(older(page)[0])


def test_a_stream_without_events_can_be_asked_for(get: Get, engine: Engine) -> None:
    store_many(engine, 1)
    page = check(get("/events?stream=none").text)
    assert "No event is stored in none yet." in page.text
    assert [given["value"] for tag, given in page.found if tag == "option"] == ["", "ops.alerts", "none"]


def test_there_is_an_end_of_the_list(get: Get, engine: Engine) -> None:
    store_many(engine, 1)
    answer = get("/events", params={"before": "2020-01-01T00:00:00Z ops.alerts k"})
    assert "There are no older events." in check(answer.text).text


def test_an_event_tells_its_versions_its_decisions_and_its_runs(get: Get, fill: Fill) -> None:
    run = fill()
    page = check(get("/events/ops.alerts/a1").text)
    text = words(page.text)
    for told in ("The disk is full closed", "Key a1", "matched by chase: The disk is full", "2 versions",
                 "Version 2 now", "status open →became closed", "First stored with these 4 fields."):  # fmt: skip
        assert told in text
    assert f"/runs/{run}" in links(page, "/runs/")
    assert text.index("Version 2") < text.index("Version 1")


def test_an_event_that_started_nothing_says_so(get: Get, engine: Engine) -> None:
    store_many(engine, 1)
    text = check(get("/events/ops.alerts/k0-7").text).text
    assert "This event has started no run." in text
    assert "Decisions about it" not in text


def test_of_thousands_of_versions_the_latest_are_shown_and_the_rest_is_json(get: Get, engine: Engine) -> None:
    with engine.database.transaction() as connection:
        for turn in range(VERSIONS + 10):
            store_page(connection, "ops.alerts", [Arrival("flaps", str(turn), {"turn": turn}, {"t": turn})], NOW)
    page = check(get("/events/ops.alerts/flaps").text)
    told = [int(number) for number in re.findall(r"Version (\d+)", page.text)]
    assert told == list(range(VERSIONS + 10, 10, -1))
    assert "First stored" not in page.text
    [whole] = set(links(page, "/api/events/"))
    assert len(get(whole).json()["history"]) == VERSIONS + 10


def test_fields_carry_the_labels_of_their_mapping(get: Get, engine: Engine) -> None:
    labels = _labels(engine, "ops.alerts")
    name, label = next(iter(labels.items()))
    with engine.database.transaction() as connection:
        store_page(connection, "ops.alerts", [Arrival("a1", None, {name: "x", "unheard_of": "y"}, {})], NOW)
    text = check(get("/events/ops.alerts/a1").text).text
    assert f"{name}{label}" in text
    assert "unheard_ofy" in text


def test_a_stream_that_is_gone_has_no_labels_and_is_still_shown(get: Get, engine: Engine) -> None:
    for stream in ("gone.alerts", "ops.gone", "nonsense"):
        assert _labels(engine, stream) == {}
        store_many(engine, 1, stream)
        assert get(f"/events/{stream}/k0-7").status_code == 200


def test_an_event_that_is_not_there_is_named(get: Get) -> None:
    answer = get("/events/ops.alerts/a%2Fb")
    assert answer.status_code == 404
    assert "There is no event a/b in stream ops.alerts." in check(answer.text).text
