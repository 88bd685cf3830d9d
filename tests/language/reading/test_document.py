from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playbooks_engine.language.reading import ListNode, MapNode, ScalarNode, document, read

NORWAY = """
on: off
country: NO
yes: y
tinyId: 0123
at: 12:30:00
day: 2026-04-05
hex: 0x1F
float: 1.5
exp: 1e3
true: True
none: ~
empty:
plus: +5
inf: .inf
quoted: "5"
"""


def data(text: str) -> Any:
    root = read(text, "a.yml").root
    assert root is not None
    return root.plain()


def test_yaml_is_read_by_its_core_schema() -> None:
    assert data(NORWAY) == {
        "on": "off",
        "country": "NO",
        "yes": "y",
        "tinyId": "0123",
        "at": "12:30:00",
        "day": "2026-04-05",
        "hex": 31,
        "float": 1.5,
        "exp": 1000.0,
        "true": True,
        "none": None,
        "empty": None,
        "plus": 5,
        "inf": ".inf",
        "quoted": "5",
    }


def test_every_key_and_value_knows_its_place() -> None:
    root = read("a: 1\nlist:\n  - 'x y'\n  - {b: c}\n", "a.yml").root
    assert isinstance(root, MapNode)
    items = root.get("list")
    assert isinstance(items, ListNode)
    first, second = items
    assert (first.position.line, first.position.column, first.position.length) == (3, 5, 5)
    assert isinstance(second, MapNode)
    pair = second.pair("b")
    assert pair is not None
    assert (pair.key.position.column, pair.value.position.column) == (6, 9)


def test_an_alias_is_the_same_value_again_and_is_counted() -> None:
    assert data("a: &x {b: 1}\nc: *x\n") == {"a": {"b": 1}, "c": {"b": 1}}
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)
    )
    found = read(bomb, "a.yml")
    assert found.root is None
    assert found.findings[0].code == "E108"


def test_sixty_four_levels_are_read_and_one_more_is_not() -> None:
    assert read("[" * 64 + "]" * 64, "a.yml").root is not None
    assert read("[" * 65 + "]" * 65, "a.yml").findings[0].code == "E109"


@pytest.mark.parametrize("text", ["[" * 500_000, "{a: " * 250_000, "- " * 500_000, "? " * 500_000, "!!str " * 100_000])
def test_deep_files_are_refused_at_once(text: str) -> None:
    assert read(text, "a.yml").findings


def test_bytes_must_be_utf_8() -> None:
    found = read(b"a: 1\nb: \xff\n", "a.yml")
    assert (found.findings[0].code, found.findings[0].line, found.findings[0].column) == ("E101", 2, 4)
    assert read("﻿a: é".encode(), "a.yml").root is not None
    assert read("a: b".encode("utf-16"), "a.yml").findings


def test_reading_works_without_libyaml(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "_parser", document._PurePythonParser)
    assert data(NORWAY)["tinyId"] == "0123"
    assert read("x: {{ a }}", "a.yml").findings[0].code == "E115"
    assert read("x: 'a' == b", "a.yml").findings[0].code == "E114"
    assert read("a:\n\tb: 1", "a.yml").findings[0].code == "E105"
    assert read("x: a: b", "a.yml").findings[0].code == "E111"


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab:-# \n\t'\"{}[]&*!|>%@`,?$\\0é\x85\u2028", max_size=60))
def test_reading_never_raises_and_says_why_it_could_not(text: str) -> None:
    found = read(text, "a.yml")
    if found.root is not None:
        found.root.plain()
    for finding in found.findings:
        assert 1 <= finding.line <= len(found.lines.lines)
        assert finding.column >= 1


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=40) | st.text(max_size=40))
def test_reading_takes_anything(text: str | bytes) -> None:
    read(text, "a.yml")


def test_places_inside_scalars_are_exact_on_one_line() -> None:
    for text in (
        "k: ab${{X}}",
        "k: 'it''s${{X}}'",
        'k: "\\t\\u00e9\\x41${{X}}"',
        "k: |\n  a\n  b ${{X}}\n",
        "k: >\n  X1\n  ${{X}}",
    ):
        root = read(text, "a.yml").root
        assert isinstance(root, MapNode)
        node = root.get("k")
        assert isinstance(node, ScalarNode)
        place = node.place(node.text.index("${{X}}"), 6)
        line = text.split("\n")[place.line - 1]
        assert line[place.column - 1 :].startswith("${{X}}"), text
