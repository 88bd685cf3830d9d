"""An installation is looked through as a whole; one thing that is wrong hides no other, and no secret is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.http import connector as http_connector
from playbooks_engine.runtime import diagnosing
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.diagnosing import diagnose
from playbooks_engine.runtime.examining import Check
from playbooks_engine.testing.clock import START

PROJECT = """
connections:
  ops:
    connector: opsgenie
    server_url: http://127.0.0.1:9
    api_key: env:TEST_DOCTOR_KEY
  off:
    connector: opsgenie
    active: false
    api_key: env:TEST_DOCTOR_MISSING
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TEST_DOCTOR_KEY", "very-secret-key")
    (tmp_path / "playbooks").mkdir()
    (tmp_path / "project.yml").write_text(PROJECT)
    return tmp_path


def looked(folder: Path, catalog: Catalog | None = None) -> dict[str, Check]:
    return {check.name: check for check in diagnose(folder, catalog or Catalog(), START)}


def test_what_is_well_is_ok_and_an_inactive_connection_needs_no_secret(folder: Path) -> None:
    found = looked(folder)
    assert {check.status for check in found.values()} == {"ok"}, found
    assert "very-secret-key" not in repr(found)
    assert found["secrets"].message.startswith("1 can be read")


def test_a_secret_that_cannot_be_read_names_where_it_should_be(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_DOCTOR_KEY")
    found = looked(folder)["secret of ops"]
    assert found.status == "problem"
    assert "TEST_DOCTOR_KEY" in found.message
    assert "export" in (found.move or "")


def test_a_mistake_in_the_project_hides_no_other(folder: Path) -> None:
    (folder / "project.yml").write_text(PROJECT + "colour: red\n")
    (folder / "playbooks" / "bad.yml").write_text("steps: 7\n")
    found = looked(folder)
    assert "colour" in found["project"].message
    assert found["playbooks"].status == "problem"
    assert found["playbooks"].move == "playbooks check"
    assert found["store"].status == "ok"


def test_a_connector_that_cannot_be_loaded_is_a_problem_only_where_it_is_used(folder: Path) -> None:
    catalog = Catalog.of(http_connector)
    catalog._unavailable.update(opsgenie="ImportError: no such thing", notify="ImportError: nor this")
    found = looked(folder, catalog)
    assert found["connector opsgenie"].status == found["connector notify"].status == "warning"
    assert found["project"].status == "problem"
    assert "no such thing" in found["project"].message


def test_a_python_that_is_too_old_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnosing, "OLDEST", (9, 0))
    assert looked(folder)["python"].status == "problem"


def test_a_secret_in_what_the_store_holds_is_masked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnosing, "examine", lambda *_: [Check("x", "problem", "key very-secret-key refused")])
    assert "very-secret-key" not in looked(folder)["x"].message
