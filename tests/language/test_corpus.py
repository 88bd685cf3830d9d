"""Files with one defect each, and where it must be found; and files with none.

The first line of a bad file says what is expected: `# expect CODE LINE:COLUMN`. Playbooks are checked in a project,
as `playbooks check` does it; `bad/projects` holds files that stand as project.yml, `bad/mappings` field mappings.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from connectors.http import connector as http
from connectors.notify import connector as notify
from connectors.opsgenie import connector as opsgenie
from playbooks_engine.errors import Finding
from playbooks_engine.language.checking import check
from playbooks_engine.language.codes import CODES
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.checking import CODES as PROJECT_CODES
from playbooks_engine.runtime.reviewing import review

CORPUS = Path(__file__).parent / "corpus"
BAD = sorted((CORPUS / "bad").rglob("*.yml"))
GOOD = sorted((CORPUS / "good").glob("*.yml"))
EXPECTED = re.compile(rb"# expect ([EW]\d{3}) (\d+):(\d+)\n")
CATALOG = Catalog.of(opsgenie, notify, http)
PROJECT = """
connections:
  ops: {connector: opsgenie, api_key: "env:KEY", fetch: {alerts: {}}, allow: {alerts: full}}
  quiet: {connector: opsgenie, api_key: "env:KEY"}
  door: {connector: opsgenie, api_key: "env:KEY", server_url: "https://api.atlassian.com/jsm/ops/integration"}
  off: {connector: opsgenie, api_key: "env:KEY", active: false}
  chat: {connector: notify, urls: ["env:CHAT"], allow: {messages: write}}
  idp: {connector: http, server_url: "https://idp.example.com", allow: {requests: full}}
"""
UNTOLD = {"E222", "E501", "E503"}
"""Values that do not fit: the sentence says what they must be."""
BESIDE = {"W202", "W304"}
"""Doubts about what a short file leaves out."""


def expected(path: Path) -> tuple[str, int, int]:
    told = EXPECTED.match(path.read_bytes())
    assert told, f"{path.name} does not say what to expect"
    return told[1].decode(), int(told[2]), int(told[3])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "project.yml").write_text(PROJECT)
    (tmp_path / "playbooks").mkdir()
    (tmp_path / "playbooks" / "part.yml").write_bytes((CORPUS / "good" / "part.yml").read_bytes())
    return tmp_path


def findings(folder: Path, path: Path) -> list[Finding]:
    """What `playbooks check` says of the file where it belongs."""
    if path.parent.name == "projects":
        (folder / "project.yml").write_bytes(path.read_bytes())
        return review(folder, CATALOG, [folder / "project.yml"]).findings
    if path.name.startswith("e253"):
        for depth in range(1, 12):  # each uses the next
            deeper = folder / "playbooks" / f"deep_{depth}.yml"
            deeper.write_text(f"steps:\n  - {{id: a, uses: ./deep_{depth + 1}.yml}}\n")
    place = folder / ("mappings" if path.parent.name == "mappings" else "playbooks") / "under_test.yml"
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(path.read_bytes())
    return review(folder, CATALOG, [place]).findings


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_the_defect_is_found_at_its_place_and_nothing_else_is_said(folder: Path, path: Path) -> None:
    found = findings(folder, path)
    told = [(one.place, one.code, one.message) for one in found]
    at = [(one.code, one.line, one.column) for one in found if one.code not in BESIDE - {expected(path)[0]}]
    assert at == [expected(path)], told
    assert all(one.message and (one.suggestion or one.code in UNTOLD) for one in found), told


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_good_file_has_no_findings(folder: Path, path: Path) -> None:
    assert findings(folder, path) == []


def test_every_code_has_a_file() -> None:
    here = {expected(path)[0] for path in BAD}
    # A file of a megabyte is made below; E210 has a file, and stands in both tables.
    # A file too large is generated, and a name that stands twice needs two files: tests/runtime/test_reviewing.py.
    assert here | {"E102", "E254"} == {*CODES, *PROJECT_CODES}


def test_there_are_as_many_as_were_asked_for() -> None:
    assert len(BAD) >= 120


def test_a_file_that_is_too_large_is_refused_unread() -> None:
    (one,) = check("# " + "x" * 1_048_576, "big.yml").findings
    assert (one.code, one.line, one.column) == ("E102", 1, 1)


def test_all_mistakes_of_all_files_are_told_in_one_go(folder: Path) -> None:
    (folder / "project.yml").write_text(PROJECT + "wbe: {}\n")
    (folder / "playbooks" / "one.yml").write_text(
        "connections: {ops: opsgenie, chat: opsgenie}\nsteps:\n"
        "  - {id: a, uses: ops.get_shedules}\n"
        "  - {id: b, when: a b, uses: ops.create_alert, with: {message: 5}}\n"
        "  - {id: c, usess: ops.x}\n"
        "  - {id: d, uses: ./broken.yml, with: {nothing: 1}}\n"
    )
    (folder / "playbooks" / "broken.yml").write_text("steps:\n  - {id: a, uses: core.fail, retry: 99}\n")
    found = review(folder, CATALOG).findings
    assert {(Path(one.file).name, one.code, one.line) for one in found} == {
        ("project.yml", "E501", 9),
        ("one.yml", "E221", 1),  # chat is of another connector
        ("one.yml", "E210", 3),
        ("one.yml", "E301", 4),
        ("one.yml", "E222", 4),
        ("one.yml", "E201", 5),
        ("one.yml", "E222", 6),
        ("broken.yml", "E217", 2),
        ("broken.yml", "E222", 2),
    }
