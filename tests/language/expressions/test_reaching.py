from __future__ import annotations

import pytest

from playbooks_engine.language.expressions.reaching import cut, having, kind, reach
from playbooks_engine.language.expressions.trouble import Absent, Trouble


def test_keys_and_items_are_reached() -> None:
    assert reach({"items": 1}, "items") == 1
    assert reach([1, 2], -1) == 2
    assert cut("abc", None, 2, None) == "ab"


def test_absence_is_told_from_misuse() -> None:
    for value, key in (({}, "a"), ([], 0), (None, "a"), ("text", "a"), ([], "a")):
        with pytest.raises(Absent):
            reach(value, key)
    for value, key in (({}, 1), ([1], True), ([1], 1.5)):
        with pytest.raises(Trouble) as error:
            reach(value, key)
        assert not isinstance(error.value, Absent)


def test_a_long_list_of_keys_is_cut() -> None:
    assert having("zz", [f"k{n:03}" for n in range(100)]).endswith("k011 and 88 more.")
    assert having("a", []) == "it has none"


def test_kinds_have_words() -> None:
    assert [kind(v) for v in (None, True, 1, "a", [], {})] == [
        "null",
        "true or false",
        "a number",
        "text",
        "a list",
        "a map",
    ]
