"""A project with every installed connector, its schemas, and what they say of a text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError

from playbooks_engine.language.checking import check
from playbooks_engine.language.reading import read
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.project import Project, load
from playbooks_engine.runtime.schema import playbook_schema

PROJECT = """\
connections:
  ops: {connector: opsgenie, api_key: "env:KEY", fetch: {alerts: {}}, allow: {alerts: full}}
  quiet: {connector: opsgenie, api_key: "env:KEY"}
  door: {connector: opsgenie, api_key: "env:KEY", server_url: "https://api.atlassian.com/jsm/ops/integration"}
  off: {connector: opsgenie, api_key: "env:KEY", active: false}
  chat: {connector: notify, urls: ["env:CHAT"], allow: {messages: write}}
  idp: {connector: http, server_url: "https://idp.example.com", allow: {requests: full}}
"""

HEAD = "connections: {ops: opsgenie, idp: http}\n"


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return Catalog()


@pytest.fixture(scope="session")
def project(catalog: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("project")
    (folder / "project.yml").write_text(PROJECT)
    return load(folder, catalog)


@pytest.fixture(scope="session")
def schema(project: Project, catalog: Catalog) -> dict[str, Any]:
    made = playbook_schema(project, catalog)
    Draft7Validator.check_schema(made)
    return made


@pytest.fixture(scope="session")
def plain() -> Callable[[str | bytes], Any]:
    """A text's data, read as playbooks are: YAML 1.2."""

    def of(text: str | bytes) -> Any:
        root = read(text, "text.yml").root
        return root.plain() if root is not None else None

    return of


@pytest.fixture(scope="session")
def refusal(schema: dict[str, Any], plain: Callable[[str | bytes], Any]) -> Callable[[str | bytes], str]:
    """What the schema has against a playbook, in all words it has for it; or nothing."""
    validator = Draft7Validator(schema)

    def messages(errors: Iterable[ValidationError]) -> Iterator[str]:
        for error in errors:
            yield f"{error.json_path}: {error.message}"
            yield from messages(error.context)

    return lambda text: "\n".join(messages(validator.iter_errors(plain(text))))


@pytest.fixture(scope="session")
def step(refusal: Callable[[str], str]) -> Callable[[str], str]:
    """The same for a step, given by its keys below `id`."""

    def refuse(keys: str) -> str:
        return refusal(f"{HEAD}steps:\n  - id: a\n    " + keys.replace("\n", "\n    "))

    return refuse


@pytest.fixture(scope="session")
def known_keys() -> Callable[[str], set[str]]:
    """The keys that the checker takes at a place, as it tells them to whoever writes another one there."""

    def ask(text: str) -> set[str]:
        told = [f.suggestion or "" for f in check(text, "text.yml").findings if f.code == "E201"]
        assert len(told) == 1, told
        assert told[0].startswith("the keys are: "), told
        return set(told[0].removeprefix("the keys are: ").split(", "))

    return ask
