"""`K=V` as it is given to a flag."""

from __future__ import annotations

import click
import pytest

from playbooks_engine.cli.pairs import Pair


def test_a_value_may_hold_equals_signs_and_may_be_empty() -> None:
    assert Pair().convert("query=a=b", None, None) == ("query", "a=b")
    assert Pair().convert(" name =", None, None) == ("name", "")


@pytest.mark.parametrize("text", ["name", "=value", ""])
def test_what_has_no_name_or_no_equals_sign_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is not of the form ALIAS=NAME"):
        Pair("ALIAS=NAME").convert(text, None, None)
