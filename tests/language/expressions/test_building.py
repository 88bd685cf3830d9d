from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from playbooks_engine.errors import ExpressionError
from playbooks_engine.language.expressions import Scope, compile_value

Calc = Callable[[str], Any]


def test_a_missing_key_says_what_there_is_and_what_was_meant() -> None:
    scope = Scope({"event": {"acknowledged": True, "id": 1, "owner": ""}}, lambda: None)  # type: ignore[arg-type, return-value]
    text = "${{ event.aknowledged }}"
    with pytest.raises(ExpressionError) as error:
        compile_value(text).evaluate(scope)
    assert error.value.message == "no key 'aknowledged'; it has: acknowledged, id, owner. Did you mean 'acknowledged'?"
    assert text[error.value.offset :][: error.value.length] == "aknowledged"


def test_an_unknown_name_is_an_error(calc: Calc) -> None:
    with pytest.raises(ExpressionError, match=r"no name 'evnt' here; there is: .*Did you mean 'event'"):
        calc("evnt.id")


def test_missing_is_strict_everywhere_else(calc: Calc) -> None:
    for text in ("not event.ackd", "event.a == 1", "event.a.b", "event.a or 1", "[event.a]", "event.a if true else 1"):
        with pytest.raises(ExpressionError, match="no key"):
            calc(text)


@pytest.mark.parametrize(
    "text",
    [
        "event.owner.name | default('x')",
        "event.nope.a.b | default('x')",
        "event.tags[9].a | d('x')",
        "event.nope | upper | default('x')",
        "nobody | default('x')",
        "event.message.x | default('x')",
    ],
)
def test_default_covers_the_whole_chain_to_its_left(text: str, calc: Calc) -> None:
    assert calc(text) == "x"


def test_default_leaves_what_is_there_and_empty_values_only_with_true(calc: Calc) -> None:
    assert calc("event.owner | default('x')") is None
    assert calc("event.owner | default('x', true)") == "x"
    assert calc("event.id | default('x', boolean=true)") == "a1"
    with pytest.raises(ExpressionError):
        calc("event.id | default")


def test_an_error_that_is_no_absence_goes_through_default(calc: Calc) -> None:
    with pytest.raises(ExpressionError, match="cannot compare"):
        calc("(event.count > 'a') | default(1)")


def test_is_defined_works_along_the_chain(calc: Calc) -> None:
    assert calc("event.id is defined") is True
    assert calc("event.nope.deeper is defined") is False
    assert calc("event.nope is undefined") is True
    assert calc("event.nope is not defined") is True


def test_dot_means_key_and_never_a_method(calc: Calc) -> None:
    assert calc("event.items") == 3
    assert calc("event.keys") == "k"
    assert calc("event['items']") == 3
    for text in (
        "event.__class__",
        "event.get",
        "event.id.upper",
        "event.tags.append",
        "now().year",
        "event.tags.__len__",
    ):
        with pytest.raises(ExpressionError):
            calc(text)


def test_a_list_is_indexed_by_whole_numbers(calc: Calc) -> None:
    assert calc("event.tags[0]") == "prod"
    assert calc("event.tags[-1]") == "db"
    assert calc("event.tags.1") == "db"
    assert calc("event.tags[:1]") == ["prod"]
    assert calc("event.responders[0].name") == "Ana"
    for text in (
        "event.tags[5]",
        "event.tags['a']",
        "event.tags.name",
        "event.tags[true]",
        "event.tags[1.5]",
        "event[0]",
    ):
        with pytest.raises(ExpressionError):
            calc(text)


def test_a_key_may_be_computed(calc: Calc) -> None:
    assert calc("event[inputs.text ~ ''] | default('none')") == "none"
    assert calc("{'abc': 5}[inputs.text]") == 5


def test_and_or_stop_early(calc: Calc) -> None:
    assert calc("event.acknowledged and event.nope") is False
    assert calc("event.count or event.nope") == 7


def test_chained_comparisons_hold_together(calc: Calc) -> None:
    assert calc("1 < inputs.n <= 3") is True
    assert calc("1 < inputs.n < 3") is False


def test_maps_have_text_keys(calc: Calc) -> None:
    assert calc("{'a': 1, inputs.text: 2}") == {"a": 1, "abc": 2}
    for text in ("{1: 2}", "{event.count: 2}"):
        with pytest.raises(ExpressionError, match="keys are text"):
            calc(text)
