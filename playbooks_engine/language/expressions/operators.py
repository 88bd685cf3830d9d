"""Comparisons and arithmetic: between like kinds only, and with bounds."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from playbooks_engine.language.expressions import limits
from playbooks_engine.language.expressions.printing import printed
from playbooks_engine.language.expressions.reaching import kind
from playbooks_engine.language.expressions.trouble import Trouble
from playbooks_engine.sdk.times import in_utc


def is_number(value: Any) -> bool:
    """Whether it is a number; true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def equal(left: Any, right: Any) -> bool:
    """Equality in which true is not 1, and a time is never compared with text by accident."""
    if type(left) is type(right):
        return bool(left == right)
    if isinstance(left, bool) or isinstance(right, bool):
        return False
    if {type(left), type(right)} == {datetime, str}:
        raise Trouble("a time is compared with text", "turn the text into a time: `| to_datetime`")
    if {type(left), type(right)} == {timedelta, str}:
        raise Trouble("a duration is compared with text", "write duration('10m')")
    return bool(left == right)


def different(left: Any, right: Any) -> bool:
    """The opposite of `equal`."""
    return not equal(left, right)


def _ordered(sign: str, compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def judge(left: Any, right: Any) -> bool:
        if is_number(left) and is_number(right):
            return compare(left, right)
        if isinstance(left, str) and isinstance(right, str):
            return compare(left, right)
        if isinstance(left, datetime) and isinstance(right, datetime):
            return compare(in_utc(left), in_utc(right))
        if isinstance(left, timedelta) and isinstance(right, timedelta):
            return compare(left, right)
        raise Trouble(f"{sign} cannot compare {kind(left)} with {kind(right)}", _how_to_compare(left, right))

    return judge


def _how_to_compare(left: Any, right: Any) -> str | None:
    if isinstance(left, datetime) or isinstance(right, datetime):
        return "turn the text into a time: `| to_datetime`"
    if is_number(left) or is_number(right):
        return "turn the text into a number: `| int`" if isinstance(left, str) or isinstance(right, str) else None
    return None


def contained(item: Any, container: Any) -> bool:
    """`in`: an item of a list, a key of a map, a part of a text."""
    if isinstance(container, str):
        if not isinstance(item, str):
            raise Trouble(f"`in` looks for text in text, not for {kind(item)}")
        return item in container
    if isinstance(container, Mapping):
        return isinstance(item, str) and item in container
    if isinstance(container, list | tuple):
        return any((type(one) is type(item) and one == item) or equal(item, one) for one in container)
    raise Trouble(f"`in` looks into a list, a map or text, not into {kind(container)}")


def not_contained(item: Any, container: Any) -> bool:
    """`not in`."""
    return not contained(item, container)


COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": equal,
    "ne": different,
    "lt": _ordered("<", lambda a, b: bool(a < b)),
    "lteq": _ordered("<=", lambda a, b: bool(a <= b)),
    "gt": _ordered(">", lambda a, b: bool(a > b)),
    "gteq": _ordered(">=", lambda a, b: bool(a >= b)),
    "in": contained,
    "notin": not_contained,
}


def add(left: Any, right: Any) -> Any:
    """Numbers, texts, lists, or a time and a duration."""
    if (isinstance(left, str) and isinstance(right, str)) or _lists(left, right):
        return bounded(left, right)
    if isinstance(left, datetime | timedelta) and isinstance(right, datetime | timedelta):
        return _times("+", left, right, lambda: left + right)  # type: ignore[operator]  # two times raise, on purpose
    return _numbers("+", left, right, lambda: left + right)


def subtract(left: Any, right: Any) -> Any:
    """Numbers, two times, or a time and a duration."""
    if isinstance(left, datetime | timedelta) and isinstance(right, datetime | timedelta):
        ours = in_utc(left) if isinstance(left, datetime) else left
        theirs = in_utc(right) if isinstance(right, datetime) else right
        return _times("-", left, right, lambda: ours - theirs)  # type: ignore[operator]
    return _numbers("-", left, right, lambda: left - right)


def multiply(left: Any, right: Any) -> Any:
    """Numbers only: a text is never repeated."""
    return _numbers("*", left, right, lambda: left * right)


def divide(left: Any, right: Any) -> Any:
    """Numbers."""
    return _numbers("/", left, right, lambda: left / right)


def floor_divide(left: Any, right: Any) -> Any:
    """Numbers."""
    return _numbers("//", left, right, lambda: left // right)


def remainder(left: Any, right: Any) -> Any:
    """Numbers only: % never formats a text."""
    return _numbers("%", left, right, lambda: left % right)


def negative(value: Any) -> Any:
    """Minus a number."""
    return _numbers("-", 0, value, lambda: -value)


def positive(value: Any) -> Any:
    """A number as it is."""
    return _numbers("+", 0, value, lambda: +value)


def concatenate(values: list[Any]) -> str:
    """`~`: everything as text, one after another."""
    texts = [printed(value) for value in values]
    if sum(map(len, texts)) > limits.LENGTH:
        raise too_large()
    return "".join(texts)


def bounded(left: Any, right: Any) -> Any:
    """Two texts or lists joined, unless the result is too large."""
    if len(left) + len(right) > limits.LENGTH:
        raise too_large()
    return left + right if isinstance(left, str) else [*left, *right]


def too_large() -> Trouble:
    """The complaint about a result beyond the limit."""
    return Trouble(f"the result is larger than {limits.LENGTH:,} characters or parts", "make it smaller first")


def _lists(left: Any, right: Any) -> bool:
    return isinstance(left, list | tuple) and isinstance(right, list | tuple)


def _numbers(sign: str, left: Any, right: Any, work: Callable[[], Any]) -> Any:
    for value in (left, right):
        if not is_number(value):
            other = right if value is left else left
            hint = None
            if sign == "+" and isinstance(left, str) != isinstance(right, str):
                hint = "join text with ~, or turn the text into a number: `| int`"
            elif isinstance(value, str) and is_number(other):
                hint = "turn the text into a number: `| int`"
            raise Trouble(f"{sign} works on numbers, not on {kind(value)}", hint)
    try:
        result = work()
    except ZeroDivisionError:
        raise Trouble("division by zero") from None
    except OverflowError:
        raise Trouble("the number is too large") from None
    return checked(result)


def checked(number: Any) -> Any:
    """The number, unless it is endless or too large."""
    if isinstance(number, int) and number.bit_length() > limits.BITS:
        raise Trouble("the number is too large")
    if isinstance(number, float) and not math.isfinite(number):
        raise Trouble("the number is too large")
    return number


def _times(sign: str, left: Any, right: Any, work: Callable[[], Any]) -> Any:
    try:
        return work()
    except TypeError:
        raise Trouble(f"{kind(left)} {sign} {kind(right)} means nothing") from None
    except OverflowError:
        raise Trouble("that time is out of reach") from None
