"""How steps fail: the error that on_error and always see."""

from playbooks_engine.errors import BadUsage, ExpressionError, InvalidInput, NotFound
from playbooks_engine.runtime.running.failing import MESSAGE, as_failure, seen_error


def test_an_expression_without_a_value_is_a_wrong_input() -> None:
    failure = as_failure(ExpressionError("no key 'x'", hint="did you mean y?"), "ops.add_note")
    assert isinstance(failure, InvalidInput)
    assert (failure.message, failure.hint) == ("no key 'x'", "did you mean y?")


def test_a_failed_command_stays_what_it_is() -> None:
    failure = NotFound("no such alert", status_code=404)
    assert as_failure(failure, "ops.get_alert") is failure


def test_any_other_expected_error_names_the_command() -> None:
    assert as_failure(BadUsage("no connection"), "ops.get_alert").indicator == "ops.get_alert failed."


def test_what_is_seen_of_an_error_has_these_keys_and_a_bounded_message() -> None:
    seen = seen_error("a", "ops.x", {**NotFound("x" * 50_000, request_id="r").as_json()})
    assert set(seen) == {"step", "command", "type", "message", "status_code", "hint", "request_id"}
    assert len(seen["message"]) == MESSAGE
    assert seen_error("a", "", {})["message"] == ""
