"""The documentation is tested: its playbooks are checked, its commands exist, its links lead somewhere."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from playbooks_engine.cli.app import app
from playbooks_engine.language.checking import check
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.checking import against_project
from playbooks_engine.runtime.project import Project, inspect
from playbooks_engine.testing.playbooks.session import Session

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    path for path in ROOT.rglob("*.md") if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
)
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(playbooks [^`\n]+)`")
PROJECT = """
connections:
  ops:
    connector: opsgenie
    server_url: http://127.0.0.1:1
    api_key: env:OPSGENIE_API_KEY
    allow: {alerts: write}
    fetch: {alerts: {every: 1m}}
"""


def _blocks(page: Path, *languages: str) -> list[str]:
    return [text for language, text in BLOCK.findall(page.read_text(encoding="utf-8")) if language in languages]


PLAYBOOKS = [
    (page, text) for page in PAGES for text in _blocks(page, "yaml") if re.search(r"^steps:", text, re.MULTILINE)
]
TESTS = [(page, text) for page in PAGES for text in _blocks(page, "yaml") if re.search(r"^tests:", text, re.MULTILINE)]
COMMANDS = sorted(
    {
        line.split("#")[0].strip()
        for page in PAGES
        for line in [
            *(
                line
                for text in _blocks(page, "bash", "console")
                for part in text.splitlines()
                for line in part.split("&&")
            ),
            *INLINE.findall(page.read_text(encoding="utf-8")),
        ]
        if line.strip().startswith("playbooks ")
    }
)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "project.yml").write_text(PROJECT)
    return inspect(tmp_path, Catalog())


@pytest.mark.parametrize(("page", "text"), PLAYBOOKS, ids=lambda part: part.name if isinstance(part, Path) else "")
def test_a_playbook_in_a_page_has_no_findings(page: Path, text: str, project: Project) -> None:
    checked = check(text, str(page.relative_to(ROOT)))
    assert not checked.findings
    assert checked.playbook is not None
    assert not against_project(checked.playbook, project, Catalog(), {})


@pytest.mark.parametrize(("page", "text"), TESTS, ids=lambda part: part.name if isinstance(part, Path) else "")
def test_a_test_of_a_playbook_in_a_page_passes(page: Path, text: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "playbooks", tmp_path / "playbooks")
    path = tmp_path / "playbooks" / "page.test.yml"
    path.write_text(text, encoding="utf-8")
    session = Session()
    ready = session.read(path)
    assert ready.suite.findings == ()
    assert [difference for outcome in session.outcomes(ready) for difference in outcome.differences] == []


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_in_a_page_exists_with_the_flags_it_is_given(line: str) -> None:
    words = shlex.split(line)[1:]
    names = [word for word in words if not word.startswith("-")]
    told = CliRunner().invoke(app, [*names[:2], "--help"])
    if told.exit_code != 0:  # a command without sub-commands takes its first argument here
        told = CliRunner().invoke(app, [names[0], "--help"])
    assert told.exit_code == 0, told.output
    for flag in (word.split("=")[0] for word in words if word.startswith("--")):
        known = told.output + CliRunner().invoke(app, ["--help"]).output
        assert flag in known or names[0] == "call", f"{line}: {flag} is not in its help"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
    assert not [link for link in links if not (page.parent / link).exists()]


def test_ci_runs_the_test_command_of_the_readme() -> None:
    commands = [line for text in _blocks(ROOT / "README.md", "bash") for line in text.splitlines() if "pytest" in line]
    tests = commands[0].split("&&")[-1].strip()
    assert tests in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
