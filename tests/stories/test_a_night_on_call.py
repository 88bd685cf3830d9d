"""A night: the service fetches, starts a playbook once for each new alert, dies half-way, and goes on."""

from __future__ import annotations

import json
import signal
import subprocess
import urllib.request
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.opsgenie.simulator.running import Simulator

NOTE = """
name: note_new_p1
on:
  event:
    from: ops.alerts
    where: event.status == 'open' and event.priority == 'P1'
connections: {ops: opsgenie}
steps:
  - id: who
    uses: ops.get_on_call_user
    with: {schedule_name: ops_primary}
  - id: note
    uses: ops.add_note
    with:
      identifier: ${{ event.id }}
      note: On call is ${{ steps.who.output.onCallParticipants[0].name }}.
  - id: ack
    uses: ops.acknowledge_alert
    with: {identifier: "${{ event.id }}"}
"""


@pytest.fixture(autouse=True)
def playbook(project: Path) -> None:
    (project / "playbooks" / "note_new_p1.yml").write_text(NOTE)


def _page(address: str) -> str:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return str(answer.read().decode())


def _runs(address: str, *statuses: str) -> list[dict[str, Any]]:
    listed = json.loads(_page(f"{address}/api/runs"))["runs"]
    return [run for run in listed if not statuses or run["status"] in statuses]


def _done(opsgenie: Simulator) -> Counter[tuple[str, str]]:
    return Counter((effect.subject_id, effect.action) for effect in opsgenie.applied)


def test_each_new_alert_is_handled_once_and_the_page_shows_it(
    serve: Callable[..., Any], opsgenie: Simulator, until: Callable[..., Any]
) -> None:
    old = opsgenie.has_alert(message="Was there before", priority="P1")
    service = serve()
    address = service.page
    until(lambda: any(entry.path == "/v2/alerts" for entry in opsgenie.ledger), "a first fetch")
    until(lambda: "Was there before" in _page(f"{address}/events"), "the stored alert")
    new = [opsgenie.has_alert(message=f"Checkout is down {n}", priority="P1") for n in range(3)]
    until(lambda: len(_runs(address, "succeeded")) == 3, "three runs")
    opsgenie.change(new[0].id, message="Checkout is still down")
    until(lambda: "Checkout is still down" in _page(f"{address}/events"), "the changed alert")
    done = _done(opsgenie)
    assert all(done[alert.id, action] == 1 for alert in new for action in ("AddNote", "Acknowledge"))
    assert done[old.id, "AddNote"] == 0
    assert len(_runs(address)) == 3
    overview = _page(address)
    assert "note_new_p1" in overview
    assert "ops" in overview
    assert service.stop() == 0


# A kill before the change left is in test_crashes.py: to be sure that it never arrived, the next service waits.
@pytest.mark.parametrize("fault", ["after_send:9:kill", "after_send:12:kill", "before_result_commit:1:kill"])
def test_a_killed_service_goes_on_and_does_nothing_twice(
    fault: str, serve: Callable[..., Any], opsgenie: Simulator, until: Callable[..., Any]
) -> None:
    service = serve()
    assert service.page
    # By the third fetch the trigger has seen the first: what matches from here on is new to it.
    until(lambda: sum(entry.path == "/v2/alerts" for entry in opsgenie.ledger) > 2, "three fetches")
    service.stop()
    alerts = [opsgenie.has_alert(message=f"Checkout is down {n}", priority="P1") for n in range(2)]
    killed = serve(PLAYBOOKS_FAULTS=fault)
    until(lambda: killed.process.poll() is not None, "the kill")
    assert killed.stop() == -signal.SIGKILL
    service = serve()
    address = service.page
    until(lambda: len(_runs(address, "succeeded")) == 2, f"both runs\n{service.said}")
    done = _done(opsgenie)
    assert {done[alert.id, "AddNote"] for alert in alerts} == {1}
    assert {done[alert.id, "Acknowledge"] for alert in alerts} == {1}
    assert service.stop() == 0


def test_a_second_service_on_the_same_store_is_refused_and_names_the_first(
    serve: Callable[..., Any], tool: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    first = serve()
    assert first.page
    second = tool("serve")
    assert second.returncode == 2
    assert str(first.process.pid) in second.stderr
    assert "Traceback" not in second.stderr
    assert first.stop() == 0


def test_health_is_checked_on_its_interval_and_shown(
    serve: Callable[..., Any], tool: Callable[..., Any], opsgenie: Simulator, until: Callable[..., Any]
) -> None:
    service = serve()
    address = service.page
    until(lambda: "up" in tool("connections", "health", "ops").stdout, "a health check")
    opsgenie.change_key(opsgenie.key, enabled=False)
    until(lambda: "is down" in tool("connections", "health", "ops").stdout, "the connection going down")
    assert "Could not authenticate" in _page(f"{address}/connections/ops")
    assert opsgenie.key not in _page(f"{address}/connections/ops")
    assert service.stop() == 0
