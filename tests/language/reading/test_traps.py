from __future__ import annotations

import pytest

from playbooks_engine.language.reading import read


@pytest.mark.parametrize(
    ("text", "message", "fix"),
    [
        ("note: On call #1 is ${{ a }}", "only 'On call'", "double quotes"),
        ("x: note: ${{ a }}", "colon and a space", "double quotes"),
        ("with: { schedule: ${{ inputs.s }} }", "inside { }", "one key a line"),
        ("when: 'P1' == event.priority", "begins with '", "parentheses"),
        ("x: {{ event.id }}", "YAML map", "write ${{"),
        ("x: 'it's'", "begins with '", "other quotes"),
        ("a:\n\tb: 1", "tab", "spaces"),
        ("a: 1\nb", "neither", "colon"),
        ("a: [1, 2", "[ is never closed", "add ]"),
        ("a: {b: [1, 2]\nc: 1", "{ is never closed", "add }"),
        ("a: [", "[ is never closed", "line"),
        ("a: [1, 2}", "} does not close the [ opened at 1:4", "write ]"),
        ("a: [1, 2]]", "] closes nothing", "remove"),
        ("a: ['1' '2']", "a comma or ] is missing in the [ ] opened at 1:4", "line"),
    ],
)
def test_each_trap_has_its_own_sentence_and_way_out(text: str, message: str, fix: str) -> None:
    finding = read(text, "a.yml").findings[0]
    assert message in finding.message
    assert fix in str(finding.suggestion)


@pytest.mark.parametrize(
    "text", ["at: 5m # every five minutes", "a: x #", "# ${{ a }}\na: b", "a: '#1 ${{ b }}'", "a: ${{ b }} # why"]
)
def test_a_real_comment_is_left_alone(text: str) -> None:
    assert read(text, "a.yml").findings == []
