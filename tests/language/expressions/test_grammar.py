from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from playbooks_engine.errors import ExpressionError
from playbooks_engine.language.expressions import compile_value

Calc = Callable[[str], Any]

REFUSED = [
    "2 ** 8",
    "'a'.upper()",
    "event.items()",
    "''.__class__.__mro__",
    "lipsum()",
    "range(10)",
    "dict(a=1)",
    "cycler(1)",
    "joiner()",
    "namespace()",
    "self",
    "'x' | attr('__class__')",
    "'%s' | format(1)",
    "'x' | pprint",
    "'x' | urlize",
    "'x' | safe",
    "'x' | escape",
    "'x' | pprint",
    "[1] | random",
    "'x' | xmlattr",
    "now().isoformat()",
    "ago(*[1])",
    "[1] | join(**{})",
    "__import__('os')",
    "(1, 2)()",
    "'a' if true",
    "a = 1",
    "a; b",
    "a == ",
    "1 +",
    "(1",
    "1)",
    "[1, 2",
    "event.",
    "event | ",
    "a b",
    "lambda: 1",
    "[x for x in y]",
    "",
    "   ",
    "{% if x %}",
    "{# x #}",
    "a -}}",
    "$x",
    "a ? b : c",
    "'x' is nonsense",
    "'x' | nonsense",
    "'x' | replace('a')",
    "'x' | upper(1)",
    "[1] | map",
    "[1] | map('nonsense')",
    "[1] | map(event.id)",
    "ago()",
    "now(1)",
    "duration('x')",
]


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_in_the_language_is_refused(text: str, calc: Calc) -> None:
    with pytest.raises(ExpressionError) as error:
        calc(text)
    assert error.value.message


def test_the_place_of_a_mistake_is_exact() -> None:
    for text, at in (
        ("${{ a == }}", "=="),
        ("x ${{ 1 = 2 }}", "="),
        ("${{ 'a' | nope }}", "nope"),
        ("${{ a\n&& b }}", "&"),
    ):
        with pytest.raises(ExpressionError) as error:
            compile_value(text)
        assert text[error.value.offset :].startswith(at)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("a && b", "`and`"),
        ("!a", "`not`"),
        ("a || b", "`or`"),
        ("a = b", "=="),
        ("x | tojson", "to_json"),
        ("upper(x)", "x | upper".replace("x", "value")),
    ],
)
def test_habits_from_elsewhere_get_a_hint(text: str, hint: str, calc: Calc) -> None:
    with pytest.raises(ExpressionError) as error:
        calc(text)
    assert hint in str(error.value.hint)


def test_sizes_are_bounded_at_their_edge(calc: Calc) -> None:
    assert calc("1" + " " * (4_000 - 3)) == 1
    with pytest.raises(ExpressionError, match="4,000"):
        calc("1" + " " * 4_000)
    assert calc("(" * 32 + "1" + ")" * 32) == 1
    with pytest.raises(ExpressionError, match="deep"):
        calc("(" * 33 + "1" + ")" * 33)
    assert calc("[" + "1," * 399 + "]") == [1] * 399
    with pytest.raises(ExpressionError, match="400 parts"):
        calc("[" + "1," * 400 + "]")


@pytest.mark.parametrize(
    "text", ["not " * 900 + "true", "-" * 3_900 + "1", "+".join("1" * 200), "[" * 3_000, "1 if 1 else " * 300 + "1"]
)
def test_deep_expressions_end_in_our_error(text: str, calc: Calc) -> None:
    with pytest.raises(ExpressionError):
        calc(text)


def test_too_many_expressions_in_one_text_are_refused() -> None:
    compile_value("${{ 1 }}" * 200)
    with pytest.raises(ExpressionError, match="200"):
        compile_value("${{ 1 }}" * 201)
