"""A playbook against its project: connections, commands, inputs, streams."""

from pathlib import Path

import pytest

from connectors.http import connector as http
from connectors.notify import connector as notify
from connectors.opsgenie import connector as opsgenie
from playbooks_engine.errors import Finding
from playbooks_engine.language.checking import check
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.checking import CODES, against_project
from playbooks_engine.runtime.project import inspect

CATALOG = Catalog.of(opsgenie, notify, http)
PROJECT = """
connections:
  ops: {connector: opsgenie, api_key: "env:KEY", fetch: {alerts: {}}, allow: {alerts: write}}
  quiet: {connector: opsgenie, api_key: "env:KEY"}
  door: {connector: opsgenie, api_key: "env:KEY", server_url: "https://api.atlassian.com/jsm/ops/integration"}
  off: {connector: opsgenie, api_key: "env:KEY", active: false}
  chat: {connector: notify, urls: ["env:CHAT"], allow: {messages: write}}
  idp: {connector: http, server_url: "https://idp.example.com", allow: {requests: full}}
"""


def found(folder: Path, text: str) -> list[Finding]:
    (folder / "project.yml").write_text(PROJECT)
    playbook = check(text, "p.yml").playbook
    assert playbook is not None
    return against_project(playbook, inspect(folder, CATALOG), CATALOG, {})


def call(uses: str, given: str = "{}", alias: str = "ops", kind: str = "opsgenie") -> str:
    return f"connections:\n  {alias}: {kind}\nsteps:\n  - id: a\n    uses: {uses}\n    with: {given}\n"


def asking(via: str, alias: str = "ops", kind: str = "opsgenie") -> str:
    head = f"connections:\n  {alias}: {kind}\nsteps:\n  - id: a\n    uses: core.approval\n"
    return head + f"    with:\n      prompt: Lock?\n      via: {via}\n      timeout: 30m\n"


REPEAT = "    timeout: 10m\n    repeat: {until: output == 1}\n"


@pytest.mark.parametrize(
    ("text", "code", "line", "says"),
    [
        (call("ops.get_oncall_user"), "E210", 5, "no command 'get_oncall_user'"),
        (call("opss.get_schedules", alias="opss"), "E220", 2, "no connection 'opss'"),
        (call("chat.get_schedules", alias="chat"), "E221", 2, "of connector notify"),
        (call("ops.get_schedules", kind="pagerduty"), "E221", 2, "pagerduty"),
        (call("off.get_schedules", alias="off"), "E223", 2, "not active"),
        (call("ops.create_alert"), "E222", 5, "needs the input 'message'"),
        (call("ops.create_alert", "{message: x, prioritee: P1}"), "E222", 6, "no input 'prioritee'"),
        (call("ops.create_alert", "{message: x, priority: P9}"), "E222", 6, "priority"),
        (call("ops.create_alert", "{message: 5}"), "E222", 6, "message"),
        (call("door.get_schedules", alias="door"), "E225", 5, "connection 'door' does not offer get_schedules"),
        (call("core.log", "{message: x, level: loud}"), "E222", 6, "level"),
        (call("core.fail"), "E222", 5, "needs the input 'message'"),
        (call("core.find_events", "{from: ops.alert}"), "E224", 6, "no stream 'alert'"),
        (call("core.find_events", "{from: opss.alerts}"), "E220", 6, "no connection 'opss'"),
        (call("core.find_events", "{from: quiet.alerts}"), "W224", 6, "nothing is found in it"),
        (asking("ops.nothing"), "E210", 8, "no command 'nothing'"),
        (asking("ops.get_alert"), "E228", 8, "takes no `body`"),
        (call("ops.close_alert", "{identifier: x}") + REPEAT, "E227", 5, "close_alert writes"),
        (call("idp.request", "{path: /x, method: POST}", "idp", "http") + REPEAT, "E227", 5, "request writes"),
    ],
)
def test_a_mistake_is_found_at_its_place(tmp_path: Path, text: str, code: str, line: int, says: str) -> None:
    findings = found(tmp_path, text)
    assert any(f.code == code and f.line == line and says in f.message for f in findings), findings
    assert all(f.code in CODES for f in findings)
    assert all(f.source for f in findings)


