"""The vendor's own API description of 2021 as a yardstick: what we declare exists in it, or we say why not."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from connectors.opsgenie import connector
from connectors.opsgenie.incidents import IncidentChange
from connectors.opsgenie.shapes import Change
from playbooks_engine.sdk import Command

SPECIFICATION = Path(__file__).parents[4] / "shared/api/spec/opsgenie-oas.swagger2.prism.json"

# route: why the description of 2021 does not have it
NOT_IN_IT: dict[str, str] = {}

# (command, input on the wire): why the description of 2021 does not have it
INPUTS_NOT_IN_IT: dict[tuple[str, str], str] = {}


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    if not SPECIFICATION.is_file():
        pytest.skip(f"the vendor's description is not part of the repository: {SPECIFICATION} is missing")
    specification: dict[str, Any] = json.loads(SPECIFICATION.read_text(encoding="utf-8"))
    return specification


def bare(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


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
    schema = followed(schema, described)
    parts = [fields(part, described) for part in schema.get("allOf", [])]
    return set(schema.get("properties", {})).union(*parts)


def accepted(operation: dict[str, Any], described: dict[str, Any]) -> set[str]:
    """The names that a call takes in query and body."""
    names: set[str] = set()
    for parameter in [*operation["shared"], *operation.get("parameters", [])]:
        plain = followed(parameter, described)
        if plain["in"] == "body":
            names |= fields(plain["schema"], described)
        elif plain["in"] == "query":
            names.add(plain["name"])
    return names


COMMANDS = list(connector.commands.values())


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.spec.name)
def test_every_route_exists(command: type[Command], described: dict[str, Any]) -> None:
    route = f"{command.spec.method} {bare(command.spec.path)}"
    assert (route in routes(described)) != (route in NOT_IN_IT)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.spec.name)
def test_every_input_exists(command: type[Command], described: dict[str, Any]) -> None:
    spec = command.spec
    known = accepted(routes(described)[f"{spec.method} {bare(spec.path)}"], described)
    ours = {command.model_fields[name].serialization_alias or name for name in spec.query_fields | spec.body_fields}
    ours |= {name for name, _ in spec.fixed_query}
    excused = {name for of, name in INPUTS_NOT_IN_IT if of == spec.name}
    assert ours - known == excused


@pytest.mark.parametrize("status", [Change.STATUS, IncidentChange.STATUS])
def test_the_request_status_endpoints_exist(status: str, described: dict[str, Any]) -> None:
    assert f"GET {bare(status)}" in routes(described)
