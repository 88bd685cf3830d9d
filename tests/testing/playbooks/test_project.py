"""Tests for the project of a test file."""

from __future__ import annotations

from pathlib import Path

import pytest

from playbooks_engine.errors import BadPlaybook
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.testing.playbooks.project import on_store, project_of


def test_the_nearest_project_above_counts_or_the_one_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "a" / "playbooks" / "more").mkdir(parents=True)
    (tmp_path / "a" / "project.yml").write_text("web: {port: 1}\n")
    (tmp_path / "project.yml").write_text("web: {port: 2}\n")
    test = tmp_path / "a" / "playbooks" / "more" / "x.test.yml"
    assert project_of(test, Catalog()).web.port == 1
    assert project_of(test, Catalog(), tmp_path).web.port == 2


def test_without_any_project_one_stands_in_that_may_do_what_the_playbooks_name(tmp_path: Path) -> None:
    playbooks = tmp_path / "playbooks"
    playbooks.mkdir()
    (playbooks / "a.yml").write_text("connections: {ops: opsgenie, chat: notify}\nsteps: [{id: a, uses: core.log}]\n")
    (playbooks / "b.yml").write_text("connections: {web: http}\nsteps: [{id: a, uses: core.stop}]\n")
    (playbooks / "broken.yml").write_text("connections: [")
    project = project_of(playbooks / "a.test.yml", Catalog())
    assert project.folder == tmp_path
    assert {name: one.connector for name, one in project.connections.items()} == {
        "chat": "notify",
        "ops": "opsgenie",
        "web": "http",
    }
    assert project.connections["ops"].allow["alerts"] == "full"
    assert "alerts" in project.connections["ops"].fetch


def test_a_project_with_errors_is_refused(tmp_path: Path) -> None:
    (tmp_path / "project.yml").write_text("conections: {}\n")
    with pytest.raises(BadPlaybook):
        project_of(tmp_path / "x.test.yml", Catalog())


def test_a_test_has_a_store_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "project.yml").write_text("web: {port: 1}\n")
    project = on_store(project_of(tmp_path / "x.test.yml", Catalog()), Path("/elsewhere/store.db"))
    assert project.store == "sqlite:////elsewhere/store.db"
    assert project.web.port == 1
