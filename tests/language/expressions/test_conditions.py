from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from playbooks_engine.errors import ExpressionError
from playbooks_engine.language.expressions import Scope, compile_condition

Holds = Callable[[str], bool]


def test_a_condition_is_a_bare_expression(holds: Holds) -> None:
    assert holds("event.status == 'open' and event.priority in ['P1', 'P2'] and not event.acknowledged")
    assert not holds("event.count > 7")


def test_one_whole_delimited_expression_is_accepted(holds: Holds) -> None:
    assert holds("${{ event.count == 7 }}")
    assert holds("  ${{ event.count == 7 }}  ")
    assert holds("('P1' == event.priority)")


@pytest.mark.parametrize(
    "text", ["${{ event.count }} == 7", "not ${{ event.acknowledged }}", "${{ true }} x", "true }}"]
)
def test_a_partial_one_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError, match=r"bare expression|closes nothing"):
        compile_condition(text)


def test_delimiters_inside_quotes_are_data(holds: Holds) -> None:
    assert not holds("event.message == '${{ x }}'")


@pytest.mark.parametrize(
    ("text", "hint"),
    [("event.owner", "is defined"), ("event.message", "!= ''"), ("event.tags", "| length > 0"), ("event.count", "> 0")],
)
def test_a_condition_must_be_true_or_false(text: str, hint: str, holds: Holds) -> None:
    with pytest.raises(ExpressionError, match="must be true or false") as error:
        holds(text)
    assert hint in str(error.value.hint)


def test_what_a_condition_saw_can_be_told(scope: Scope) -> None:
    condition = compile_condition("event.count > 5 and 'x' in event.tags and event.id == 'never looked at'")
    assert condition.explain(scope) == [("event.count", 7), ("event.tags", ["prod", "db"])]


def test_what_was_seen_before_an_error_is_told_too(scope: Scope) -> None:
    condition = compile_condition("event.count > 5 and event.nope == 1")
    assert condition.explain(scope) == [("event.count", 7)]


def test_filters_are_seen_as_a_whole(scope: Scope) -> None:
    seen: list[tuple[str, Any]] = compile_condition("(event.tags | length) > 1").explain(scope)
    assert seen == [("event.tags | length", 2)]


def test_a_condition_is_compiled_once() -> None:
    assert compile_condition("event.a == 1") is compile_condition("event.a == 1")
