"""Tests for test files found, read, checked and performed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from playbooks_engine.errors import BadUsage
from playbooks_engine.testing.playbooks.session import Session, selected, test_files

TESTS = (
    "playbook: ./watch.yml\ntests:\n- {name: First of all, expect: {runs: 0}}\n- {name: second, expect: {runs: 0}}\n"
)


def test_test_files_are_found_in_folders_and_by_name(tmp_path: Path) -> None:
    for name in ("b.test.yml", "a.test.yml", "a.yml", "more/c.test.yml", ".hidden/d.test.yml"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("")
    assert [path.name for path in test_files([tmp_path])] == ["a.test.yml", "b.test.yml", "c.test.yml"]
    twice = [tmp_path / "a.test.yml", tmp_path]
    assert len(test_files(twice)) == 3


def test_what_is_no_test_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadUsage, match="There is no file"):
        test_files([tmp_path / "none.test.yml"])
    (tmp_path / "a.yml").write_text("")
    with pytest.raises(BadUsage, match="is no test of a playbook"):
        test_files([tmp_path / "a.yml"])


def test_tests_are_chosen_by_a_part_of_their_name_or_of_their_files(bench: Any) -> None:
    suite = bench.ready(TESTS).suite
    assert [test.name for test in selected(suite, "first")] == ["First of all"]
    assert len(selected(suite, "it.test")) == 2
    assert selected(suite, "third") == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (TESTS.replace("watch", "wacht"), "1:11 E601 there is no playbook wacht.yml"),
        (TESTS.replace("./watch.yml", "../../../outside.yml"), "1:11 E601 there is no playbook outside.yml"),
        (TESTS.replace("watch", "broken"), "2:1 E202 a step needs `id`"),
    ],
)
def test_a_playbook_that_cannot_be_used_makes_its_tests_unusable(text: str, told: str, bench: Any) -> None:
    bench.write("playbooks/broken.yml", "steps:\n- uses: core.log\n")
    ready = bench.ready(text)
    assert not ready.suite.usable
    found = [f"{one.line}:{one.column} {one.code} {one.message}" for one in ready.suite.findings]
    assert any(one.startswith(told.split(" ", 1)[0]) or told.split(" ", 1)[1] in one for one in found), found


def test_a_connection_that_the_project_lacks_is_told(bench: Any) -> None:
    bench.write("project.yml", "connections: {chat: {connector: notify, urls: [env:X]}}\n")
    assert any("project.yml has no connection 'ops'" in one for one in bench.findings(TESTS))


def test_an_outcome_passed_when_nothing_differs(bench: Any) -> None:
    text = TESTS.replace("expect:", "timeline: [{at: 1m}], expect:")
    text = text[: text.rindex("0")] + text[text.rindex("0") :].replace("0", "1")
    first, second = Session().outcomes(bench.ready(text))
    assert (first.passed, second.passed) == (True, False)
