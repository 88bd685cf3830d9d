from __future__ import annotations

import pytest

from playbooks_engine.language.expressions.filters.queries import doubts, query
from playbooks_engine.language.expressions.trouble import Trouble


@pytest.mark.parametrize("text", ['[?p=="P1"]', '[?"P1" == p]', '[?a.b != "x"].c'])
def test_a_double_quoted_literal_in_a_comparison_is_doubted(text: str) -> None:
    assert len(doubts(text)) == 1


@pytest.mark.parametrize("text", ["[?p=='P1']", '"odd key".x', '[?p==\'say "x" == "y"\']', "[?n>`1`]"])
def test_other_quotes_are_not(text: str) -> None:
    assert doubts(text) == []


@pytest.mark.parametrize("text", ["[", "a.", "(" * 5_000, "a" * 1_001, "foo(", ""])
def test_what_is_no_query_is_refused(text: str) -> None:
    with pytest.raises(Trouble):
        query(text)
