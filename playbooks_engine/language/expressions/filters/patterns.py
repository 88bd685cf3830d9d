"""Regular expressions: the pattern is a literal, compiled when the text is, and every match has a deadline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import regex  # type: ignore[import-untyped]  # its stubs are a package of their own

from playbooks_engine.language.expressions import limits
from playbooks_engine.language.expressions.filters.table import Filter, text_of
from playbooks_engine.language.expressions.operators import too_large
from playbooks_engine.language.expressions.scope import Evaluation
from playbooks_engine.language.expressions.trouble import Trouble

# Comments, spaces and the signs after a count leave what stands before them to be counted.
_PARTS = regex.compile(
    r"(?P<one>\\.|\[\^?\]?(?:\\.|[^\]\\])*\])|\(\?#[^)]*\)|(?P<open>\()|(?P<close>\))"
    r"|\{(?P<least>\d{1,9})(?:,\d*)?\}|[\s*+?]|(?P<one>.)",
    regex.DOTALL,
)


def pattern(text: str) -> regex.Pattern[str]:
    """The compiled pattern; raises Trouble when it is too long or not a regular expression."""
    if len(text) > limits.PATTERN:
        raise Trouble(f"a pattern may have {limits.PATTERN:,} characters", "make two conditions of it")
    if _written_out(text) > limits.WRITTEN_OUT:
        raise Trouble(
            f"this pattern repeats more than {limits.WRITTEN_OUT:,} parts", "avoid a count inside a count, or write *"
        )
    try:
        return regex.compile(text)
    except (regex.error, OverflowError, MemoryError, RecursionError) as error:
        hint = r"a sign that means itself is written \\( or [(]"
        raise Trouble(f"this pattern cannot be read: {error}", hint) from None


def _written_out(text: str) -> int:
    """About how many parts the pattern has once its counts are written out, which is what compiling it costs.

    `((a{1000}){1000}){1000}` takes all the memory there is; only the least count of `{1,9}` is written out.
    """
    sizes, last = [0], 1
    for part in _PARTS.finditer(text):
        if part["open"]:
            sizes.append(0)
            last = 0
        elif part["close"]:
            last = sizes.pop() if len(sizes) > 1 else 0
            last = max(last, 1)
            sizes = sizes or [0]
            sizes[-1] += last
        elif part["least"]:
            more = last * (int(part["least"]) - 1)
            if more > 0:
                sizes[-1] += more
                last += more
        elif part["one"]:
            sizes[-1] += 1
            last = 1
    return sum(sizes)


def timed(work: Callable[[], Any]) -> Any:
    """The answer of a match that was given a deadline."""
    try:
        return work()
    except TimeoutError:
        raise Trouble(
            f"this pattern takes longer than {limits.REGEX_SECONDS * 1000:.0f} ms on this text",
            "avoid a repeated group inside a repeated group",
        ) from None


def _subject(value: Any, what: str) -> str:
    text = text_of(value, what)
    if len(text) > limits.SUBJECT:
        raise Trouble(
            f"a pattern is run on at most {limits.SUBJECT:,} characters", f"cut the text first: [:{limits.SUBJECT}]"
        )
    return text


def _search(_: Evaluation, value: Any, pattern: Any) -> Any:
    text = _subject(value, "regex_search")
    match = timed(lambda: pattern.search(text, timeout=limits.REGEX_SECONDS))
    if match is None:
        return None
    return match.group(1) if pattern.groups == 1 else (list(match.groups()) if pattern.groups else match.group())


def _find_all(evaluation: Evaluation, value: Any, pattern: Any) -> list[Any]:
    text = _subject(value, "regex_findall")
    found = timed(lambda: pattern.findall(text, timeout=limits.REGEX_SECONDS))
    evaluation.spend(len(found))
    return [list(one) if isinstance(one, tuple) else one for one in found]


def _replace(_: Evaluation, value: Any, pattern: Any, replacement: str) -> str:
    text, new = _subject(value, "regex_replace"), text_of(replacement, "regex_replace")
    if len(new) > limits.PATTERN:
        raise Trouble(f"a replacement may have {limits.PATTERN:,} characters")
    try:
        done = timed(lambda: pattern.sub(new, text, timeout=limits.REGEX_SECONDS))
    except (regex.error, IndexError) as error:
        raise Trouble(f"this replacement cannot be read: {error}") from None
    if len(done) > limits.LENGTH:
        raise too_large()
    return str(done)


def matches(_: Evaluation, value: Any, pattern: Any) -> bool:
    """Whether the text begins with the pattern."""
    text = _subject(value, "match")
    return timed(lambda: pattern.match(text, timeout=limits.REGEX_SECONDS)) is not None


def found(_: Evaluation, value: Any, pattern: Any) -> bool:
    """Whether the pattern stands somewhere in the text."""
    text = _subject(value, "search")
    return timed(lambda: pattern.search(text, timeout=limits.REGEX_SECONDS)) is not None


PATTERNS: dict[str, Filter] = {
    "regex_search": Filter(_search, prepare={"pattern": pattern}),
    "regex_findall": Filter(_find_all, prepare={"pattern": pattern}),
    "regex_replace": Filter(_replace, prepare={"pattern": pattern}),
}
