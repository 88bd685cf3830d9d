"""`playbooks check`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

GOOD = "steps:\n  - id: a\n    uses: ops.get_schedules\n"
BAD = "steps:\n  - id: a\n    uses: ops.get_shedules\n"
DOUBTFUL = "steps:\n  - id: a\n    uses: core.log\n    with: {message: hello}\n"


def test_a_sound_project_exits_0_with_a_summary(cli: Callable[..., Any], playbook: Callable[..., Path]) -> None:
    playbook("good", GOOD)
    ended = cli("check")
    assert (ended.status, ended.out) == (0, "2 files checked: nothing to complain about.\n")


def test_an_error_is_shown_with_its_line_its_caret_and_the_way_out(
    cli: Callable[..., Any], playbook: Callable[..., Path]
) -> None:
    playbook("bad", BAD)
    ended = cli("check")
    assert ended.status == 1
    assert ended.out == (
        "playbooks/bad.yml:4:11 error E210 opsgenie has no command 'get_shedules'\n"
        "    4 |     uses: ops.get_shedules\n"
        "      |           ^^^^^^^^^^^^^^^^ did you mean ops.get_schedules?\n"
        "\n"
        "2 files checked: 1 error.\n"
    )


def test_warnings_alone_are_fine(cli: Callable[..., Any], playbook: Callable[..., Path]) -> None:
    playbook("doubtful", DOUBTFUL)
    ended = cli("check")
    assert ended.status == 0
    assert "1 warning" in ended.out


def test_every_mistake_of_every_file_is_told_in_one_run(
    cli: Callable[..., Any], project: Path, playbook: Callable[..., Path]
) -> None:
    playbook("one", BAD)
    playbook("two", "steps: [\n")
    (project / "mappings").mkdir()
    (project / "mappings" / "mine.yml").write_text("extends: default\nfields: {id: {path: '$.id'}}\n")
    (project / "project.yml").write_text((project / "project.yml").read_text() + "wbe: {}\n")
    ended = cli("check", "--json")
    found = ended.json
    assert ended.status == 1
    assert found["files"] == 4
    assert {finding["file"] for finding in found["findings"]} == {
        "project.yml", "playbooks/one.yml", "playbooks/two.yml", "mappings/mine.yml",
    }  # fmt: skip
    names = ["file", "line", "column", "severity", "code", "message", "suggestion"]
    assert all(list(finding) == names for finding in found["findings"])


def test_the_json_flag_and_the_json_format_are_the_same(cli: Callable[..., Any], playbook: Callable[..., Path]) -> None:
    playbook("bad", BAD)
    assert cli("check", "--json").out == cli("check", "--format", "json").out


def test_sarif_is_what_code_scanning_reads(cli: Callable[..., Any], playbook: Callable[..., Path]) -> None:
    playbook("bad", BAD)
    document = cli("check", "--format", "sarif").json
    assert document["version"] == "2.1.0"
    [result] = document["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("E210", "error")
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "playbooks/bad.yml"
    assert place["region"] == {"startLine": 4, "startColumn": 11, "endColumn": 27}


def test_github_gets_annotations(cli: Callable[..., Any], playbook: Callable[..., Path]) -> None:
    playbook("bad", BAD)
    assert cli("check", "--format", "github").out == (
        "::error file=playbooks/bad.yml,line=4,col=11,endColumn=27,title=E210::"
        "opsgenie has no command 'get_shedules'; did you mean ops.get_schedules?\n"
    )


def test_one_file_or_folder_may_be_named(cli: Callable[..., Any], playbook: Callable[..., Path]) -> None:
    playbook("bad", BAD)
    playbook("good", GOOD)
    assert cli("check", "playbooks/good.yml", "--json").json == {"files": 1, "findings": []}
    assert cli("check", "playbooks", "--json").json["files"] == 2
    assert cli("check", "playbooks/none.yml").status == 2


def test_a_file_outside_any_project_is_checked_as_far_as_it_goes(
    cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("alone.yml").write_text("connections: {ops: opsgenie}\n" + BAD)
    Path("broken.yml").write_text("steps: {}\n")
    ended = cli("check", "alone.yml")
    assert ended.status == 0
    assert "No project.yml here" in ended.err
    assert cli("check", "broken.yml").status == 1


def test_tests_of_playbooks_are_checked_too(
    cli: Callable[..., Any], project: Path, playbook: Callable[..., Path]
) -> None:
    playbook("good", "steps: [{id: a, uses: ops.get_schedules}]\n")
    test = project / "playbooks" / "good.test.yml"
    test.write_text("playbook: ./good.yml\ntests: [{name: it ends, expect: {ran: [nobody]}}]\n")
    ended = cli("check")
    assert ended.status == 1
    assert "good.test.yml:2:40 error E601 good has no step 'nobody'" in ended.out
    assert "3 files checked: 1 error" in ended.out


def test_another_connection_may_be_bound(cli: Callable[..., Any], project: Path) -> None:
    (project / "playbooks" / "p.yml").write_text(
        "connections: {pager: opsgenie}\nsteps: [{id: a, uses: pager.get_schedules}]\n"
    )
    assert cli("check").status == 1
    assert cli("check", "--connection", "pager=ops").status == 0


def test_a_broken_connection_is_one_mistake_and_not_one_a_playbook(
    cli: Callable[..., Any], project: Path, playbook: Callable[..., Path]
) -> None:
    playbook("good", GOOD)
    (project / "project.yml").write_text("connections: {ops: {connector: opsgenie, api_key: literal}}\n")
    found = json.loads(cli("check", "--json").out)["findings"]
    assert [finding["file"] for finding in found] == ["project.yml"]


def test_nothing_is_sent(cli: Callable[..., Any], playbook: Callable[..., Path], opsgenie: Any) -> None:
    playbook("good", GOOD)
    cli("check")
    assert not opsgenie.ledger
