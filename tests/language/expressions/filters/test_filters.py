"""The filters and tests as users write them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from playbooks_engine.errors import ExpressionError
from playbooks_engine.language.expressions.filters import FILTERS, TESTS

Calc = Callable[[str], Any]

WORKS = [
    ("steps.find.output | json_query('[?n>`1`].id')", ["y"]),
    ("event | json_query('nothing.here')", None),
    ("'disk 93%' | regex_search('([0-9]+)%')", "93"),
    ("'disk' | regex_search('x')", None),
    ("'a1b2' | regex_findall('[0-9]')", ["1", "2"]),
    ("'a1' | regex_replace('[0-9]', '#')", "a#"),
]


@pytest.mark.parametrize(("text", "value"), WORKS)
def test_filters_do_what_they_say(text: str, value: Any, calc: Calc) -> None:
    assert calc(text) == value


FAILS = [
    "'a' | regex_replace('a', '\\\\9')",
    "{'a': 'x'} | json_query('sum(a)')",
]


@pytest.mark.parametrize("text", FAILS)
def test_what_does_not_fit_is_our_error(text: str, calc: Calc) -> None:
    with pytest.raises(ExpressionError) as error:
        calc(text)
    assert "has no value" not in error.value.message


HUGE = [
    "event.big | replace('a', event.big)",
    "event.big ~ event.big",
    "event.big + event.big",
    "event.many | join(event.big)",
    "[event.big, event.big] | to_json",
    "event.big | regex_search('a')",
    "event.many | map('list') | map('list') | list",
    "event.many | json_query('[@,@][]|[@,@][]|[@,@][]|[@,@][]|[@,@][]')",
    "event.evil | regex_search('^(a|aa)+c$')",
    "event.deep | from_json",
    "event.many | select('in', event.many) | list",
    "event.words | select('in', event.big) | list",
    "event.many | reject('contains', 1) | list",
    "event.words | map('replace', '1', event.big) | list",
    "'a' | json_query('" + "|".join(["to_string([@,@])"] * 40) + "')",
    "[1] | batch(10000000, 0)",
    "1 | round(999999999)",
]


@pytest.mark.parametrize("text", HUGE)
def test_nothing_grows_or_runs_without_bound(text: str) -> None:
    from playbooks_engine.language.expressions import Scope, compile_value

    event = {"big": "a" * 600_000, "many": list(range(60_000)), "evil": "a" * 60 + "!", "deep": "[" * 100_000}
    event["words"] = [str(number) for number in range(60_000)]
    with pytest.raises(ExpressionError) as error:
        compile_value("${{ " + text + " }}").evaluate(Scope({"event": event}, lambda: None))  # type: ignore[arg-type, return-value]
    assert "has no value" not in error.value.message


def test_a_query_that_fails_says_which(calc: Calc) -> None:
    with pytest.raises(ExpressionError, match=r"'sum\(a\)'"):
        calc("{'a': 'x'} | json_query('sum(a)')")


def test_no_filter_of_jinja_came_in_unseen() -> None:
    refused = {
        "attr",
        "escape",
        "forceescape",
        "format",
        "pprint",
        "random",
        "safe",
        "striptags",
        "urlize",
        "xmlattr",
        "tojson",
    }
    assert not refused & set(FILTERS)
    assert not {"callable", "escaped", "sameas", "filter", "test"} & set(TESTS)
