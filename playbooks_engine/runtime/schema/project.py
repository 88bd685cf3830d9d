"""The JSON Schema of project.yml, with the connectors that are installed and their settings."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from playbooks_engine.errors import BadProject
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.project import DEFAULT_STORE
from playbooks_engine.runtime.schema import shapes
from playbooks_engine.runtime.schema.inputs import settings
from playbooks_engine.runtime.schema.shapes import Schema, duration, keys, ref
from playbooks_engine.runtime.settings import Pausing, Retention, SignOfLife, Web
from playbooks_engine.sdk import Connector

_ALIAS = "^[a-z_][a-z0-9_]*$"


def project_schema(catalog: Catalog) -> Schema:
    """The schema; a connector that is unavailable is left out."""
    connectors = [connector for connector in (_found(catalog, name) for name in catalog) if connector is not None]
    found: dict[str, Schema] = {}
    for connector in connectors:
        found |= _connection(connector)
    for key, model in _SECTIONS.items():
        found |= settings(model, key)
    return {
        "$schema": shapes.DRAFT,
        "title": "Project",
        "description": "project.yml: connections and settings. Made by `playbooks schema project`.",
        **keys(_top()),
        "definitions": {
            "connection": {
                "type": "object",
                "properties": {"connector": {"enum": [connector.name for connector in connectors]}},
                "required": ["connector"],
                "allOf": [
                    {
                        "if": {"properties": {"connector": {"const": connector.name}}, "required": ["connector"]},
                        "then": ref(connector.name),
                    }
                    for connector in connectors
                ],
            },
            **found,
        },
    }


_SECTIONS: dict[str, type[BaseModel]] = {
    "pause": Pausing,
    "retention": Retention,
    "sign_of_life": SignOfLife,
    "web": Web,
}


def _found(catalog: Catalog, name: str) -> Connector | None:
    try:
        return catalog.connector(name)
    except BadProject:
        return None


def _connection(connector: Connector) -> dict[str, Schema]:
    """The settings of a connection, with the connector's areas and streams."""
    found = settings(connector.connection, connector.name)
    properties: dict[str, Any] = found[connector.name]["properties"]
    level, stream = properties["allow"]["additionalProperties"], properties["fetch"]["additionalProperties"]
    for key, names, each in (("allow", connector.areas, level), ("fetch", connector.streams, stream)):
        properties[key] |= keys(dict.fromkeys(names, each))
    return found


def _top() -> dict[str, Schema]:
    budget = {"type": "string", "pattern": r"^\d{1,9} per \S{1,20}$", "examples": ["10 per 1h"]}
    return {
        "store": {"description": "Where everything is kept.", "type": ["string", "null"], "examples": [DEFAULT_STORE]},
        "connections": {
            "description": "The accounts of services that playbooks use, by name.",
            "type": ["object", "null"],
            "propertyNames": {"pattern": _ALIAS},
            "additionalProperties": ref("connection"),
        },
        "limits": {
            "description": "How often a command may change something, such as ops.create_incident: 10 per 1h.",
            "type": ["object", "null"],
            "additionalProperties": budget,
        },
        "catch_up_window": duration("How late a missed run of a schedule is still made up for."),
        **{key: _section(key, model) for key, model in _SECTIONS.items()},
    }


def _section(key: str, model: type[BaseModel]) -> Schema:
    """The settings under a key, which may be there with nothing below it."""
    about = (model.__doc__ or "").strip().partition("\n")[0]
    return {"description": about, "if": {"type": "null"}, "then": {}, "else": ref(key)}
