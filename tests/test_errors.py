"""Errors say what happened in the three parts operators know, then whose move it is."""

from __future__ import annotations

import pytest

from playbooks_engine import errors
from playbooks_engine.errors import (
    BY_TYPE,
    AuthFailed,
    BadPlaybook,
    CommandFailed,
    EngineError,
    ExpressionError,
    Finding,
    NotFound,
    StoreBusy,
    Unusable,
    from_json,
)

CONTRACT = [
    "invalid_input",
    "bad_request",
    "auth",
    "plan",
    "forbidden",
    "not_found",
    "conflict",
    "unprocessable",
    "in_use",
    "rate_limited",
    "server_error",
    "connection",
    "timeout",
    "unexpected_answer",
    "outcome_unknown",
    "rejected",
    "not_allowed",
]


def test_a_docstring_is_the_default_message() -> None:
    assert StoreBusy().message == "Another process is using the store in a way that excludes this one."
    assert str(NotFound()) == "The service knows no such thing."


def test_a_hint_stands_on_a_line_of_its_own() -> None:
    assert str(EngineError("It broke.", hint="Mend it.")) == "It broke.\n  Mend it."


def test_a_failed_command_says_indicator_status_code_and_message_in_this_order() -> None:
    error = AuthFailed(
        "Could not authenticate", status_code=401, indicator="Get Schedules failed.", hint="The key is wrong."
    )
    assert str(error) == (
        "Get Schedules failed. Status Code: 401. Message: Could not authenticate.\n  The key is wrong."
    )


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (CommandFailed("It broke."), "It broke."),
        (CommandFailed("It broke", indicator="Send failed."), "Send failed. Message: It broke."),
        (CommandFailed("It broke.", status_code=500), "Status Code: 500. Message: It broke."),
    ],
)
def test_parts_that_are_not_known_are_left_out(error: CommandFailed, text: str) -> None:
    assert str(error) == text


def test_the_types_are_those_of_the_contract() -> None:
    assert sorted(BY_TYPE) == sorted(CONTRACT)


def test_every_type_has_one_class() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, CommandFailed)]
    assert set(kinds) - {CommandFailed} == set(BY_TYPE.values())
    assert all(BY_TYPE[kind.type] is kind for kind in kinds if kind is not CommandFailed)


def test_only_what_may_pass_by_itself_is_retryable() -> None:
    retryable = {name for name, kind in BY_TYPE.items() if kind.retryable}
    assert retryable == {"conflict", "rate_limited", "server_error", "connection", "timeout"}


@pytest.mark.parametrize("name", CONTRACT)
def test_an_error_comes_back_from_json_as_it_was(name: str) -> None:
    error = BY_TYPE[name]("Why", status_code=418, hint="Hint", request_id="r1", indicator="X failed.")
    again = from_json(error.as_json())
    assert type(again) is type(error)
    assert again.as_json() == error.as_json()
    assert str(again) == str(error)


def test_an_error_of_a_type_that_is_not_known_is_still_a_failed_command() -> None:
    error = from_json({"type": "of a later release", "message": "Why"})
    assert type(error) is CommandFailed
    assert (error.message, error.indicator, error.status_code) == ("Why", "", None)


def test_an_error_in_json_has_the_shape_of_the_contract() -> None:
    assert AuthFailed("No", status_code=401).as_json() == {
        "type": "auth",
        "indicator": "",
        "status_code": 401,
        "message": "No",
        "hint": None,
        "retryable": False,
        "request_id": None,
    }


def finding(line: int, severity: str = "error", suggestion: str | None = None) -> Finding:
    return Finding("E1", "a.yml", line, 3, severity, "is wrong", suggestion)  # type: ignore[arg-type]


def test_a_finding_says_its_place() -> None:
    assert finding(7).place == "a.yml:7:3"


def test_a_bad_playbook_shows_its_first_error_and_counts_the_others() -> None:
    error = BadPlaybook([finding(1, "warning"), finding(2, suggestion="write `id`"), finding(3)])
    assert str(error) == "a.yml:2:3 error E1 is wrong; write `id` (and 1 more)"
    assert len(error.findings) == 3


def test_a_bad_playbook_with_warnings_only_shows_the_first() -> None:
    assert str(BadPlaybook([finding(1, "warning")])) == "a.yml:1:3 warning E1 is wrong"


def test_what_cannot_be_used_is_one_family() -> None:
    assert all(issubclass(kind, Unusable) for kind in (BadPlaybook, StoreBusy, errors.BadProject, errors.BadUsage))
    assert not issubclass(CommandFailed, Unusable)


def test_an_expression_error_knows_its_place_in_the_expression() -> None:
    error = ExpressionError("no such name", offset=4, length=3)
    assert (error.offset, error.length) == (4, 3)
