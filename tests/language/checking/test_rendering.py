from __future__ import annotations

from playbooks_engine.errors import Finding
from playbooks_engine.language.checking import check, render


def test_a_finding_is_shown_as_the_design_says() -> None:
    head = "connections:\n  ops: opsgenie\nsteps:\n  - id: a\n    uses: ops.x\n    with:\n"
    text = head + "      note: On call #1 is ${{ inputs.x }}\n"
    [finding] = check(text, "playbooks/a.yml").findings
    assert render(finding) == (
        "playbooks/a.yml:7:21 error E112 text after # is a YAML comment, so this value is only 'On call'\n"
        "    7 |       note: On call #1 is ${{ inputs.x }}\n"
        "      |                     ^ put the whole value in double quotes"
    )


def test_colour_is_only_added_when_asked_for() -> None:
    finding = Finding("E1", "f", 1, 1, "error", "bad", "fix", source="abc")
    assert "\x1b" not in render(finding)
    assert "\x1b[31m" in render(finding, colour=True)


def test_control_characters_of_a_file_reach_no_terminal() -> None:
    finding = Finding("E1", "f", 1, 5, "error", "bad \x1b[31m", None, source="a\x1b[2Jb")
    assert "\x1b" not in render(finding)


def test_a_wide_character_moves_the_caret() -> None:
    shown = render(Finding("E1", "f", 1, 3, "error", "bad", None, source="漢字x"))
    assert shown.endswith("      |     ^")


def test_a_very_long_line_is_cut_around_the_caret() -> None:
    shown = render(Finding("E1", "f", 1, 5_001, "error", "bad", None, source="a" * 5_000 + "X" + "b" * 5_000))
    lines = shown.split("\n")
    assert len(lines[1]) < 300
    assert lines[1][lines[2].index("^")] == "X"
