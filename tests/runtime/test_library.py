"""The playbooks of a project: found, checked against it, and frozen with what they use."""

import os
from pathlib import Path

import pytest

from connectors.notify import connector as notify
from connectors.opsgenie import connector as opsgenie
from playbooks_engine.errors import BadPlaybook, BadUsage
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.library import DEEPEST, Library
from playbooks_engine.runtime.project import load

CATALOG = Catalog.of(opsgenie, notify)
PROJECT = """
connections:
  ops: {connector: opsgenie, api_key: "env:KEY"}
  staging: {connector: opsgenie, api_key: "env:KEY"}
  off: {connector: opsgenie, api_key: "env:KEY", active: false}
  chat: {connector: notify, urls: ["env:CHAT"]}
"""
LOG = "steps: [{id: a, uses: core.log, with: {message: x}}]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "playbooks").mkdir()
    (tmp_path / "project.yml").write_text(PROJECT)
    return tmp_path


def library(folder: Path, **playbooks: str) -> Library:
    for name, text in playbooks.items():
        (folder / "playbooks" / f"{name}.yml").write_text(text)
    return Library(load(folder, CATALOG), CATALOG)


def findings(folder: Path, text: str, **others: str) -> list[tuple[str, int]]:
    with pytest.raises(BadPlaybook) as caught:
        library(folder, p=text, **others).playbook("p")
    return [(f.code, f.line) for f in caught.value.findings if f.severity == "error"]


def test_a_playbook_is_found_by_name_and_by_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    books = library(folder, p=LOG)
    assert books.playbook("p").path == "playbooks/p.yml"
    assert books.playbook("playbooks/p.yml").playbook.name == "p"
    monkeypatch.chdir(folder / "playbooks")
    assert books.playbook("./p.yml").path == "playbooks/p.yml"


def test_an_unknown_playbook_is_told_with_what_there_is(folder: Path) -> None:
    books = library(folder, chase=LOG)
    with pytest.raises(BadUsage) as caught:
        books.playbook("chas")
    assert "chase" in (caught.value.hint or "")
    with pytest.raises(BadUsage, match="no file") as caught:
        books.playbook("nothing.yml")
    assert caught.value.hint == "by name there are: chase"
    with pytest.raises(BadUsage, match="no file") as caught:
        books.playbook("playbooks/chas.yml")
    assert caught.value.hint == "did you mean chase?"


def test_what_is_wrong_is_told_from_top_to_bottom(folder: Path) -> None:
    steps = "steps:\n  - {id: a, uses: ops.nope}\n  - {id: b, uses: core.log, with: {message: '${{ gone }}'}}\n"
    with pytest.raises(BadPlaybook) as caught:
        library(folder, p="name: p\nconnections: {ops: opsgenie}\n" + steps).playbook("p")
    assert [found.line for found in caught.value.findings] == [4, 5]


def test_a_file_that_changed_is_read_again(folder: Path) -> None:
    books = library(folder, p=LOG)
    first = books.playbook("p")
    assert books.playbook("p") is first
    path = folder / "playbooks" / "p.yml"
    path.write_text(LOG + "description: other\n")
    os.utime(path, ns=(1, 1))
    assert books.playbook("p").playbook.description == "other"


def test_sub_playbooks_come_along_as_deep_as_they_go(folder: Path) -> None:
    books = library(
        folder,
        p="steps: [{id: a, uses: ./q.yml}]\n",
        q="steps: [{id: a, uses: ./r.yml}, {id: b, uses: ./r.yml}]\n",
        r=LOG,
    )
    assert set(books.playbook("p").parts) == {"playbooks/q.yml", "playbooks/r.yml"}


def test_a_sub_playbook_that_changed_is_read_again(folder: Path) -> None:
    books = library(folder, p="steps: [{id: a, uses: ./q.yml}]\n", q=LOG)
    books.playbook("p")
    (folder / "playbooks" / "q.yml").write_text("steps: 5\n")
    with pytest.raises(BadPlaybook):
        books.playbook("p")


@pytest.mark.parametrize(
    ("text", "others", "code"),
    [
        ("steps: [{id: a, uses: ./none.yml}]\n", {}, "E251"),
        ("steps: [{id: a, uses: ../../outside.yml}]\n", {}, "E209"),
        ("steps: [{id: a, uses: ./p.yml}]\n", {}, "E252"),
        ("steps: [{id: a, uses: ./q.yml}]\n", {"q": "steps: [{id: a, uses: ./p.yml}]\n"}, "E252"),
        ("steps: [{id: a, uses: ./q.yml, with: {x: 1}}]\n", {"q": LOG}, "E222"),
        ("steps: [{id: a, uses: ./q.yml}]\n", {"q": "inputs: {x: {type: string}}\n" + LOG}, "E222"),
        ("steps: [{id: a, uses: ./q.yml}]\n", {"q": "steps: 5\n"}, "E"),
    ],
)
def test_what_is_wrong_with_a_sub_playbook_is_found(folder: Path, text: str, others: dict[str, str], code: str) -> None:
    (folder.parent / "outside.yml").write_text(LOG)
    assert any(found.startswith(code) for found, _ in findings(folder, text, **others))


def test_a_link_out_of_the_project_is_outside(folder: Path) -> None:
    (folder.parent / "secret.yml").write_text(LOG)
    (folder / "playbooks" / "link.yml").symlink_to(folder.parent / "secret.yml")
    assert ("E251", 1) in findings(folder, "steps: [{id: a, uses: ./link.yml}]\n")


def test_sub_playbooks_are_nested_only_so_deep(folder: Path) -> None:
    chain = {f"p{n}": f"steps: [{{id: a, uses: ./p{n + 1}.yml}}]\n" for n in range(DEEPEST + 1)}
    with pytest.raises(BadPlaybook) as caught:
        library(folder, **chain, **{f"p{DEEPEST + 1}": LOG}).playbook("p0")
    assert {f.code for f in caught.value.findings} == {"E253"}
    del chain["p0"]
    assert len(library(folder, **chain, **{f"p{DEEPEST + 1}": LOG}).playbook("p1").parts) == DEEPEST


def test_all_playbooks_are_given_and_what_is_wrong_with_each_of_the_others(folder: Path) -> None:
    good, bad = library(folder, a=LOG, b="steps: 5\n", c=LOG).all()
    assert [loaded.playbook.name for loaded in good] == ["a", "c"]
    assert len(bad) == 1


def test_an_alias_may_be_bound_to_another_connection(folder: Path) -> None:
    text = "connections: {ops: opsgenie}\nsteps: [{id: a, uses: ops.get_schedules}]\n"
    books = library(folder, p=text)
    assert books.playbook("p", {"ops": "staging"}).playbook.name == "p"
    with pytest.raises(BadPlaybook) as caught:
        books.playbook("p", {"ops": "chat"})
    assert caught.value.findings[0].code == "E221"
