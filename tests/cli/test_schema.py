"""`playbooks schema`."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from playbooks_engine.cli.schema import FILES, modeline
from playbooks_engine.language.reading import read


def test_the_schema_of_a_playbook_goes_to_stdout(cli: Callable[..., Any], project: Path) -> None:
    ended = cli("schema")
    assert ended.status == 0
    Draft7Validator.check_schema(ended.json)
    assert "opsgenie.get_on_call_user" in ended.json["definitions"]
    assert cli("schema", "--json").json == ended.json


def test_the_schema_of_project_yml_needs_no_project(
    cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "connections" in cli("schema", "project").json["properties"]
    ended = cli("schema")
    assert ended.status == 2
    assert "There is no project.yml" in ended.err


def test_it_is_written_whole_or_not_at_all(cli: Callable[..., Any], project: Path) -> None:
    ended = cli("schema", "--out", "schemas/playbook.json")
    assert (ended.status, ended.out.startswith("Wrote schemas/playbook.json (")) == (0, True)
    Draft7Validator.check_schema(json.loads((project / "schemas" / "playbook.json").read_text()))
    assert [path.name for path in (project / "schemas").iterdir()] == ["playbook.json"]
    told = cli("schema", "project", "--out", "schemas/project.json", "--json").json
    assert told == {"file": "schemas/project.json", "schema": "project", "bytes": told["bytes"]}


def test_a_place_that_cannot_be_written_is_told(cli: Callable[..., Any], project: Path) -> None:
    (project / "there").mkdir()
    for place in ("/proc/nowhere/a.json", "there"):
        ended = cli("schema", "--out", place)
        assert (ended.status, ended.out) == (2, "")
    assert "cannot be written" in cli("schema", "--out", "/proc/nowhere/a.json").err


def test_the_schema_of_tests_has_the_commands_whose_answers_they_give(cli: Callable[..., Any], project: Path) -> None:
    given = cli("schema", "test").json["properties"]["defaults"]["properties"]
    assert "ops.get_on_call_user" in given["answers"]["properties"]


def test_all_are_written_where_the_files_of_a_project_look_for_them(cli: Callable[..., Any], project: Path) -> None:
    assert cli("schema", "--write", "--json").json["files"] == list(FILES.values())
    (project / "project.yml").write_text("connections:\n  chat: {connector: notify, urls: [env:U]}\n")
    assert cli("schema", "--write").status == 0
    made = json.loads((project / FILES["playbook"]).read_text())
    assert set(made["properties"]["connections"]["properties"]) == {"chat"}
    assert stat.S_IMODE((project / ".playbooks").stat().st_mode) == 0o700
    assert cli("schema", "--write", "--out", "x.json").status == 2


def test_a_project_that_has_errors_is_told(cli: Callable[..., Any], project: Path) -> None:
    (project / "project.yml").write_text("connections: {ops: {connector: opsgeni}}\n")
    ended = cli("schema")
    assert (ended.status, ended.out) == (2, "")
    assert "did you mean opsgenie?" in ended.err


def test_a_modeline_is_a_comment_that_leads_to_the_schema() -> None:
    assert modeline("playbook", "../") == "# yaml-language-server: $schema=../.playbooks/playbook.schema.json\n"
    root = read(modeline("project") + "store: x\n", "project.yml").root
    assert root is not None
    assert root.plain() == {"store": "x"}
