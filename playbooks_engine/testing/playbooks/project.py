"""The project that a test file belongs to, or one that stands in where there is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from playbooks_engine.errors import BadProject
from playbooks_engine.language.checking import check
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.project import Project, find_folder, load
from playbooks_engine.runtime.reviewing import TEST
from playbooks_engine.sdk import Connection, Connector
from playbooks_engine.testing.examples import value_of

ENDING = TEST
"""What the names of test files end in."""


def project_of(path: Path, catalog: Catalog, folder: Path | None = None) -> Project:
    """The project in `folder`, or the nearest one above a test file; else one with what its playbooks name.

    What stands in has a connection for every alias, with every permission. Raises BadPlaybook where project.yml has
    errors.
    """
    if folder is None:
        try:
            folder = find_folder(path.resolve() if path.is_dir() else path.resolve().parent)
        except BadProject:
            return _standing_in(path.resolve(), catalog)
    return load(folder, catalog)


def _standing_in(path: Path, catalog: Catalog) -> Project:
    beside = path if path.is_dir() else path.parent
    above = next((parent.parent for parent in (beside, *beside.parents) if parent.name == "playbooks"), beside)
    connections: dict[str, Connection] = {}
    for file in _playbooks(beside):
        checked = check(file.read_bytes(), file.name).playbook
        for alias, kind in (checked.connections if checked else {}).items():
            if alias not in connections and kind in catalog.names:
                connections[alias] = _example(catalog.connector(kind))
    return Project(above, connections=connections)


def _playbooks(folder: Path) -> Iterable[Path]:
    return (path for path in sorted(folder.glob("*.yml")) if not path.name.endswith(ENDING))


def _example(connector: Connector) -> Connection:
    """A connection whose required settings are examples; it may do and fetch everything."""
    schema: Mapping[str, Any] = connector.connection.model_json_schema()
    needed = {name: value_of(schema["properties"][name], schema) for name in schema.get("required", [])}
    connection = connector.connection.model_validate({**needed, "connector": connector.name})
    allow = dict.fromkeys(connector.areas, "full")
    fetch = {stream: {"every": "1m"} for stream in connector.streams}
    settings = {**needed, "connector": connector.name, "allow": allow, **({"fetch": fetch} if fetch else {})}
    return type(connection).model_validate(settings)


def on_store(project: Project, store: Path) -> Project:
    """The same project on a store of its own."""
    return replace(project, store=f"sqlite:///{store}")
