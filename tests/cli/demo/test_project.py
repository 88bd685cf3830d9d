"""The project of the demo."""

from __future__ import annotations

from pathlib import Path

import pytest

from playbooks_engine.cli.demo.project import PLAYBOOKS, project
from playbooks_engine.errors import BadUsage


def test_it_is_gone_afterwards_however_it_ends() -> None:
    seen: list[Path] = []

    def interrupted() -> None:
        with project("http://127.0.0.1:1", None) as folder:
            assert (folder / "project.yml").is_file()
            seen.append(folder)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not seen[0].exists()


def test_it_stays_where_it_is_to_be_kept(tmp_path: Path) -> None:
    with project("http://127.0.0.1:1", tmp_path / "kept") as folder:
        pass
    assert sorted(path.name for path in (folder / "playbooks").iterdir()) == sorted(PLAYBOOKS)
    assert "server_url: http://127.0.0.1:1\n" in (folder / "project.yml").read_text()


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("")
    with pytest.raises(BadUsage, match="is not empty"), project("http://127.0.0.1:1", tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
