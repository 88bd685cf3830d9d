"""The vendor's own API description of 2021 as a yardstick: what we declare exists in it, or we say why not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.opsgenie import connector
from connectors.opsgenie.documents import BEYOND, LEFT_OUT, bare
from connectors.opsgenie.incidents import IncidentChange
from connectors.opsgenie.shapes import Change
from playbooks_engine.sdk import Command

SPECIFICATION = Path(__file__).parents[4] / "shared/api/spec/opsgenie-oas.swagger2.prism.json"

# (command, input on the wire): why the description of 2021 does not have it
SORT = "it says sortField; the Go client and the paging links of live answers say sort"
HEARTBEAT = "it has them for a creation; the Go client has them here too"
INPUTS_NOT_IN_IT: dict[tuple[str, str], str] = {
    ("list_users", "sort"): SORT,
    **{("update_heartbeat", name): HEARTBEAT for name in ("ownerTeam", "alertMessage", "alertTags", "alertPriority")},
    ("create_incident", "impactedServices"): "the newer page of incidents has it, and live answers",
    # The input `action` stands for the whole body.
    ("create_integration_action", "action"): "the body is what this input holds",
}


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    if not SPECIFICATION.is_file():
        pytest.skip(f"the vendor's description is not part of the repository: {SPECIFICATION} is missing")
    specification: dict[str, Any] = json.loads(SPECIFICATION.read_text(encoding="utf-8"))
    return specification


def routes(described: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {bare(path)}": {"shared": item.get("parameters", []), **operation}
        for path, item in described["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    }


def followed(node: dict[str, Any], described: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        target: Any = described
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target
    return node


def fields(schema: dict[str, Any], described: dict[str, Any]) -> set[str]:
    """The fields of a schema, its parts, and of all kinds of it where a field says which kind it is."""
    plain = followed(schema, described)
    parts = [fields(part, described) for part in plain.get("allOf", [])]
    if "discriminator" in plain and "$ref" in schema:
        parts += [
            set(part.get("properties", {}))
            for kind in described["definitions"].values()
            if {"$ref": schema["$ref"]} in kind.get("allOf", [])
            for part in kind["allOf"]
        ]
    return set(plain.get("properties", {})).union(*parts)


def accepted(operation: dict[str, Any], described: dict[str, Any]) -> set[str]:
    """The names that a call takes in query, body and form."""
    names: set[str] = set()
    for parameter in [*operation["shared"], *operation.get("parameters", [])]:
        plain = followed(parameter, described)
        if plain["in"] == "body":
            names |= fields(plain["schema"], described)
        elif plain["in"] in {"query", "formData"}:
            names.add(plain["name"])
    return names


COMMANDS = list(connector.commands.values())
DESCRIBED = [command for command in COMMANDS if bare(command.spec.route) not in BEYOND]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.spec.name)
def test_every_route_exists(command: type[Command], described: dict[str, Any]) -> None:
    route = f"{command.spec.method} {bare(command.spec.path)}"
    assert (route in routes(described)) != (route in BEYOND)


@pytest.mark.parametrize("command", DESCRIBED, ids=lambda command: command.spec.name)
def test_every_input_exists(command: type[Command], described: dict[str, Any]) -> None:
    spec = command.spec
    known = accepted(routes(described)[f"{spec.method} {bare(spec.path)}"], described)
    sent = spec.query_fields | spec.body_fields | spec.file_fields
    ours = {command.model_fields[name].serialization_alias or name for name in sent}
    ours |= {name for name, _ in spec.fixed_query}
    excused = {name for of, name in INPUTS_NOT_IN_IT if of == spec.name}
    assert ours - known == excused


@pytest.mark.parametrize("status", [Change.STATUS, IncidentChange.STATUS])
def test_the_request_status_endpoints_exist(status: str, described: dict[str, Any]) -> None:
    assert f"GET {bare(status)}" in routes(described)


def test_what_no_command_does_is_listed_as_left_out(described: dict[str, Any]) -> None:
    declared = {bare(command.spec.route) for command in COMMANDS}
    left_out = {bare(route) for route in LEFT_OUT}
    assert set(routes(described)) - declared - left_out == set()
    assert left_out & declared == set()