@pytest.mark.parametrize(
    "text",
    [
        call("ops.create_alert", "{message: '${{ event.message }}', priority: '${{ event.priority }}'}"),
        call("ops.create_alert", "{message: x, tags: ['${{ event.x }}', b], details: {k: '${{ event.x }}'}}"),
        call("core.find_events", "{from: ops.alerts, match: {a: 1}, since: 7d}"),
        call("core.set", "{anything: [1, 2], goes: {here: 3}}"),
        call("door.test_connection", alias="door"),
        call("ops.get_alert", "{identifier: x}") + REPEAT,
        call("idp.request", "{path: /x}", "idp", "http") + REPEAT,
        call("idp.request", "{path: /x, method: '${{ event.m }}'}", "idp", "http") + REPEAT,
        call("core.find_events", "{from: ops.alerts}") + REPEAT,
        call("core.find_events", "{from: '${{ event.stream }}'}"),
        asking("chat.send", "chat", "notify"),
    ],
)
def test_what_only_a_run_can_know_is_no_mistake(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, text) == []


@pytest.mark.parametrize(
    ("stream", "code"), [("ops.alerts", None), ("ops.alert", "E224"), ("quiet.alerts", "W224"), ("chat.x", "E224")]
)
def test_a_trigger_waits_for_a_stream_that_there_is(tmp_path: Path, stream: str, code: str | None) -> None:
    alias = stream.partition(".")[0]
    kind = "notify" if alias == "chat" else "opsgenie"
    text = (
        f"on:\n  event:\n    from: {stream}\nconnections:\n  {alias}: {kind}\n"
        "steps:\n  - {id: a, uses: core.log, with: {message: x}}\n"
    )
    assert [f.code for f in found(tmp_path, text)] == ([code] if code else [])


def test_a_step_that_the_connection_does_not_allow_is_told(tmp_path: Path) -> None:
    (one,) = found(tmp_path, call("quiet.create_alert", "{message: x}", alias="quiet"))
    assert (one.code, one.line, one.suggestion) == (
        "W225", 5, "write `allow: {alerts: write}` for it in project.yml, if it should",
    )  # fmt: skip
    assert found(tmp_path, call("quiet.get_schedules", alias="quiet")) == []


def test_a_condition_on_a_field_that_no_event_has_is_told(tmp_path: Path) -> None:
    text = (
        "on:\n  event:\n    from: ops.alerts\n    where: event.priorty == 'P1' and event.raw.x is defined\n"
        "connections:\n  ops: opsgenie\nsteps:\n  - {id: a, uses: ops.get_schedules}\n"
    )
    (one,) = found(tmp_path, text)
    assert (one.code, one.suggestion) == ("W226", "did you mean priority?")
    assert found(tmp_path, text.replace("priorty", "priority")) == []


@pytest.mark.parametrize(
    ("rest", "places"),
    [
        ('  - {id: a, uses: ops.get_alert, with: {identifier: "${{ event.entity }}"}}\n', ["7:53"]),
        ("  - {id: a, when: event.entity == 'x', uses: ops.get_schedules}\n", ["7:6"]),
        ('  - {id: a, uses: core.log, once: "${{ event.entity }}", with: {message: x}}\n', ["7:6"]),
        ('  - {id: a, uses: core.log, with: {message: x}}\nconcurrency: {key: "${{ event.entity }}"}\n', ["1:1"]),
        ("  - {id: a, uses: core.log, with: {message: \"${{ event.entity | default('') }}\"}}\n", []),
        ('  - {id: a, when: event.entity is defined, uses: core.log, with: {message: "${{ event.raw.x }}"}}\n', []),
    ],
)
def test_a_step_that_reads_a_field_that_no_event_has_is_told(tmp_path: Path, rest: str, places: list[str]) -> None:
    text = "on:\n  event:\n    from: ops.alerts\nconnections:\n  ops: opsgenie\nsteps:\n" + rest
    told = [one for one in found(tmp_path, text) if one.code == "W226"]
    assert [f"{one.line}:{one.column}" for one in told] == places
    assert all(one.message == "events of ops.alerts have no field 'entity'" for one in told)
