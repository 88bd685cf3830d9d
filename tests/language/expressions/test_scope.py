from __future__ import annotations

import pytest

from playbooks_engine.errors import ExpressionError
from playbooks_engine.language.expressions import Scope, compile_value, limits
from playbooks_engine.language.expressions.scope import Evaluation
from playbooks_engine.language.expressions.trouble import Trouble


def empty() -> Scope:
    return Scope({"x": list(range(60_000))}, lambda: None)  # type: ignore[arg-type, return-value]


def test_the_items_that_filters_look_at_are_counted() -> None:
    compile_value("${{ x | list | length }}").evaluate(empty())
    with pytest.raises(ExpressionError, match="100,000 items"):
        compile_value("${{ x | list | list | length }}").evaluate(empty())


def test_what_in_looks_through_is_counted_for_each_item() -> None:
    with pytest.raises(ExpressionError, match="100,000 items"):
        compile_value("${{ x[:300] | select('in', x) | list }}").evaluate(empty())
    with pytest.raises(ExpressionError, match=r"100,000 items|takes longer"):
        compile_value("${{ " + " or ".join(["'no' in x"] * 40) + " }}").evaluate(empty())


def test_a_filter_that_is_slow_on_each_item_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SECONDS", 0.0)
    with pytest.raises(ExpressionError, match="takes longer"):
        compile_value("${{ x[:300] | select('eq', 1) }}").evaluate(empty())


def test_processor_time_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SECONDS", 0.0)
    evaluation = Evaluation(empty())
    evaluation.spend(1_000)
    sum(range(100_000))
    with pytest.raises(Trouble, match="takes longer"):
        evaluation.spend(1)
