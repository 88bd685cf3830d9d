"""What goes wrong on the way strikes the middle of a run: its status is honest, and what comes after it comes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from faults_on_the_way import (
    ALWAYS,
    FAULTS,
    IN_TIME,
    OF_READS,
    READS,
    SENT_AGAIN,
    TRIED_AGAIN,
    WRITES,
    Bench,
    Finished,
    fresh,
    open_bench,
)

from playbooks_engine.errors import BY_TYPE
from playbooks_engine.sdk import Write

AMID = """
name: amid
description: A read, a call that meets what goes wrong, and a read.
connections: {ops: opsgenie}
steps:
  - {id: before, uses: ops.get_schedules}
  - id: struck
    uses: ops.%s
    with: %s
    continue_on_error: %s
    on_error:
      - {id: told, uses: core.set, with: {type: "${{ error.type }}", says: "${{ error.message }}"}}
  - {id: after, uses: ops.get_schedules}
"""


@pytest.fixture(scope="module")
def only_bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with open_bench(tmp_path_factory.mktemp("faults_amid")) as bench:
        yield bench


@pytest.fixture
def bench(only_bench: Bench, request: pytest.FixtureRequest) -> Iterator[Bench]:
    with fresh(only_bench, request.node.callspec.params["fault"]) as bench:
        yield bench


def amid(name: str, inputs: dict[str, Any], *, goes_on: bool = True) -> str:
    return AMID % (name, json.dumps(inputs), json.dumps(goes_on))


def is_told_honestly(finished: Finished, *, goes_on: bool = True) -> str | None:
    """How the struck step ended; the run says the same, and the rest of it follows."""
    step = finished.step("struck")
    assert finished.step("before").status == "succeeded"
    if step.status == "succeeded":
        assert (finished.run.status, finished.run.error) == ("succeeded", None)
        assert step.output
        assert finished.step("after").status == "succeeded"
        return None
    assert step.status == "failed"
    assert step.error is not None
    assert finished.run.status == ("succeeded_with_errors" if goes_on else "failed")
    told = next(row for row in finished.steps if row.path.endswith("told"))
    assert told.output == {"type": step.error["type"], "says": step.error["message"]}
    assert step.error["type"] in BY_TYPE
    assert step.error["message"]
    if goes_on:
        assert finished.step("after").status == "succeeded"
    else:
        assert not [row for row in finished.steps if row.path == "after" and row.status != "skipped"]
        assert finished.run.error is not None
        assert finished.run.error["type"] == step.error["type"]
    kind: str = step.error["type"]
    return kind


@pytest.mark.parametrize("what", READS)
@pytest.mark.parametrize("fault", OF_READS)
def test_a_read_that_never_gets_its_answer_fails_by_name_and_the_run_goes_on(
    bench: Bench, fault: str, what: str
) -> None:
    name, inputs, path, after = READS[what]
    bent = FAULTS[fault]
    bench.opsgenie.misbehave(bent.kind, ALWAYS, "GET", path, after=after, **bent.options)
    assert is_told_honestly(bench.run(amid(name, inputs))) == bent.ends
    assert bench.opsgenie.applied == []
    assert bench.sent("GET", path) <= 6


@pytest.mark.parametrize("what", SENT_AGAIN)
@pytest.mark.parametrize("fault", TRIED_AGAIN)
def test_a_read_that_fails_once_leaves_no_trace_in_the_run(bench: Bench, fault: str, what: str) -> None:
    name, inputs, path, after = READS[what]
    bent = FAULTS[fault]
    bench.opsgenie.misbehave(bent.kind, 1, "GET", path, after=after, **bent.options)
    assert is_told_honestly(bench.run(amid(name, inputs))) is None


@pytest.mark.parametrize("goes_on", [True, False], ids=["goes on", "stops"])
@pytest.mark.parametrize("what", WRITES)
@pytest.mark.parametrize("fault", IN_TIME)
def test_a_change_amid_a_run_is_made_once_or_not_at_all_and_the_run_says_which(
    bench: Bench, fault: str, what: str, goes_on: bool
) -> None:
    name, inputs, method, path = WRITES[what]
    bent = FAULTS[fault]
    bench.opsgenie.misbehave(bent.kind, ALWAYS, method, path, **bent.options)
    ended = is_told_honestly(bench.run(amid(name, inputs, goes_on=goes_on)), goes_on=goes_on)
    made, sent = len(bench.opsgenie.applied), bench.sent(method, path)
    if ended is None:
        assert made, "a false success"
    elif ended != "outcome_unknown":
        assert made == 0 or what == "safe", f"it happened, and ended as {ended}"
    assert sent <= 1 + Write.REPEATS
    if what == "unsafe":
        assert sent == 1
    if what != "safe":
        assert made <= 1, "done twice"
