"""The examples of the language's design, word for word: what runs, and where the vendor's answers show it wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.reviewing import review
from playbooks_engine.testing.playbooks.session import Session

DESIGN = Path(__file__).parents[3] / "shared" / "design" / "playbook.md"
SAID = {
    # What a trigger starts has the defaults of the inputs, so an input without one cannot be.
    "chase_unacknowledged": ["W307 service_id"],
    "chase_unacknowledged_polling": ["W307 service_id"],
    # What a list of alerts says of one has no entity.
    "contain_suspicious_login": ["W226 entity"] * 4,
    "who_is_on_call": [],
    "morning_handover": [],
}
"""Example to what the check says of it: its code and what it is about."""


def examples() -> dict[str, str]:
    section = DESIGN.read_text(encoding="utf-8").split("## 5. Complete examples")[1].split("\n## 6.")[0]
    blocks = re.findall(r"^```yaml\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    return {re.match(r"(?:name|playbook): (?:\./)?([\w.]+)", text)[1]: text for text in blocks}  # type: ignore[index]


pytestmark = pytest.mark.skipif(
    not DESIGN.exists(), reason="needs the language's design, which is not in this checkout"
)


@pytest.fixture
def literal(project: Path) -> Path:
    """A project whose playbooks are those of the design, word for word."""
    for path in (project / "playbooks").glob("*.yml"):
        path.unlink()
    for name, text in examples().items():
        file = name if not name.endswith(".yml") else name.replace(".yml", ".test.yml")
        (project / "playbooks" / (file if file.endswith(".yml") else f"{file}.yml")).write_text(text, encoding="utf-8")
    return project


@pytest.mark.parametrize("name", SAID)
def test_an_example_is_checked_as_it_stands(name: str, literal: Path) -> None:
    path = literal / "playbooks" / f"{name}.yml"
    found = review(literal, Catalog(), [path]).findings
    assert [f"{one.code} {one.message.split(chr(39))[1]}" for one in found] == SAID[name]


def test_the_polling_chase_runs_as_it_stands(literal: Path, run: Callable[..., Any], opsgenie: Simulator) -> None:
    for alert in opsgenie.alerts:
        opsgenie.change(alert.id, status="closed")
    urgent = opsgenie.has_alert(message="Checkout is down", priority="P1", created_at="2026-11-20T00:00:00Z")
    other = opsgenie.has_alert(message="Search is slow", priority="P2", created_at="2026-11-20T00:00:00Z")
    for _ in range(2):
        ended = run("chase_unacknowledged_polling", service_id=opsgenie.state.services[0]["id"])
        assert ended.status == "succeeded", ended.error
    done = [(effect.action, effect.subject_id) for effect in opsgenie.applied]
    assert sorted(action for action, _ in done) == ["AddNote", "AddNote", "Create", "EscalateToNext"]
    assert ("AddNote", urgent.id) in done
    assert ("EscalateToNext", other.id) in done


def test_the_chase_runs_as_it_stands_when_it_is_given_a_service(
    literal: Path, run: Callable[..., Any], opsgenie: Simulator
) -> None:
    alert = opsgenie.has_alert(message="Checkout is down", priority="P1")
    ended = run("chase_unacknowledged", event=alert.id, service_id=opsgenie.state.services[0]["id"])
    assert ended.status == "succeeded", ended.error
    assert ended.steps["declare"].output["incidentId"]  # its tests say `id`: what is answered is the request's state
    assert "id" not in ended.steps["declare"].output


def test_the_lists_of_alerts_have_no_entity_so_the_containment_cannot_begin(
    literal: Path, run: Callable[..., Any], opsgenie: Simulator
) -> None:
    alert = opsgenie.has_alert(message="Login of carla", entity="carla", tags=["suspicious-login"])
    ended = run("contain_suspicious_login", event=alert.id)
    assert ended.status == "failed"
    assert "no key 'entity'" in ended.error["message"]
    assert opsgenie.applied == []


def test_the_first_period_of_a_timeline_is_the_past_so_the_handover_may_name_somebody_else(
    literal: Path, run: Callable[..., Any], opsgenie: Simulator
) -> None:
    ended = run("morning_handover", schedules=["ops_primary"])
    assert ended.status == "succeeded", ended.error
    rota = ended.steps["rota[0]"].output
    first = rota["finalTimeline"]["rotations"][0]["periods"][0]
    assert first["type"] == "historical"
    assert ended.steps["summary"].output["people"] == [first["recipient"]["name"]]
    assert first["startDate"] == rota["startDate"]


def test_the_tests_of_the_example_lack_the_input_that_must_be_given(literal: Path) -> None:
    ready = Session().read(literal / "playbooks" / "chase_unacknowledged.test.yml")
    assert {one.message for one in ready.suite.findings if one.severity == "error"} == {
        "chase_unacknowledged needs the input 'service_id'"
    }
