"""The JSON Schema of project.yml, with the connectors that are installed."""

from __future__ import annotations

from playbooks_engine.runtime.schema.shapes import Schema


def project_schema() -> Schema:
    return {}
