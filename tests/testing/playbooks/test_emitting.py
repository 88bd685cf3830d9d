"""Tests for data as YAML for people: it is read back as it was."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbooks_engine.language.reading import read
from playbooks_engine.testing.playbooks.emitting import as_yaml

TRAPS = [
    "yes", "No", "on", "null", "~", "", " a", "a ", "0123", "1e3", "0x1f", "12:30:00", "2026-05-01", "a: b", "a #b",
    "- a", "'a'", '"', "{a", "[a", "*a", "&a", "!a", "%a", "@a", "`a", "a\nb", "a\tb", "ä", "😀", "a\u2028b", "\x07",
    "a\\b", "true", "./a.yml", "ops.add_note", "a@example.com", "a, b", "${{ x }}", "{{ x }}", "a:", ":a", "?a", "? a",
    ">", "|", "=", "<<",
]  # fmt: skip


@pytest.mark.parametrize("text", TRAPS)
def test_a_text_that_looks_like_something_else_is_read_back_as_that_text(text: str) -> None:
    value = {"a": text, "b": [text], "c": [{"d": text}], "e": {text or "k": 1}}
    document = read(as_yaml(value), "x.yml")
    assert [one for one in document.findings if one.severity == "error"] == []
    assert document.root is not None
    assert document.root.plain() == value


_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(-1e9, 1e9).map(lambda x: round(x, 3))
    | _texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_texts.filter(bool), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(_texts.filter(bool), _values, min_size=1, max_size=4))
def test_any_data_is_read_back_as_it_was(value: dict[str, Any]) -> None:
    document = read(as_yaml(value), "x.yml")
    assert document.root is not None, as_yaml(value)
    assert document.root.plain() == value


def test_small_things_stand_on_one_line_and_large_ones_on_many() -> None:
    assert as_yaml({"a": {"b": 1, "c": [1, 2]}, "d": [{"e": "x" * 120}]}) == (
        f"a:\n  b: 1\n  c: [1, 2]\nd:\n  - e: {'x' * 120}\n"
    )
    assert as_yaml({"a": {"b": 1}, "c": [], "d": {}}) == "a: {b: 1}\nc: []\nd: {}\n"
