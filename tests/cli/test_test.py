"""`playbooks test`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PLAYBOOK = """\
connections: {ops: opsgenie}
inputs: {alert: {type: string, default: a1}}
steps:
  - id: close
    uses: ops.close_alert
    with: {identifier: "${{ inputs.alert }}"}
"""

TESTS = """\
playbook: ./tidy.yml
defaults:
  answers: {ops.close_alert: {output: {isSuccess: true}}}
tests:
  - name: the alert is closed
    expect: {calls: {ops.close_alert: {times: 1, with: {identifier: a1}}}}
  - name: another one is closed
    inputs: {alert: a2}
    expect: {calls: {ops.close_alert: {with: {identifier: a2}}}}
"""


@pytest.fixture
def tests(project: Path) -> Path:
    (project / "playbooks" / "tidy.yml").write_text(PLAYBOOK)
    path = project / "playbooks" / "tidy.test.yml"
    path.write_text(TESTS)
    return path


def test_all_tests_of_the_project_are_run_and_nothing_is_sent(
    cli: Callable[..., Any], tests: Path, opsgenie: Any
) -> None:
    ended = cli("test")
    assert ended.status == 0
    first, _, last = ended.out.splitlines()
    assert first == "playbooks/tidy.test.yml .."
    assert last.startswith("2 tests passed, 0 failed in ")
    assert list(opsgenie.ledger) == []


def test_a_failed_test_exits_1_and_shows_the_difference_and_every_step(cli: Callable[..., Any], tests: Path) -> None:
    tests.write_text(TESTS.replace("identifier: a2", "identifier: a3"))
    ended = cli("test")
    assert ended.status == 1
    assert ended.out.splitlines()[:9] == [
        "playbooks/tidy.test.yml .F",
        "",
        "FAILED playbooks/tidy.test.yml:7 another one is closed",
        "  ops.close_alert: with.identifier (playbooks/tidy.test.yml:9)",
        "    - expected  a3",
        "    + got       a2",
        "  What happened:",
        "    tidy: succeeded",
        '      close  succeeded  {"identifier": "a2"}',
    ]


def test_a_file_that_cannot_be_used_exits_2_and_the_others_are_run(cli: Callable[..., Any], tests: Path) -> None:
    tests.with_name("other.test.yml").write_text("playbook: ./tidy.yml\ntests: [{name: a, expect: {ran: [clos]}}]\n")
    ended = cli("test")
    assert ended.status == 2
    assert "playbooks/other.test.yml:2:34 error E601 tidy has no step 'clos'" in ended.out
    assert "did you mean close?" in ended.out
    assert "2 tests passed, 0 failed, 1 file cannot be used in " in ended.out


def test_warnings_are_told_and_harm_nothing(cli: Callable[..., Any], tests: Path) -> None:
    tests.write_text(TESTS.replace("isSuccess", "accepted"))
    ended = cli("test")
    assert ended.status == 0
    assert "warning W601 close_alert: the service is not known to answer with 'accepted'" in ended.out


def test_tests_are_chosen_by_name_and_a_name_that_none_has_is_wrong_usage(cli: Callable[..., Any], tests: Path) -> None:
    assert "1 test passed" in cli("test", "-k", "ANOTHER").out
    ended = cli("test", "-k", "anything else")
    assert ended.status == 2
    assert 'No test has "anything else" in its name.' in ended.err


def test_files_and_folders_may_be_named(cli: Callable[..., Any], tests: Path, tmp_path: Path) -> None:
    assert "2 tests passed" in cli("test", str(tests)).out
    assert "2 tests passed" in cli("test", "playbooks").out
    for wrong in ("playbooks/tidy.yml", "playbooks/none.test.yml", str(tmp_path / "project" / "playbooks" / "x")):
        assert cli("test", wrong).status == 2


def test_a_project_without_tests_says_so(cli: Callable[..., Any], project: Path) -> None:
    ended = cli("test")
    assert ended.status == 2
    assert "There are no tests (*.test.yml) in" in ended.err


def test_json_is_one_document_with_every_test(cli: Callable[..., Any], tests: Path) -> None:
    tests.write_text(TESTS.replace("identifier: a2", "identifier: a3"))
    ended = cli("test", "--json")
    assert ended.status == 1
    told = ended.json
    assert {name: told[name] for name in ("passed", "failed", "unusable", "findings")} == {
        "passed": 1, "failed": 1, "unusable": 0, "findings": [],
    }  # fmt: skip
    good, bad = told["tests"]
    assert good == {
        "file": "playbooks/tidy.test.yml", "line": 5, "name": "the alert is closed", "status": "passed",
        "differences": [],
    }  # fmt: skip
    assert (bad["line"], bad["status"]) == (7, "failed")
    assert bad["differences"] == [
        {"what": "ops.close_alert: with.identifier", "expected": "a3", "actual": "a2", "line": 9}
    ]
    assert bad["trace"][0] == "tidy: succeeded"


def test_an_alias_is_bound_to_another_connection(cli: Callable[..., Any], tests: Path) -> None:
    tests.with_name("tidy.yml").write_text(
        PLAYBOOK.replace("ops: opsgenie", "pager: opsgenie").replace("ops.", "pager.")
    )
    tests.write_text(TESTS.replace("ops.close", "pager.close"))
    assert cli("test").status == 2
    assert cli("test", "--connection", "pager=ops").status == 0


def test_what_a_playbook_logs_is_not_mixed_in(cli: Callable[..., Any], tests: Path) -> None:
    tests.with_name("tidy.yml").write_text(
        PLAYBOOK + "  - {id: say, uses: core.log, with: {level: error, message: Oh}}\n"
    )
    ended = cli("test")
    assert ended.status == 0
    assert ended.err == ""


def test_it_runs_as_a_process_and_without_any_project(process: Callable[..., Any], tests: Path) -> None:
    assert process("test").status == 0
    (tests.parents[1] / "project.yml").unlink()
    assert process("test", "playbooks").status == 0
    assert process("test").status == 2


def test_a_run_becomes_a_test_that_passes_and_no_file_is_overwritten(
    cli: Callable[..., Any], tests: Path, opsgenie: Any
) -> None:
    alert = opsgenie.has_alert(message="Ask ana.pop@corp.example")
    ran = cli("run", "tidy", "--input", f"alert={alert.id}", "--json")
    assert ran.status == 0, ran.err
    run = str(ran.json["run"])
    ended = cli("test", "--from-run", run)
    assert ended.status == 0
    assert ended.out.startswith("Wrote playbooks/tidy.run-1.test.yml. Read it through before you share it")
    assert "3 tests passed" in cli("test").out
    again = cli("test", "--from-run", run)
    assert again.status == 2
    assert "is there already; nothing was written" in again.err
    other = cli("test", "--from-run", run, "--out", "playbooks/mine.test.yml", "--json")
    assert other.json == {"run": int(run), "file": "playbooks/mine.test.yml"}
    assert "4 tests passed" in cli("test").out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--from-run", "99"), "There is no run 99."),
        (("--out", "x.test.yml"), "--out says where --from-run writes."),
        (("--from-run", "1", "-k", "x"), "--from-run writes a test; it runs none."),
        (("--from-run", "1", "playbooks"), "--from-run writes a test; it runs none."),
    ],
)
def test_flags_that_mean_nothing_together_are_refused(
    words: tuple[str, ...], told: str, cli: Callable[..., Any], tests: Path
) -> None:
    ended = cli("test", *words)
    assert ended.status == 2
    assert told in ended.err
