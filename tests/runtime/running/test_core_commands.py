"""The core commands that give something at once."""

import logging
from datetime import timedelta
from typing import Any

import pytest

from playbooks_engine.errors import InvalidInput, Rejected
from playbooks_engine.runtime.running.core_commands import NAMES, Surroundings, perform
from playbooks_engine.testing.clock import START


@pytest.fixture
def around(engine: Any) -> Surroundings:
    return Surroundings(engine.database, START, 7, "p")


def test_these_are_the_core_commands() -> None:
    assert set(NAMES) == {"set", "fail", "log", "find_events", "stop", "wait", "approval"}


def test_set_gives_back_what_it_is_given_as_json(around: Surroundings) -> None:
    assert perform("set", {"a": [1, None], "t": START, "d": timedelta(minutes=5)}, around) == {
        "a": [1, None],
        "t": "2026-03-27T10:00:00Z",
        "d": "5m",
    }


def test_fail_fails_with_its_message(around: Surroundings) -> None:
    with pytest.raises(Rejected) as caught:
        perform("fail", {"message": "not today"}, around)
    assert caught.value.message == "not today"


@pytest.mark.parametrize(
    ("level", "number"), [("info", logging.INFO), ("warning", logging.WARNING), ("error", logging.ERROR)]
)
def test_log_writes_a_line_of_its_run(
    around: Surroundings, caplog: pytest.LogCaptureFixture, level: str, number: int
) -> None:
    caplog.set_level(logging.DEBUG)
    assert perform("log", {"message": "100 % done %s", "level": level}, around) == {
        "message": "100 % done %s",
        "level": level,
    }
    assert caplog.records[-1].levelno == number
    assert caplog.messages[-1] == "p, run 7: 100 % done %s"


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("fail", {}),
        ("log", {"message": 5}),
        ("log", {"message": "x", "level": "loud"}),
        ("find_events", {}),
        ("find_events", {"from": "ops.alerts", "limit": 0}),
        ("find_events", {"from": "ops.alerts", "since": "soon"}),
        ("sleep", {}),
    ],
)
def test_wrong_inputs_are_refused(around: Surroundings, name: str, inputs: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        perform(name, inputs, around)


@pytest.mark.parametrize(
    "match", [{"tags": ["a", "b"]}, {"x": {"y": 1}}, {'a"b': 1}, {"x": 2**70}, {"x": "\ud83d"}], ids=str
)
def test_what_events_cannot_be_found_by_is_a_wrong_input(around: Surroundings, match: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match=r"^match: "):
        perform("find_events", {"from": "ops.alerts", "match": match}, around)


def test_find_events_counts_and_gives_fields(around: Surroundings) -> None:
    found = perform("find_events", {"from": "ops.alerts", "match": {"status": "open"}, "since": "7d"}, around)
    assert found["count"] == 0
    assert found["events"] == []
