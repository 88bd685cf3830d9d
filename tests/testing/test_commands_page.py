"""COMMANDS.md is made from declarations."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from pydantic import Field

from playbooks_engine.sdk import Command, Connection, Connector, Moment, Write
from playbooks_engine.testing.commands_page import commands_page, example_call, main, write_page


class GetThing(Command, route="GET /things/{name}", area="things", limits="search", right="See"):
    """Get a thing | or two."""

    name: str = Field(max_length=1_000, examples=["my thing"])
    """Its name."""
    count: int = Field(5, ge=1, le=9)
    """How many."""
    order: Literal["asc", "desc"] | None = None
    """The order."""
    since: Moment | None = None
    """Since when."""
    value: str | int | None = None
    """A value."""
    tags: list[str] | None = Field(None, max_length=20)
    """Tags."""


class DropIt(Write, route="DELETE /things", area="things", repeat="safe"):
    """Drop all."""


CONNECTOR = Connector(
    name="acme",
    title="Acme",
    connection=Connection,
    commands={"get_thing": GetThing, "drop_it": DropIt},
    module="acme_playbooks",
    example="dc",
)


def test_the_table_says_what_each_command_is() -> None:
    lines = commands_page(CONNECTOR).splitlines()
    assert lines[0] == "# Commands of Acme"
    assert "`python -m playbooks_engine.testing.commands_page acme_playbooks`" in lines[2]
    assert lines[4:8] == [
        "| command | what it does | effect | area | right needed | rate domain | route | repeat |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        "| [`get_thing`](#get_thing) | Get a thing \\| or two. | read | things | See | search | "
        "`GET /things/{name}` | - |",
        "| [`drop_it`](#drop_it) | Drop all. | destructive | things | - | default | `DELETE /things` | safe |",
    ]


@pytest.mark.parametrize(
    "row",
    [
        "| `name` | text, at most 1,000 characters | required | Its name. |",
        "| `count` | integer, 1 to 9 | `5` | How many. |",
        "| `order` | `asc`, `desc` | - | The order. |",
        "| `since` | text such as `2020-06-03 00:00` | - | Since when. |",
        "| `value` | text or integer | - | A value. |",
        "| `tags` | list of at most 20 × text | - | Tags. |",
        "playbooks call dc.get-thing --name 'my thing'",
        "playbooks call dc.drop-it",
    ],
)
def test_each_command_shows_its_inputs_and_an_example(row: str) -> None:
    assert row in commands_page(CONNECTOR).splitlines()


def test_a_command_without_inputs_has_no_table_of_them() -> None:
    assert "| input |" not in commands_page(CONNECTOR).split("## drop_it")[1]


def test_an_example_names_the_connector_where_nothing_else_is_declared() -> None:
    plain = Connector(name="acme", title="Acme", connection=Connection, commands={})
    assert example_call(plain, DropIt) == "playbooks call acme.drop-it"


PACKAGE = '''"""Acme."""
from playbooks_engine.sdk import Connection, Connector
connector = Connector(name="acme", title="Acme", connection=Connection, commands={}, module="acme_written")
'''


def test_the_page_is_written_beside_the_connector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "acme_written").mkdir()
    (tmp_path / "acme_written/__init__.py").write_text(PACKAGE, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    page = write_page("acme_written")
    assert page == tmp_path / "acme_written/COMMANDS.md"
    assert page.read_text(encoding="utf-8").startswith("# Commands of Acme\n")
    assert main(["acme_written"]) == 0


DOCUMENTS = '''"""Where commands come from."""
LEFT_OUT = {"GET /old": "deprecated | gone"}
def document_of(command):
    return f"the manual, {command.spec.name}"
'''


def test_documents_and_what_is_left_out_are_shown_where_a_connector_names_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "acme_documented").mkdir()
    (tmp_path / "acme_documented/__init__.py").write_text(PACKAGE, encoding="utf-8")
    (tmp_path / "acme_documented/documents.py").write_text(DOCUMENTS, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    page = commands_page(replace(CONNECTOR, module="acme_documented"))
    assert page.splitlines()[4].endswith("| route | repeat | document |")
    assert "| `DELETE /things` | safe | the manual, drop_it |" in page
    assert "## Left out" in page
    assert "| `GET /old` | deprecated \\| gone |" in page


def test_without_a_package_it_says_how_to_call_it() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "playbooks_engine.testing.commands_page"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 2
    assert done.stderr.startswith("usage: python -m playbooks_engine.testing.commands_page PACKAGE…")
