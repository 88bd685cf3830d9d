"""The schema of a playbook: what passes the checker passes it, and what it can see, it refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

import playbooks_engine
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.project import Project, load
from playbooks_engine.runtime.schema import playbook_schema

SHIPPED = Path(playbooks_engine.__file__).parent.parent / "playbooks"
CORPUS = Path(__file__).parents[2] / "language" / "corpus"
PLAYBOOKS = [path for path in sorted(SHIPPED.glob("*.yml")) if not path.name.endswith(".test.yml")]
DOUBTFUL = sorted((CORPUS / "bad" / "playbooks").glob("w*.yml"))
SEEN = ("e201", "e202", "e203", "e204", "e205", "e209", "e210", "e215", "e218", "e220", "e221", "e224", "e225", "e228")
"""Findings about keys and words, which a schema can see, every one of them."""
WRONG = [path for path in sorted((CORPUS / "bad" / "playbooks").glob("e*.yml")) if path.name.startswith(SEEN)]


@pytest.mark.parametrize("path", [*PLAYBOOKS, *sorted((CORPUS / "good").glob("*.yml"))], ids=lambda path: path.stem)
def test_a_playbook_without_a_mistake_passes(path: Path, refusal: Callable[[bytes], str]) -> None:
    assert refusal(path.read_bytes()) == ""


@pytest.mark.parametrize("path", DOUBTFUL, ids=lambda path: path.stem)
def test_what_is_only_doubtful_passes(path: Path, refusal: Callable[[bytes], str]) -> None:
    assert refusal(path.read_bytes()) == ""


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.stem)
def test_a_wrong_key_or_word_is_refused(path: Path, refusal: Callable[[bytes], str]) -> None:
    assert refusal(path.read_bytes())


def test_there_is_something_to_look_at() -> None:
    assert len(PLAYBOOKS) >= 8
    assert len(DOUBTFUL) >= 10
    assert len(WRONG) >= 60


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ((), "zzzzzz: 1\nsteps: []\n"),
        (("on",), "on: {zzzzzz: {}}\nsteps: []\n"),
        (("on", "schedule"), "on: {schedule: {every: 1m, zzzzzz: 1}}\nsteps: []\n"),
        (("on", "event"), "on: {event: {from: ops.alerts, zzzzzz: 1}}\nconnections: {ops: opsgenie}\nsteps: []\n"),
        (("concurrency",), "concurrency: {zzzzzz: 1}\nsteps: []\n"),
        (("inputs", "*"), "inputs: {a: {type: string, zzzzzz: 1}}\nsteps: []\n"),
    ],
    ids=str,
)
def test_it_has_the_keys_that_the_checker_knows(
    place: tuple[str, ...], text: str, schema: dict[str, Any], known_keys: Callable[[str], set[str]]
) -> None:
    at: Any = schema
    for key in place:
        at = schema["definitions"]["input"] if key == "*" else at["properties"][key]
    assert set(at["properties"]) == known_keys(text)
    assert all(part.get("description") for part in at["properties"].values())


def test_commands_are_those_of_the_connections_at_their_addresses(schema: dict[str, Any], catalog: Catalog) -> None:
    uses = schema["definitions"]["step"]["properties"]["uses"]["anyOf"][-1]
    told = dict(zip(uses["enum"], uses["enumDescriptions"], strict=True))
    opsgenie = {f"ops.{name}" for name in catalog.connector("opsgenie").commands}
    assert opsgenie <= set(told)
    assert {name for name in told if name.startswith("door.")} < {f"door.{name[4:]}" for name in opsgenie}
    assert {"core.set", "core.approval", "chat.send", "idp.request"} <= set(told)
    assert told["ops.get_on_call_user"] == "Retrieve who is on call on a schedule. Reads schedules."
    assert told["ops.delete_alert"].endswith("Needs `allow: {alerts: full}`.")


def test_inputs_have_the_words_of_their_declarations(schema: dict[str, Any]) -> None:
    inputs = schema["definitions"]["opsgenie.get_on_call_user"]
    assert inputs["description"] == "Retrieve who is on call on a schedule."
    told = "The name of the schedule, as get_schedules returns it."
    assert inputs["properties"]["schedule_name"]["description"] == told


def test_connections_and_streams_are_those_of_the_project(schema: dict[str, Any]) -> None:
    assert set(schema["properties"]["connections"]["properties"]) == {"ops", "quiet", "door", "off", "chat", "idp"}
    event = schema["properties"]["on"]["properties"]["event"]
    assert "ops.alerts" in event["properties"]["from"]["enum"]


def test_an_approval_asks_with_a_command_that_takes_a_text(step: Callable[[str], str]) -> None:
    asking = "uses: core.approval\nwith: {prompt: x, timeout: 5m, via: VIA}"
    assert step(asking.replace("VIA", "chat.send")) == ""
    assert "is not one of" in step(asking.replace("VIA", "ops.get_schedules"))
    assert "'timeout' is a required property" in step("uses: core.approval\nwith: {prompt: x}")


def test_a_connector_that_cannot_be_had_leaves_the_others(tmp_path: Path, project: Project) -> None:
    class Poor(Catalog):
        def connector(self, name: str) -> Any:
            if name == "http":
                return super().connector("nowhere")
            return super().connector(name)

    made = playbook_schema(project, Poor())
    assert "idp" not in made["properties"]["connections"]["properties"]
    assert "ops" in made["properties"]["connections"]["properties"]


def test_a_project_without_connections_has_a_schema_too(
    tmp_path: Path, catalog: Catalog, plain: Callable[[str], Any]
) -> None:
    (tmp_path / "project.yml").write_text("connections: {}\n")
    made = playbook_schema(load(tmp_path, catalog), catalog)
    # The metaschema of the language server takes no empty enum.
    assert '"enum": []' not in json.dumps(made)
    assert Draft7Validator(made).is_valid(plain("steps: [{id: a, uses: core.stop}]"))
    event = "on: {event: {from: ops.alerts}}\nsteps: [{id: a, uses: core.stop}]"
    assert not Draft7Validator(made).is_valid(plain(event))


def test_it_is_small_enough_for_every_editor(tmp_path: Path, schema: dict[str, Any], catalog: Catalog) -> None:
    (tmp_path / "project.yml").write_text('connections:\n  ops: {connector: opsgenie, api_key: "env:KEY"}\n')
    one = len(json.dumps(playbook_schema(load(tmp_path, catalog), catalog)))
    assert one < 500_000
    assert len(json.dumps(schema)) < 1_000_000


def test_it_holds_no_secret_and_no_reference_to_one(schema: dict[str, Any]) -> None:
    assert not re.search(r"env:KEY|env:CHAT", json.dumps(schema))
