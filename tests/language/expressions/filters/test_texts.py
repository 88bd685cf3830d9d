from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from playbooks_engine.errors import ExpressionError

WORKS: list[tuple[str, Any]] = [
    ("' A b ' | trim | lower", "a b"),
    ("'ab' | upper ~ ('x y' | title) ~ ('foo' | capitalize)", "ABX YFoo"),
    ("'a-b' | replace('-', '+')", "a+b"),
    ("event.tags | join(', ')", "prod, db"),
    ("event.responders | join(' ', attribute='name')", "Ana Bo"),
    ("'a b c' | split", ["a", "b", "c"]),
    ("'a,b' | split(',')", ["a", "b"]),
    ("'one two three' | truncate(9)", "one..."),
    ("5 | string", "5"),
    ("'a b' | wordcount", 2),
    ("'a b/c' | urlencode", "a%20b%2Fc"),
    ("'a' | center(5)", "  a  "),
    ("'a\\nb\\n\\nc' | indent(2)", "a\n  b\n\n  c"),
    ("'a' | indent(2, first=true)", "  a"),
    ("'one two three' | wordwrap(7)", "one two\nthree"),
    ("1 | filesizeformat", "1 Byte"),
    ("999 | filesizeformat", "999 Bytes"),
    ("13000000 | filesizeformat", "13.0 MB"),
    ("2048 | filesizeformat(true)", "2.0 KiB"),
    ("event.message | replace(' ', '') == '[1,2]'", True),
]

FAILS = [
    "5 | upper",
    "none | join",
    "event | join",
    "[none] | join",
    "'a' | replace('', 'b')",
    "'a' | split('')",
    "5 | center",
    "'a' | center(100000000)",
    "'a' | indent(-1)",
    "'a' | wordwrap(0)",
    "'a' | filesizeformat",
]


@pytest.mark.parametrize(("text", "value"), WORKS)
def test_a_filter_does_what_its_name_says(text: str, value: Any, calc: Callable[[str], Any]) -> None:
    assert calc(text) == value


@pytest.mark.parametrize("text", FAILS)
def test_what_does_not_fit_is_our_error(text: str, calc: Callable[[str], Any]) -> None:
    with pytest.raises(ExpressionError) as error:
        calc(text)
    assert "has no value" not in error.value.message
