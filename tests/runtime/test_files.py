"""Files that requests carry are read from one folder, and nothing leads out of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from playbooks_engine.errors import InvalidInput
from playbooks_engine.runtime import files
from playbooks_engine.runtime.files import loaded, read
from playbooks_engine.sdk import File, Request


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "project.yml").write_text("key: hunter2")
    (tmp_path / "files" / "logs").mkdir(parents=True)
    (tmp_path / "files" / "logs" / "df.txt").write_bytes(b"93 %")
    return tmp_path


async def test_a_request_gets_what_its_files_hold(project: Path) -> None:
    request = Request("POST", "/x", body={"user": "ana"}, files={"file": File("logs/df.txt")})
    sent = await loaded(request, project)
    assert sent.files["file"].content == b"93 %"
    assert sent.shown["user"] == "ana"
    assert sent.shown["file"]["size"] == 4


async def test_a_request_without_files_stays_the_same(project: Path) -> None:
    request = Request("GET", "/x")
    assert await loaded(request, project) is request


def refused(project: Path, path: str) -> str:
    with pytest.raises(InvalidInput) as caught:
        read(File(path), project / "files")
    assert "hunter2" not in f"{caught.value} {caught.value.hint}"
    assert str(project) not in f"{caught.value} {caught.value.hint}"
    return caught.value.message


@pytest.mark.parametrize("path", ["../project.yml", "logs/../../project.yml", "../files/../project.yml"])
def test_steps_up_lead_nowhere_even_where_an_input_let_them_through(project: Path, path: str) -> None:
    assert "leads out of files/" in refused(project, path)


def test_an_absolute_path_leads_nowhere(project: Path) -> None:
    assert "leads out of files/" in refused(project, "/etc/hostname")


@pytest.mark.parametrize("target", ["../project.yml", "{project}/project.yml"])
def test_a_link_that_leads_out_is_refused(project: Path, target: str) -> None:
    (project / "files" / "link").symlink_to(target.format(project=project))
    assert "leads out of files/" in refused(project, "link")


def test_a_folder_that_is_a_link_leads_out_no_more_than_a_file(project: Path) -> None:
    (project / "files" / "up").symlink_to("..")
    assert "leads out of files/" in refused(project, "up/project.yml")


def test_a_link_that_changes_while_it_is_judged_leads_out_no_more(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, really = project / "files" / "link", os.open
    link.symlink_to("../project.yml")

    def opened(path: Path, flags: int) -> int:
        descriptor = really(path, flags)
        link.unlink()
        link.symlink_to("logs/df.txt")
        return descriptor

    monkeypatch.setattr(os, "open", opened)
    assert "leads out of files/" in refused(project, "link")


def test_a_link_within_the_folder_is_followed(project: Path) -> None:
    (project / "files" / "latest").symlink_to("logs/df.txt")
    assert read(File("latest"), project / "files").content == b"93 %"


def test_what_is_no_file_is_refused_at_once(project: Path) -> None:
    os.mkfifo(project / "files" / "pipe")
    (project / "files" / "round").symlink_to("round")
    assert refused(project, "pipe") == "files/pipe is not a file."
    assert refused(project, "logs") == "files/logs cannot be read: Is a directory."
    assert "cannot be read" in refused(project, "missing")
    assert "cannot be read" in refused(project, "round")
    assert "cannot be read" in refused(project, "x" * 300)


def test_a_file_that_is_too_large_is_refused(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST", 2 * 1024 * 1024)
    path = project / "files" / "core"
    path.write_bytes(b"x" * 2 * 1024 * 1024)
    assert read(File("core"), project / "files").content is not None
    with path.open("ab") as more:
        more.write(b"x")
    assert refused(project, "core") == "files/core is larger than 2 MB."
