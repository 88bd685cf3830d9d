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


@pytest.mark.parametrize("text", ["(", "[", "a" * 1_001, "(?P<a"])
def test_what_is_no_pattern_is_refused(text: str) -> None:
    with pytest.raises(Trouble):
        pattern(text)
