"""Whatever is wrong: one clear message that says whose move it is, the right exit status, no traceback."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.cli.failing import as_json, report, status_of
from playbooks_engine.cli.printing import Output
from playbooks_engine.errors import BadProject, ConnectionFailed, ExpressionError, InvalidInput, StoreBusy

CALL = ("call", "ops.get-on-call-user", "--schedule-name", "ops_primary")


def _settings(project: Path, old: str, new: str) -> None:
    path = project / "project.yml"
    path.write_text(path.read_text().replace(old, new))


def _told(ended: Any, status: int, *parts: str) -> None:
    assert ended.status == status, ended
    assert "Traceback" not in ended.err
    for part in parts:
        assert part in ended.err, ended.err


def test_a_wrong_key_is_the_owner_of_the_keys_move(
    process: Callable[..., Any], project: Path, opsgenie: Simulator
) -> None:
    ended = process(*CALL, OPSGENIE_API_KEY="aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa")
    _told(ended, 1, "Get On-call User failed. Status Code: 401. Message: Could not authenticate.\n", "is wrong")
    assert "aaaaaaaa-aaaa" not in ended.out + ended.err


def test_a_wrong_region_is_told_as_one_reason_for_a_refused_key(
    cli: Callable[..., Any], project: Path, opsgenie: Simulator
) -> None:
    opsgenie.change_key(opsgenie.key, enabled=False)
    _told(cli(*CALL), 1, "Status Code: 401", "it belongs to the other region", opsgenie.url)


def test_an_unreachable_host_is_told_with_its_address(cli: Callable[..., Any], project: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    path = project / "project.yml"
    path.write_text(
        f"connections: {{ops: {{connector: opsgenie, server_url: 'http://127.0.0.1:{port}', "
        "api_key: env:OPSGENIE_API_KEY}}"
    )
    ended = cli(*CALL, "--json")
    assert (ended.status, ended.json["error"]["type"]) == (1, "connection")
    assert ended.json["error"]["retryable"] is True
    assert str(port) in ended.json["error"]["message"] + str(ended.json["error"]["hint"])


def test_html_instead_of_json_blames_the_address(cli: Callable[..., Any], project: Path, opsgenie: Simulator) -> None:
    opsgenie.misbehave("html", times=9, status=200)
    _told(cli(*CALL), 1, "text/html", "server_url")


def test_an_unknown_schedule_is_told_in_the_vendors_words(cli: Callable[..., Any], project: Path) -> None:
    ended = cli("call", "ops.get-on-call-user", "--schedule-name", "nope")
    _told(ended, 1, "Status Code: 404. Message: No schedule exists with name [nope].", "Correct")


def test_malformed_yaml_is_shown_at_its_place(cli: Callable[..., Any], playbook: Callable[..., Path]) -> None:
    playbook("bad", "steps:\n  - id: a\n    uses: ops.get_schedules\n   with: {}\n")
    _told(cli("run", "bad"), 2, "playbooks/bad.yml:5:", "^")


def test_an_unknown_command_is_told_with_a_suggestion(cli: Callable[..., Any], project: Path) -> None:
    _told(
        cli("call", "ops.get-shedules"), 2, "opsgenie has no command 'get_shedules'", "did you mean ops.get_schedules?"
    )


def test_a_missing_input_is_named(cli: Callable[..., Any], project: Path, opsgenie: Simulator) -> None:
    _told(cli("call", "ops.get-on-call-user"), 2, "`schedule_name` is missing", "ops.get-on-call-user --help")
    assert not opsgenie.ledger


def test_a_wrong_type_is_told_before_anything_is_sent(
    cli: Callable[..., Any], project: Path, opsgenie: Simulator
) -> None:
    _told(cli("call", "ops.fetch-event", "--number-of-events", "many"), 2, "`number_of_events`", "integer")
    _told(cli("call", "ops.fetch-event", "--start-time", "soon"), 2, "`start_time`", "not a time")
    assert not opsgenie.ledger


def test_a_missing_connection_is_told_with_a_suggestion(cli: Callable[..., Any], project: Path) -> None:
    _told(cli("call", "opps.get-schedules"), 2, 'There is no connection "opps".', "did you mean ops?")


def test_a_playbook_on_a_missing_connection_is_told_at_its_line(cli: Callable[..., Any], project: Path) -> None:
    (project / "playbooks" / "p.yml").write_text(
        "connections: {other: opsgenie}\nsteps: [{id: a, uses: other.get_schedules}]\n"
    )
    _told(cli("run", "p"), 2, "playbooks/p.yml:1:15 error E220", "project.yml has no connection 'other'")


def test_a_literal_secret_is_refused_and_not_repeated(cli: Callable[..., Any], project: Path) -> None:
    literal = "11111111-aaaa-4111-8111-111111111111"
    _settings(project, "env:OPSGENIE_API_KEY", literal)
    ended = cli("connections")
    _told(ended, 2, "api_key", "env:NAME")
    assert literal not in ended.err
    assert cli("check").status == 1


def test_an_unset_variable_is_named(cli: Callable[..., Any], project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPSGENIE_API_KEY")
    _told(cli(*CALL), 2, "OPSGENIE_API_KEY is not set", "export OPSGENIE_API_KEY=")


def test_a_corrupt_store_is_told_and_left_alone(process: Callable[..., Any], project: Path) -> None:
    store = project / ".playbooks" / "store.db"
    store.parent.mkdir(mode=0o700)
    store.write_bytes(b"this is no database" * 100)
    before = store.read_bytes()
    _told(process("runs"), 2, "store.db")
    assert store.read_bytes() == before


def test_what_is_not_allowed_is_told_with_the_setting_that_would_allow_it(
    cli: Callable[..., Any], project: Path, opsgenie: Simulator
) -> None:
    _settings(project, "alerts: write", "alerts: read")
    ended = cli("call", "ops.create-alert", "--message", "hello")
    _told(ended, 1, "Create Alert failed.", "does not allow create_alert: alerts: read", "allow: {alerts: write}")
    assert not opsgenie.ledger


def test_with_json_an_error_is_a_document_too(cli: Callable[..., Any], project: Path) -> None:
    ended = cli("runs", "show", "7", "--json")
    assert ended.status == 2
    assert ended.json["error"]["message"] == "There is no run 7."
    assert cli("runs", "shwo", "--json").json["error"]["type"] == "invalid_input"


def test_findings_are_in_the_document_of_an_unusable_playbook(
    cli: Callable[..., Any], playbook: Callable[..., Path]
) -> None:
    playbook("bad", "steps: []\n")
    ended = cli("run", "bad", "--json")
    assert ended.status == 2
    assert ended.json["findings"][0]["file"] == "playbooks/bad.yml"


def test_the_status_tells_wrong_usage_from_failure() -> None:
    assert [status_of(error()) for error in (BadProject, StoreBusy, InvalidInput, ExpressionError)] == [2, 2, 2, 2]
    assert status_of(ConnectionFailed()) == 1


def test_every_expected_failure_has_the_shape_of_error() -> None:
    assert as_json(BadProject("no", hint="do"))["hint"] == "do"
    assert as_json(ConnectionFailed("gone"))["type"] == "connection"


def test_what_nobody_expected_is_not_told_as_if_somebody_had() -> None:
    assert report(ValueError("no"), Output()) is None


def test_failures_that_come_together_are_told_as_one_when_all_were_expected(capsys: pytest.CaptureFixture[str]) -> None:
    together = ExceptionGroup("duties", [ExceptionGroup("inner", [StoreBusy("busy")]), StoreBusy("too")])
    assert report(together, Output()) == 2
    assert capsys.readouterr().err == "busy\n"
    assert report(ExceptionGroup("duties", [StoreBusy("busy"), ValueError("no")]), Output()) is None
