"""The page that teaches the language: its playbooks run, its expressions give what it says, its commands work."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent

import pytest
import yaml

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.errors import ExpressionError
from playbooks_engine.language.expressions import Scope, compile_value
from playbooks_engine.language.expressions.filters import FILTERS, TESTS
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.project import inspect
from playbooks_engine.sdk.durations import format_duration

FOLDER = Path(__file__).parents[2] / "playbooks"
PAGE = (FOLDER / "README.md").read_text(encoding="utf-8")
TOOL = str(Path(sys.executable).parent / "playbooks")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
YAML = [text for language, text in BLOCKS if language == "yaml"]
WHOLE = {yaml.safe_load(text)["name"]: text for text in YAML if re.search(r"^steps:", text, re.MULTILINE)}
SUITES = [text for text in YAML if re.search(r"^tests:", text, re.MULTILINE)]
PROJECTS = [text for text in YAML if text.startswith("connections:\n  ops:\n    connector:")]
EXCERPTS = [text for text in YAML if text not in [*WHOLE.values(), *SUITES, *PROJECTS]]
SHIPPED = sorted(path for path in FOLDER.glob("*.yml") if not path.name.endswith(".test.yml"))
SESSION = [line for language, text in BLOCKS if language == "bash" for line in text.splitlines()]
ENDS = {"tell_when_it_fails": "failed", "ask_before_closing": "waiting"}
"""Playbooks of the page that do not simply succeed by themselves."""

Finished = subprocess.CompletedProcess[str]


@pytest.fixture
def tool(project: Path) -> Callable[[str], Finished]:
    """Run a command line of the page in a project that has its playbooks."""
    for name, text in WHOLE.items():
        (project / "playbooks" / f"{name}.yml").write_text(text, encoding="utf-8")

    def tool(line: str, **environment: str) -> Finished:
        words = line.replace("playbooks ", f"{TOOL} ", 1)
        return subprocess.run(
            ["bash", "-c", words], cwd=project, env={**os.environ, **environment}, capture_output=True, text=True,
            timeout=60,
        )  # fmt: skip

    return tool


def test_the_page_can_be_read_in_one_sitting() -> None:
    assert PAGE.count("\n") <= 460
    assert len(WHOLE) > 5


def test_every_shipped_playbook_stands_on_the_page() -> None:
    assert [path.name for path in SHIPPED if f"[{path.name}]({path.name})" not in PAGE] == []


@pytest.mark.parametrize("text", EXCERPTS)
def test_what_is_quoted_stands_in_a_shipped_playbook(text: str) -> None:
    assert any(dedent(text) in dedent(path.read_text(encoding="utf-8")) or text in path.read_text() for path in SHIPPED)


def test_the_project_file_of_the_page_can_be_used(tmp_path: Path) -> None:
    (text,) = PROJECTS
    (tmp_path / "project.yml").write_text(text, encoding="utf-8")
    project = inspect(tmp_path, Catalog())
    assert not project.findings
    assert [connection.connector for connection in project.connections.values()] == ["opsgenie", "notify"]


@pytest.mark.timeout(600)  # more than twenty processes, one after the other
def test_a_session_as_the_page_tells_it(tool: Callable[..., Finished], opsgenie: Simulator) -> None:
    alert = opsgenie.has_alert(message="Checkout is down", priority="P1", alias="checkout", tags=["prod"])
    named = set()
    for line in SESSION:
        command, _, comment = line.partition("#")
        ended = tool(command.strip(), KEY=alert.id)
        told = re.search(r"exits with (\d)", comment)
        assert ended.returncode == (int(told[1]) if told else 0), f"{line}\n{ended.stdout}{ended.stderr}"
        assert "Traceback" not in ended.stderr
        named |= {name for name in WHOLE if f"run {name}" in line}
    assert [note.text for note in opsgenie.alert(alert.id).notes]
    assert opsgenie.alert("60", "tiny").status == "closed"
    for name in set(WHOLE) - named:
        ended = tool(f"playbooks run {name} --json")
        assert json.loads(ended.stdout)["status"] == ENDS.get(name, "succeeded"), ended.stderr


def test_every_command_that_the_text_names_is_in_the_session_or_serves() -> None:
    outside = re.sub(r"^```.*?^```", "", PAGE, flags=re.MULTILINE | re.DOTALL)
    known = {" ".join(line.split()[:2]) for line in SESSION} | {"playbooks serve", "playbooks simulator"}
    named = {" ".join(text.split()[:2]) for text in re.findall(r"`(playbooks [^`]+)`", outside)}
    assert not named - known


def test_the_tests_on_the_page_pass(tool: Callable[..., Finished], project: Path) -> None:
    for path in (project / "playbooks").glob("*.test.yml"):
        path.unlink()
    (text,) = SUITES
    (project / "playbooks" / "page.test.yml").write_text(text, encoding="utf-8")
    ended = tool("playbooks test")
    assert ended.returncode == 0, ended.stdout


# expressions

EVENT, FOUND = (json.loads(text) for language, text in BLOCKS if language == "json")
NOW = datetime(2026, 5, 1, 10, 12, tzinfo=UTC)
SCOPE = Scope(
    {
        "event": {**EVENT, "created_at": datetime.fromisoformat(EVENT["created_at"])},
        "steps": {"find": {"output": FOUND}},
    },
    lambda: NOW,
)
SECTION = PAGE.split("| expression | gives |\n|---|---|\n")[1].split("\n\n")[0]
ROWS = [
    (row[0].replace("\\|", "|"), row[1] or row[2])
    for row in re.findall(r"^\| `(.+)` \| (?:`(.*)`|(error: .*)) \|$", SECTION, re.MULTILINE)
]


def test_every_row_of_the_table_of_expressions_is_read() -> None:
    assert len(ROWS) == len(SECTION.splitlines()) > 20


@pytest.mark.parametrize(("expression", "gives"), ROWS)
def test_an_expression_gives_what_the_page_says(expression: str, gives: str) -> None:
    value = compile_value(f"${{{{ {expression} }}}}")
    if gives.startswith("error: "):
        with pytest.raises(ExpressionError, match=re.escape(gives.removeprefix("error: "))):
            value.evaluate(SCOPE)
        return
    found = value.evaluate(SCOPE)
    assert (format_duration(found) if isinstance(found, timedelta) else found) == json.loads(gives)


def test_a_list_inside_a_text_is_an_error_as_the_page_says() -> None:
    with pytest.raises(ExpressionError, match="a list cannot be part of a text"):
        compile_value("Tags: ${{ event.tags }}").evaluate(SCOPE)
    assert compile_value("${{ event.count }} since ${{ event.created_at }}").evaluate(SCOPE) == (
        "3 since 2026-05-01T10:00:00Z"
    )


def test_the_page_names_every_filter_and_only_tests_that_there_are() -> None:
    filters = re.search(r"<!-- filters -->(.*?)<!-- end -->", PAGE, re.DOTALL)
    assert filters is not None
    assert re.findall(r"`(\w+)`", filters[1]) == sorted([*FILTERS, "default"])
    after = PAGE.split("After `is`:")[1].split("\n\n")[0]
    assert set(re.findall(r"`(\w+)`", after)) <= {*TESTS, "defined", "not"}
