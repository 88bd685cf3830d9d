"""What a call gave is kept up to a size; what an error says of a change under way is told honestly."""

from __future__ import annotations

import logging

import pytest

from playbooks_engine.errors import ConnectionFailed, UnexpectedAnswer
from playbooks_engine.runtime.running.results import LARGEST, broken, fitting, never_told


def test_a_result_that_fits_is_given_as_it_is() -> None:
    output = {"text": "x" * (LARGEST - 100)}
    assert fitting(output) is output


@pytest.mark.parametrize(
    ("done", "says", "hint"),
    [(False, "The result is 1.0 MB", "Ask for less"), (True, "The change was made, but its result", "Do not run it")],
)
def test_a_result_too_large_to_keep_says_whether_the_change_was_made(done: bool, says: str, hint: str) -> None:
    with pytest.raises(UnexpectedAnswer) as refused:
        fitting("x" * (LARGEST + 1), done=done)
    assert refused.value.message.startswith(says)
    assert (refused.value.hint or "").startswith(hint)


def test_a_change_under_way_when_something_else_failed_has_an_unknown_outcome() -> None:
    failure = ConnectionFailed("The network is gone.", status_code=502, request_id="r1", hint="Look at the cable.")
    unknown = never_told(failure)
    assert (unknown.type, unknown.status_code, unknown.request_id) == ("outcome_unknown", 502, "r1")
    assert unknown.message == "This was sent, and whether it happened cannot be told: The network is gone."
    assert unknown.hint == "Look in the service before you run it again. Look at the cable."


def test_a_defect_of_a_command_is_told_to_the_log_in_full(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    error = broken(KeyError("secret detail"), "ops.add_note")
    assert error.message == "ops.add_note broke: KeyError."
    assert "secret detail" not in str(error)
    assert "secret detail" in caplog.text
