from __future__ import annotations

from playbooks_engine.errors import ExpressionError
from playbooks_engine.language.expressions.trouble import Absent, MissingValue, Trouble


def test_trouble_becomes_an_error_with_its_place() -> None:
    error = Trouble("wrong", "do this").at(3, 0)
    assert (error.message, error.hint, error.offset, error.length) == ("wrong", "do this", 3, 1)
    assert type(error) is ExpressionError
    assert type(Absent("gone").at(0, 1)) is MissingValue
