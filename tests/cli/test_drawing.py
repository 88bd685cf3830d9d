"""Tables and pairs."""

from __future__ import annotations

import io

import pytest

from playbooks_engine.cli.drawing import answer, fields, table
from playbooks_engine.cli.printing import Output


@pytest.fixture
def out() -> io.StringIO:
    return io.StringIO()


class Terminal(io.StringIO):
    """Text that takes itself for a terminal."""

    def isatty(self) -> bool:
        return True


def test_without_a_terminal_columns_are_plain_and_whole(out: io.StringIO) -> None:
    table(Output(out), ("name", "about"), [("a", "x" * 300), ("b", None)], longest=400)
    lines = out.getvalue().splitlines()
    assert lines == ["name  about", f"a     {'x' * 300}", "b     -"]


def test_colours_are_left_out_where_nobody_wants_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    with_colours, without = Terminal(), Terminal()
    table(Output(with_colours), ("status",), [("failed",)])
    monkeypatch.setenv("NO_COLOR", "1")
    table(Output(without), ("status",), [("failed",), ("skipped",)])
    assert "\x1b[31m" in with_colours.getvalue()
    assert "\x1b[" not in without.getvalue()  # neither bold nor dim


def test_a_narrow_terminal_shows_fewer_columns_and_those_readable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "40")
    narrow = Terminal()
    row = ("371", "chase_unacknowledged_polling", "succeeded", "2026-11-22 20:03:15", "by hand")
    table(Output(narrow), ("run", "playbook", "status", "asked for", "started by"), [row])
    assert narrow.getvalue().splitlines() == [
        "run  playbook                status",
        "371  chase_unacknowledged_…  succeeded",
    ]


def test_markup_in_data_is_only_text(out: io.StringIO) -> None:
    fields(Output(out), {"message": "[red]not red[/red] :smile:"})
    assert out.getvalue() == "message  [red]not red[/red] :smile:\n"


def test_an_answer_is_drawn_by_its_shape(out: io.StringIO) -> None:
    answer(Output(out), [{"id": 1, "tags": ["a", "b"]}, {"id": 2, "enabled": True}])
    answer(Output(out), {"who": {"name": "ana", "kind": "user"}, "list": [{"a": 1}], "none": None})
    answer(Output(out), ["one", "two"])
    answer(Output(out), "just text")
    answer(Output(out), None)
    assert out.getvalue().splitlines() == [
        "id  enabled  tags",
        "1   -        a, b",
        "2   yes      -",
        "who   name: ana, kind: user",
        "list",
        "  a",
        "  1",
        "none  -",
        "one",
        "two",
        "just text",
    ]


def test_what_is_nested_stands_below(out: io.StringIO) -> None:
    fields(Output(out), {"a": {"long": "x" * 80, "b": {"c": 1}}})
    assert out.getvalue().splitlines() == ["a", f"  long  {'x' * 80}", "  b     c: 1"]


def test_nothing_in_a_cell_steers_the_terminal(out: io.StringIO) -> None:
    table(Output(out), ("a",), [("\x1b[2J\u202e",)])
    assert out.getvalue() == "a\n\\x1b[2J\\u202e\n"


def test_secrets_do_not_get_into_a_table(out: io.StringIO) -> None:
    output = Output(out)
    output.redact_with(lambda text: text.replace("key", "***"), lambda value: value)
    table(output, ("a",), [("my key",)])
    assert "key" not in out.getvalue()
