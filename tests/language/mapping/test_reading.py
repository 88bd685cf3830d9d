from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playbooks_engine.language.mapping import read_mapping

HEAD = "stream: alerts\nevents: $.data\nkey: .id\nfields:\n"

BAD = [
    ("E104", "‸"),
    ("E203", "‸[]\n"),
    ("E201", "‸steam: alerts\n" + HEAD + "  a: .a\n"),
    ("E202", "‸stream: alerts\nevents: $.data\nkey: .id\n"),
    ("E202", HEAD + "  a: ‸{label: x}\n"),
    ("E203", HEAD + "  a: ‸5\n"),
    ("E207", HEAD + "  ‸tinyId: .a\n"),
    ("E215", HEAD + "  a: {path: .a, type: ‸date}\n"),
    ("E401", HEAD + "  a: ‸/a/b\n"),
    ("E401", HEAD + "  a: {path: '.a[‸?'}\n"),
    ("E402", HEAD + "  a: ‸$.data.id\n"),
    ("E402", HEAD + "  a: ‸$.data[*].id\n"),
    ("E402", HEAD + "  a: {path: ‸'@.id'}\n"),
    ("E402", "stream: a\nevents: ‸.data\nkey: .id\nfields: {a: .a}\n"),
    ("E403", HEAD + "  ‸raw: .a\n"),
    ("E403", HEAD + "  ‸key: .a\n"),
    ("E404", "‸extends: other\n"),
    ("E107", HEAD + "  a: .a\n  ‸a: .b\n"),
]


@pytest.mark.parametrize(("code", "marked"), BAD)
def test_each_defect_is_found_at_its_place(code: str, marked: str) -> None:
    before, _, after = marked.partition("‸")
    mapping, findings = read_mapping(before + after, "m.yml")
    place = (code, before.count("\n") + 1, len(before) - before.rfind("\n"))
    assert place in [(f.code, f.line, f.column) for f in findings], findings
    assert mapping is None


@pytest.mark.parametrize(
    ("path", "right"),
    [("$.data.id", ".id"), ("$.data[*].id", ".id"), ("$.data[0].a.b", ".a.b"), ("$.id", ".id"), ("@.id", ".id")],
)
def test_the_right_form_of_a_path_is_told(path: str, right: str) -> None:
    _, [finding] = read_mapping(f"{HEAD}  a: {path!r}\n", "m.yml")
    assert finding.suggestion == f"did you mean {right}?"


def test_the_relative_forms_mean_the_same() -> None:
    mapping, findings = read_mapping(HEAD + "  a: .x\n  b: x\n  c: \"['x']\"\n  d: \"['a b']\"\n", "m.yml")
    assert mapping is not None, findings
    assert mapping.event({"id": "1", "x": 5, "a b": 6}).fields == {"a": 5, "b": 5, "c": 5, "d": 6}


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="$.@[]*?'ab01 ()&|<>=!,:-", max_size=20))
def test_any_path_is_read_or_refused(path: str) -> None:
    read_mapping(HEAD + "  a:\n    path: '" + path.replace("'", "''") + "'\n", "m.yml")
