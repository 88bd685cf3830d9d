from __future__ import annotations

import time

import pytest

from playbooks_engine.language.expressions.filters.patterns import pattern, timed
from playbooks_engine.language.expressions.trouble import Trouble


@pytest.mark.parametrize("text", ["(a|aa)+c", "^(a|a)*$", "(.*)*(.*)*(.*)*x", "(\\w+\\s?)*!"])
def test_an_evil_pattern_ends_soon(text: str) -> None:
    started = time.perf_counter()
    try:
        timed(lambda: pattern(text).search("a" * 5_000, timeout=0.1))
    except Trouble as trouble:
        assert "takes longer" in trouble.message  # noqa: PT017 - it may also be quick
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize(
    "text",
    [
        "((a{1000}){1000}){1000}",
        "a{1000}{1000}",
        "((a{1000}) {1000,})",
        "(a{1000})(?#x){1000}",
        "(?:[ab]{1000}|c){1000}",
        "x{999999999}",
    ],
)
def test_counts_inside_counts_are_refused_before_they_take_all_the_memory(text: str) -> None:
    with pytest.raises(Trouble, match="repeats more than 50,000 parts"):
        pattern(text)


@pytest.mark.parametrize(
    "text",
    [
        "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}",
        "(?:[ab]{0,1000}){1000}",
        "a{1,1000000000}",
        r"[({5}]{3}\({5}",
        "a{b}",
    ],
)
def test_counts_that_cost_little_are_read(text: str) -> None:
    assert pattern(text).pattern == text


@pytest.mark.parametrize("text", ["(", "[", "a" * 1_001, "(?P<a"])
def test_what_is_no_pattern_is_refused(text: str) -> None:
    with pytest.raises(Trouble):
        pattern(text)
