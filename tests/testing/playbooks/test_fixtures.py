"""Tests for events out of fixture files and out of the test itself."""

from __future__ import annotations

from typing import Any

import pytest

from playbooks_engine.testing.playbooks.fixtures import merged

TEST = "playbook: ./watch.yml\ntests:\n- name: a\n  expect: {runs: 0}\n  event: "


def event(bench: Any, text: str, before: str = "") -> Any:
    ready = bench.ready(before + TEST + text + "\n")
    assert ready.suite.findings == (), ready.suite.findings
    return ready.suite.tests[0].event


def test_a_fixture_is_changed_by_the_test(bench: Any) -> None:
    given = event(bench, "{fixture: alert.yml, change: {priority: P2}}")
    assert given.fields["message"] == "Checkout is down"
    assert given.change == {"priority": "P2"}


def test_an_event_may_stand_in_the_test_in_fields_or_in_the_vendors_json(bench: Any) -> None:
    assert event(bench, "{fields: {id: x, status: open}}").fields == {"id": "x", "status": "open"}
    raw = event(bench, "{raw: {id: x, integration: {name: API}}, change: {status: open, raw: {integration: {id: i}}}}")
    assert raw.raw == {"id": "x", "integration": {"name": "API", "id": "i"}}


def test_fields_that_stand_in_the_event_itself_are_told_where_they_belong(bench: Any) -> None:
    (one,) = bench.ready(TEST + "{id: x, status: open}\n").suite.findings
    assert (one.code, one.message) == ("E202", "the fields of an event stand under `fields`")
    told = [one.suggestion for one in bench.ready(TEST + "{fixtur: alert.yml}\n").suite.findings]
    assert "did you mean fixture?" in told


def test_a_fixture_may_be_in_the_vendors_json(bench: Any) -> None:
    bench.write("playbooks/fixtures/raw.yml", "raw: {id: x, tinyId: '1'}\nstatus: open\n")
    given = event(bench, "{fixture: raw.yml}")
    assert (given.raw, given.fields) == ({"id": "x", "tinyId": "1"}, {"status": "open"})


def test_an_event_that_says_only_what_changes_is_the_one_of_the_defaults(bench: Any) -> None:
    text = (
        "playbook: ./watch.yml\ndefaults: {event: {fixture: alert.yml, change: {owner: x}}}\n"
        "tests:\n- name: a\n  expect: {runs: 0}\n  event: {change: {priority: P2}}\n"
    )
    given = bench.ready(text).suite.tests[0].event
    assert (given.fields["id"], dict(given.change)) == ("a-1", {"owner": "x", "priority": "P2"})


def test_a_fixture_may_stand_beside_the_test(bench: Any) -> None:
    bench.write("playbooks/beside.yml.txt", "id: y\n")
    assert event(bench, "{fixture: beside.yml.txt}").fields == {"id": "y"}


@pytest.mark.parametrize(
    ("fixture", "told"),
    [
        (None, "it.test.yml:5:20 there is no fixture other.yml; fixtures/ has: alert.yml"),
        ("- a\n", "fixtures/other.yml:1:1 a fixture is a map of fields, this is a list; None"),
        ("id: 1\nid: 2\n", "fixtures/other.yml:2:1 the key 'id' stands here twice; remove one; the first is on line 1"),
    ],
)
def test_a_fixture_that_is_none_is_told_where_it_is_wrong(fixture: str | None, told: str, bench: Any) -> None:
    if fixture is not None:
        bench.write("playbooks/fixtures/other.yml", fixture)
    findings = bench.ready(TEST + "{fixture: other.yml}\n").suite.findings
    assert told in [f"{one.place.rpartition('playbooks/')[2]} {one.message}; {one.suggestion}" for one in findings]


def test_maps_are_merged_and_everything_else_is_replaced() -> None:
    assert merged({"a": {"b": 1, "c": 2}, "d": [1]}, {"a": {"b": 3}, "d": []}) == {"a": {"b": 3, "c": 2}, "d": []}
