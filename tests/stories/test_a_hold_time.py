"""A service with a hold time: who acknowledges in time is left alone, also when the service is killed meanwhile."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.opsgenie.simulator.running import Simulator

CHASE = """
name: chase
on:
  event:
    from: ops.alerts
    where: event.status == 'open' and not event.acknowledged and event.priority == 'P1'
    for: 4s
connections: {ops: opsgenie}
steps:
  - id: note
    uses: ops.add_note
    with: {identifier: "${{ event.id }}", note: Nobody has acknowledged this.}
"""


@pytest.fixture(autouse=True)
def playbook(project: Path) -> None:
    (project / "playbooks" / "chase.yml").write_text(CHASE)


def notes(opsgenie: Simulator) -> Counter[str | None]:
    return Counter(effect.subject_id for effect in opsgenie.applied if effect.action == "AddNote")


def test_only_what_nobody_acknowledged_is_chased_once_through_a_kill(
    serve: Callable[..., Any], opsgenie: Simulator, until: Callable[..., Any]
) -> None:
    service = serve()
    assert service.page
    until(lambda: any(entry.path == "/v2/alerts" for entry in opsgenie.ledger), "a first fetch")
    time.sleep(1)
    forgotten = [opsgenie.has_alert(message=f"Checkout is down {n}", priority="P1").id for n in range(2)]
    seen = opsgenie.has_alert(message="Somebody looks at this", priority="P1").id
    time.sleep(2)
    opsgenie.change(seen, acknowledged=True)
    service.stop(signal.SIGKILL)
    assert not notes(opsgenie)
    again = serve()
    until(lambda: len(notes(opsgenie)) == 2, "two notes")
    time.sleep(3)
    assert notes(opsgenie) == dict.fromkeys(forgotten, 1)
    assert again.stop() == 0
