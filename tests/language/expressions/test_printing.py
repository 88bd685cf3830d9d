from __future__ import annotations

from typing import Any

import pytest

from playbooks_engine.language.expressions.printing import json_text, measure, printed
from playbooks_engine.language.expressions.trouble import Trouble


def test_values_print_as_in_json() -> None:
    assert [printed(v) for v in (True, False, 1, 1.5, 1e22, "é")] == ["true", "false", "1", "1.5", "1e+22", "é"]


@pytest.mark.parametrize("value", [None, [], {}, float("nan"), pytest.param(10**5000, id="huge"), object()])
def test_what_has_no_text_is_refused(value: Any) -> None:
    with pytest.raises(Trouble):
        printed(value)


def test_json_is_bounded_before_it_is_written() -> None:
    row = ["x" * 1_000] * 100
    with pytest.raises(Trouble, match="larger"):
        json_text([row] * 100)
    deep: Any = []
    for _ in range(100):
        deep = [deep]
    with pytest.raises(Trouble, match="deep"):
        measure(deep)
    assert json_text({"a": [1, None, "é"]}) == '{"a": [1, null, "é"]}'
