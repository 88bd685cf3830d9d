from __future__ import annotations

import pytest

from playbooks_engine.language.expressions.filters import FILTERS, TESTS
from playbooks_engine.language.expressions.trouble import Trouble


def test_arguments_are_placed_before_anything_runs() -> None:
    assert FILTERS["replace"].named(2, ["count"]) == ["old", "new", "count"]
    with pytest.raises(Trouble, match=r"takes \(old, new, \[count\]\)"):
        FILTERS["replace"].named(1, [])
    with pytest.raises(Trouble, match="no arguments"):
        FILTERS["upper"].named(1, [])


def test_what_must_be_literal_is_a_parameter_of_its_filter() -> None:
    for one in (*FILTERS.values(), *TESTS.values()):
        assert set(one.prepare) <= set(one.parameters)
