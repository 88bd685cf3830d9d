"""Whatever goes wrong on the way: a named error or the truth, soon, nothing done twice, and the key never shown."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from faults_on_the_way import (
    ALWAYS,
    FAULTS,
    IN_TIME,
    LOOKED_UP,
    OF_READS,
    ON_DISK,
    READS,
    SENT_AGAIN,
    TRIED_AGAIN,
    WRITES,
    Bench,
    fresh,
    open_bench,
)

from playbooks_engine.errors import CommandFailed, OutcomeUnknown
from playbooks_engine.sdk import Write


@pytest.fixture(scope="module")
def only_bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with open_bench(tmp_path_factory.mktemp("faults")) as bench:
        yield bench


@pytest.fixture
def bench(only_bench: Bench, request: pytest.FixtureRequest) -> Iterator[Bench]:
    with fresh(only_bench, request.node.callspec.params["fault"]) as bench:
        yield bench


@pytest.mark.parametrize("what", READS)
@pytest.mark.parametrize("fault", OF_READS)
def test_a_read_that_never_gets_its_answer_says_which_way_it_failed(bench: Bench, fault: str, what: str) -> None:
    name, inputs, path, after = READS[what]
    bent = FAULTS[fault]
    bench.opsgenie.misbehave(bent.kind, ALWAYS, "GET", path, after=after, **bent.options)
    ended = bench.call(name, **inputs)
    if bent.ends is None:
        assert not isinstance(ended, CommandFailed)
        assert ended
    else:
        assert isinstance(ended, CommandFailed), f"a false success: {ended}"
        assert ended.type == bent.ends
    assert bench.opsgenie.applied == []
    assert bench.sent("GET", path) <= 6


@pytest.mark.parametrize("what", SENT_AGAIN)
@pytest.mark.parametrize("fault", TRIED_AGAIN)
def test_a_read_that_fails_once_is_sent_again_and_whole(bench: Bench, fault: str, what: str) -> None:
    name, inputs, path, after = READS[what]
    whole = bench.call(name, **inputs)
    bent = FAULTS[fault]
    bench.opsgenie.misbehave(bent.kind, 1, "GET", path, after=after, **bent.options)
    assert bench.call(name, **inputs) == whole


@pytest.mark.parametrize("times", [1, ALWAYS], ids=["once", "each time"])
@pytest.mark.parametrize("what", WRITES)
@pytest.mark.parametrize("fault", IN_TIME)
def test_a_change_is_made_once_or_not_at_all_and_the_answer_says_which(
    bench: Bench, fault: str, what: str, times: int
) -> None:
    name, inputs, method, path = WRITES[what]
    bent = FAULTS[fault]
    bench.opsgenie.misbehave(bent.kind, times, method, path, **bent.options)
    ended = bench.call(name, **inputs)
    made = len(bench.opsgenie.applied)
    sent = bench.sent(method, path)
    if not isinstance(ended, CommandFailed):
        assert made, f"a false success: {ended}"
    elif not isinstance(ended, OutcomeUnknown):
        # What may be done twice fails as what was seen, so that it is tried again, and says that it may be done.
        assert made == 0 or (what == "safe" and "does no harm" in str(ended)), f"it happened, and ended as {ended}"
    assert sent <= 1 + Write.REPEATS
    if what == "unsafe":
        assert sent == 1
    if what != "safe":
        assert made <= 1, "done twice"


@pytest.mark.parametrize("times", [1, ALWAYS], ids=["once", "each time"])
@pytest.mark.parametrize("fault", OF_READS)
def test_a_change_whose_confirmation_fails_is_not_sent_again(bench: Bench, fault: str, times: int) -> None:
    bent = FAULTS[fault]
    bench.opsgenie.misbehave(bent.kind, times, "GET", "/v2/alerts/requests/", **bent.options)
    ended = bench.call("add_note", note="looked at", **ON_DISK)
    assert isinstance(ended, dict | OutcomeUnknown), ended
    if times == ALWAYS and bent.ends:
        assert isinstance(ended, OutcomeUnknown), f"a false success: {ended}"
        assert ended.request_id
        assert ended.hint
    assert bench.sent("POST", "/notes") == 1
    assert len(bench.opsgenie.applied) == 1


@pytest.mark.parametrize("times", [1, ALWAYS], ids=["once", "each time"])
@pytest.mark.parametrize("what", LOOKED_UP)
@pytest.mark.parametrize("fault", [name for name in OF_READS if name in IN_TIME])
def test_a_lost_change_that_cannot_be_looked_up_is_not_sent_again(
    bench: Bench, fault: str, what: str, times: int
) -> None:
    name, inputs, posted, looked = LOOKED_UP[what]
    bent = FAULTS[fault]
    bench.opsgenie.misbehave("reset_after", 1, "POST", posted)
    bench.opsgenie.misbehave(bent.kind, times, "GET", looked, **bent.options)
    ended = bench.call(name, **inputs)
    assert isinstance(ended, dict | OutcomeUnknown), ended
    if times == ALWAYS and bent.ends:
        assert isinstance(ended, OutcomeUnknown), f"a false success: {ended}"
        assert ended.hint
    assert bench.sent("POST", posted) == 1
    assert len(bench.opsgenie.applied) == 1
