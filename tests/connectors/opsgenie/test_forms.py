"""Tests for the forms of answers: the simulator's answers have them, and the vendor's description knows their names."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.opsgenie import connector, forms
from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.records import Actor
from playbooks_engine.sdk.giving import mismatches

SPECIFICATION = Path(__file__).parents[4] / "shared/api/spec/opsgenie-oas.swagger2.json"

CALLS: dict[str, dict[str, Any]] = {
    "get_on_call_user": {"schedule_name": "ops_primary"},
    "get_schedule_timeline": {"schedule_name": "ops_primary"},
    "get_single_user": {"identifier": "ana@example.com", "expand": "contact"},
    "list_alerts": {"max_items": 20},
    "create_alert": {"message": "Disk full", "alias": "disk"},
    "add_note": {"identifier": "disk", "identifier_type": "alias", "note": "Seen."},
    "escalate_alert": {"identifier": "disk", "identifier_type": "alias", "escalation": "ops_escalation"},
    "get_alert": {"identifier": "disk", "identifier_type": "alias"},
    "create_incident": {"message": "Payments are down", "priority": "P1", "service_id": "SERVICE"},
    "close_alert": {"identifier": "disk", "identifier_type": "alias"},
}

# What live answers and the vendor's newer pages have, and the description of 2021 has not.
NEWER = {"ownerTeam", "description", "seen", "ownerTeamId", "teams", "success", "username"}


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What each command gives on the simulator."""
    folder = tmp_path_factory.mktemp("project")
    with Simulator() as simulator, pytest.MonkeyPatch.context() as patch:
        patch.setenv("FORMS_KEY", simulator.key)
        simulator.process_after(0)
        (folder / "project.yml").write_text(
            f"connections:\n  ops: {{connector: opsgenie, server_url: '{simulator.url}', api_key: 'env:FORMS_KEY', "
            "allow: {alerts: full, incidents: full}}\n"
        )

        async def call_all() -> dict[str, Any]:
            async with Engine.open(folder) as engine:
                found = {}
                services = await engine.calling.call(
                    "ops", engine.calling.command("ops", "list_services", {}), Actor("person", "test")
                )
                assert services.result is not None
                service = services.result.output[0]["id"]
                for name, inputs in CALLS.items():
                    given = {key: service if value == "SERVICE" else value for key, value in inputs.items()}
                    command = engine.calling.command("ops", name, given)
                    called = await engine.calling.call("ops", command, Actor("person", "test"))
                    assert called.result is not None
                    found[name] = called.result.output
                return found

        yield asyncio.run(call_all())


@pytest.mark.parametrize("name", CALLS)
def test_what_the_simulator_answers_has_the_form_that_the_command_declares(name: str, outputs: dict[str, Any]) -> None:
    form = connector.commands[name].spec.gives
    assert form is not None
    assert outputs[name]
    assert [f"{one.path}: {one.message}" for one in mismatches(form, outputs[name])] == []


@pytest.mark.parametrize(
    ("form", "definition"),
    [
        (forms.ON_CALLS, "OnCall"),
        (forms.USER, "User"),
        (forms.ALERT, "Alert"),
        (forms.LISTED_ALERT, "BaseAlert"),
        (forms.SCHEDULE_TIMELINE, "ScheduleTimeline"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_the_vendors_description_knows_the_names_of_a_form(form: dict[str, Any], definition: str) -> None:
    if not SPECIFICATION.is_file():
        pytest.skip("the vendor's description is not part of the repository")
    described = json.loads(SPECIFICATION.read_text(encoding="utf-8"))["definitions"]

    def names(schema: dict[str, Any]) -> set[str]:
        if "$ref" in schema:
            schema = described[schema["$ref"].rpartition("/")[2]]
        return {*schema.get("properties", {}), *(name for part in schema.get("allOf", []) for name in names(part))}

    assert set(form) - names(described[definition]) <= NEWER
