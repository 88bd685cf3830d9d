"""A new project in an editor: what a real YAML language server offers, shows and objects to.

It comes from npm into a folder of its own; where node or npm are missing, or npm cannot get it, this is skipped.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from time import monotonic

import pytest
from language_server import MARK, Editor, editor

SERVER = "yaml-language-server@1.25.0"
HEAD = "# yaml-language-server: $schema=../.playbooks/playbook.schema.json\nconnections:\n  ops: opsgenie\nsteps:\n"
WHO = HEAD + "  - id: who\n    uses: ops.get_on_call_user\n"
PROJECT = "# yaml-language-server: $schema=../.playbooks/project.schema.json\n"
LONG = HEAD + "".join(
    f"  - id: note_{number}\n    uses: ops.add_note\n    with:\n      identifier: a\n      note: ${{{{ event.id }}}}\n"
    for number in range(100)
)


@pytest.fixture(scope="module")
def at_work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("there is no node, or no npm, to run a YAML language server with")
    room = tmp_path_factory.mktemp("server")
    fetched = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(room), SERVER],
        capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    if fetched.returncode:
        pytest.skip(f"npm could not get {SERVER}: {fetched.stderr.strip().splitlines()[-1:]}")
    folder = tmp_path_factory.mktemp("night") / "shift"
    subprocess.run([sys.executable, "-m", "playbooks_engine", "init", str(folder)], check=True, capture_output=True)
    program = room / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
    with editor([node, str(program), "--stdio"], folder / "playbooks") as one:
        yield one


def test_the_files_of_a_new_project_have_no_problems(at_work: Editor) -> None:
    folder = at_work.folder
    assert at_work.problems((folder / "who_is_on_call.yml").read_text()) == []
    assert at_work.problems((folder / "who_is_on_call.test.yml").read_text()) == []
    settings = (folder.parent / "project.yml").read_text().replace("$schema=", "$schema=../")
    assert at_work.problems(settings) == []


def test_uses_offers_the_commands_of_the_connection(at_work: Editor) -> None:
    offered = at_work.complete(HEAD + f"  - id: who\n    uses: ops.{MARK}\n")
    assert len(offered) > 200
    assert offered["ops.get_on_call_user"]["documentation"].startswith("Retrieve who is on call on a schedule.")
    assert "core.approval" in offered


def test_with_offers_the_inputs_of_that_command(at_work: Editor) -> None:
    offered = at_work.complete(WHO + f"    with:\n      {MARK}\n")
    assert {"schedule_name", "datetime"} <= set(offered)
    assert "identifier" not in offered
    assert offered["schedule_name"]["documentation"].startswith("The name of the schedule")


def test_inputs_are_offered_wherever_a_step_may_stand(at_work: Editor) -> None:
    nested = (
        "  - id: all\n    parallel:\n      one:\n        - id: a\n          uses: ops.create_alert\n          with:\n"
    )
    assert "message" in at_work.complete(HEAD + nested + f"            {MARK}\n")
    offered = at_work.complete(HEAD + nested + f"            message: x\n            priority: {MARK}\n")
    assert {"P1", "P5"} <= set(offered)


def test_keys_connections_and_streams_are_offered(at_work: Editor) -> None:
    modeline = HEAD.splitlines()[0]
    assert {"on", "inputs", "steps", "concurrency"} <= set(at_work.complete(f"{modeline}\n{MARK}\n"))
    assert set(at_work.complete(f"{modeline}\nconnections:\n  {MARK}\n")) == {"ops"}
    assert set(at_work.complete(f"{modeline}\non:\n  event:\n    from: {MARK}\n")) == {"ops.alerts"}
    assert {"retry", "once", "for_each", "when"} <= set(at_work.complete(WHO + f"    {MARK}\n"))


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (WHO + "    with:\n      schedule_nam: x\n", 8, "Property schedule_nam is not allowed."),
        (WHO + "    with:\n      datetime: x\n", 7, 'Missing property "schedule_name".'),
        (WHO + "    with: {schedule_name: x}\n    retries: 3\n", 8, "Property retries is not allowed."),
        (WHO + "    with: {schedule_name: x}\n    retry: {attempt: 3}\n", 8, "Property attempt is not allowed."),
        (WHO + "    with: {schedule_name: x}\n    timeout: 5 minutes\n", 8, "This is no duration; write it like"),
        (HEAD + "  - id: a\n    uses: ops.get_oncall\n", 6, "This project has no such command."),
        (HEAD + "  - id: a\n    when: x\n", 5, 'Missing property "uses".'),
        (PROJECT + "connections:\n  ops: {connector: opsgenie, api_kee: 'env:A'}\n", 3, "api_kee is not allowed"),
        (PROJECT + "connections:\n  ops: {connector: opsgenie, api_key: abc}\n", 3, "does not match"),
    ],
)
def test_a_mistake_is_shown_in_its_line(at_work: Editor, text: str, line: int, words: str) -> None:
    found = at_work.problems(text)
    assert [at for at, said in found if words in said] == [line], found


def test_an_expression_may_stand_for_any_value(at_work: Editor) -> None:
    step = "  - id: a\n    uses: ops.create_alert\n    with:\n      message: ${{ event.message }}\n"
    more = "      priority: ${{ event.priority }}\n      tags: ${{ event.tags }}\n      details: ${{ event.details }}\n"
    assert at_work.problems(HEAD + step + more) == []
    assert at_work.problems(HEAD + step + "      priority: P9\n") != []


def test_pointing_at_something_shows_its_words_and_no_others(at_work: Editor) -> None:
    shown = at_work.hover(WHO.replace("on_call", f"on_{MARK}call") + "    with: {schedule_name: x}\n")
    assert "Retrieve who is on call on a schedule." in shown
    assert len(shown) < 300
    assert "as get\\_schedules returns it" in at_work.hover(WHO + f"    with:\n      sched{MARK}ule_name: x\n")
    assert "Try again after a failure" in at_work.hover(WHO + f"    re{MARK}try: 3\n")


def test_a_test_of_a_playbook_is_completed_too(at_work: Editor) -> None:
    begun = "# yaml-language-server: $schema=../.playbooks/test.schema.json\nplaybook: ./who_is_on_call.yml\ntests:\n"
    assert {"answers", "expect"} <= set(at_work.complete(begun + f"  - name: a\n    {MARK}\n"))
    offered = at_work.complete(begun + f"  - name: a\n    answers:\n      {MARK}\n")
    assert offered["ops.get_on_call_user"]["documentation"] == "Retrieve who is on call on a schedule."
    expect = "    expect:\n      calls:\n        ops.add_note:\n          "
    assert {"times", "with"} <= set(at_work.complete(begun + f"  - name: a\n{expect}{MARK}\n"))
    assert at_work.problems(begun + "  - name: a\n    expect: {statsu: failed}\n") == [
        (5, "Property statsu is not allowed.")
    ]


def test_it_answers_at_once_in_a_long_playbook(at_work: Editor) -> None:
    began = monotonic()
    offered = at_work.complete(LONG + f"  - id: a\n    uses: ops.get_on_call_user\n    with:\n      {MARK}\n")
    took = monotonic() - began
    assert "schedule_name" in offered
    # 0.3 s where nothing else runs, 0.2 s of which the server waits for more keys.
    assert took < 3
