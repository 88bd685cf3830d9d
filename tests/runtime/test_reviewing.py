"""Everything that can be said against a project's files."""

from __future__ import annotations

from pathlib import Path

import pytest

from playbooks_engine.errors import BadUsage
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.reviewing import review

GOOD = "connections: {ops: opsgenie}\nsteps: [{id: a, uses: ops.get_schedules}]\n"
BAD = "connections: {ops: opsgenie}\nsteps: [{id: a, uses: ops.nothing}]\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "playbooks" / "fixtures").mkdir(parents=True)
    (tmp_path / "mappings").mkdir()
    (tmp_path / "project.yml").write_text("connections: {ops: {connector: opsgenie, api_key: env:K}}\n")
    (tmp_path / "playbooks" / "good.yml").write_text(GOOD)
    (tmp_path / "playbooks" / "good.test.yml").write_text("{")
    (tmp_path / "playbooks" / "fixtures" / "left_out.yml").write_text("{")
    return tmp_path


def _found(folder: Path | None, *paths: str) -> tuple[int, list[str], int]:
    found = review(folder, Catalog(), [Path(path) for path in paths])
    return found.files, [f"{one.file}:{one.code}" for one in found.findings], len(found.tests)


def test_a_sound_project_has_no_findings_and_its_tests_are_counted_apart(folder: Path) -> None:
    assert _found(folder) == (2, [], 1)


def test_mistakes_of_every_kind_of_file_are_found_together(folder: Path) -> None:
    (folder / "playbooks" / "bad.yml").write_text(BAD)
    (folder / "mappings" / "mine.yml").write_text("what: now\n")
    files, findings, _ = _found(folder)
    assert files == 4
    assert {one.partition(":")[0] for one in findings} == {"playbooks/bad.yml", "mappings/mine.yml"}


def test_what_is_named_is_looked_at_and_project_yml_counts_only_with_findings(folder: Path) -> None:
    (folder / "playbooks" / "bad.yml").write_text(BAD)
    assert _found(folder, "playbooks/good.yml") == (1, [], 0)
    assert _found(folder, "playbooks") == (2, ["playbooks/bad.yml:E210"], 1)
    assert _found(folder, "project.yml") == (1, [], 0)
    (folder / "project.yml").write_text("wbe: {}\nconnections: {ops: {connector: opsgenie, api_key: env:K}}\n")
    assert _found(folder, "playbooks/good.yml") == (2, ["project.yml:E501"], 0)


def test_two_playbooks_of_one_name_are_told_at_the_second(folder: Path) -> None:
    for name in ("first", "second"):
        (folder / "playbooks" / f"{name}.yml").write_text(f"# A copy.\nname: same\n{GOOD}")
    found = review(folder, Catalog()).findings
    assert [(one.place, one.code) for one in found] == [("playbooks/second.yml:2:1", "E254")]
    assert "playbooks/first.yml is called 'same', too" in found[0].message


def test_a_sub_playbooks_mistake_is_told_once(folder: Path) -> None:
    (folder / "playbooks" / "bad.yml").write_text(BAD)
    (folder / "playbooks" / "user.yml").write_text("steps: [{id: a, uses: ./bad.yml}]\n")
    assert _found(folder)[1] == ["playbooks/bad.yml:E210"]


def test_a_broken_connection_is_no_missing_one(folder: Path) -> None:
    (folder / "project.yml").write_text("connections: {ops: {connector: opsgenie}}\n")
    assert _found(folder)[1] == ["project.yml:E503"]


def test_outside_a_project_only_the_language_is_checked(folder: Path) -> None:
    (folder / "playbooks" / "bad.yml").write_text(BAD)
    assert _found(None, "playbooks/bad.yml") == (1, [], 0)


def test_what_is_not_there_is_wrong_usage(folder: Path) -> None:
    with pytest.raises(BadUsage, match=r"There is no file playbooks/none\.yml"):
        _found(folder, "playbooks/none.yml")
