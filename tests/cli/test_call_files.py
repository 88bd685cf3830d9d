"""`playbooks call` with a file: from the folder of the project to the alert, and what is told of it on the way."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.opsgenie.simulator.running import Simulator

CONTENT = b"/var 93%\n\x00\xff canary-in-a-file"


@pytest.fixture
def attach(project: Path, opsgenie: Simulator) -> tuple[str, ...]:
    """The words that attach a file to an alert."""
    (project / "files" / "logs").mkdir(parents=True)
    (project / "files" / "logs" / "df.txt").write_bytes(CONTENT)
    opsgenie.has_alert(alias="disk")
    return ("call", "ops.add-attachment", "--identifier", "disk", "--alert-identifier-type", "alias")


def kept(project: Path) -> bytes:
    """All that the store holds."""
    return b"".join(path.read_bytes() for path in (project / ".playbooks").rglob("*") if path.is_file())


def test_a_file_is_attached_listed_fetched_and_removed(
    process: Callable[..., Any], attach: tuple[str, ...], opsgenie: Simulator
) -> None:
    of = ("--identifier", "disk", "--alert-identifier-type", "alias")
    added = process(*attach, "--file", "logs/df.txt", "--user", "ana@example.com", "--json")
    assert added.status == 0, added.err
    identifier = added.json["output"]["id"]
    assert added.json["requests"] == 1
    assert process("call", "ops.list-attachments", *of, "--json").json["output"] == [
        {"name": "df.txt", "id": identifier}
    ]
    shown = process("call", "ops.get-attachment", *of, "--attachment-id", identifier, "--json").json["output"]
    assert shown["name"] == "df.txt"
    assert httpx.get(shown["url"], trust_env=False).content == CONTENT
    alert = opsgenie.alert("disk", "alias")
    assert alert is not None
    assert (alert.logs[-1].text, alert.logs[-1].owner) == ("Added attachment: df.txt", "ana@example.com")


@pytest.mark.parametrize("name", ["größe 1 €.txt", "a;b='c'.tar.gz", "%22.html", "x" * 200])
def test_a_file_keeps_its_name(
    cli: Callable[..., Any], attach: tuple[str, ...], opsgenie: Simulator, project: Path, name: str
) -> None:
    (project / "files" / name).write_bytes(b"")
    assert cli(*attach, "--file", name, "--index-file", "a.html").status == 0
    alert = opsgenie.alert("disk", "alias")
    assert alert is not None
    assert [(attachment.name, attachment.content) for attachment in alert.attachments] == [(name, b"")]


def test_what_a_file_holds_is_in_no_store_and_no_output(
    process: Callable[..., Any], attach: tuple[str, ...], project: Path
) -> None:
    for more in ((), ("--plan",), ("--plan", "--json")):
        ended = process(*attach, "--file", "logs/df.txt", *more)
        assert ended.status == 0
        assert "canary" not in ended.out + ended.err
    everything = kept(project)
    assert b"canary" not in everything
    assert hashlib.sha256(CONTENT).hexdigest().encode() in everything


def test_a_plan_tells_name_size_and_digest_and_sends_nothing(
    process: Callable[..., Any], attach: tuple[str, ...], opsgenie: Simulator
) -> None:
    write = process(*attach, "--file", "logs/df.txt", "--plan", "--json").json["writes"][0]
    assert write["path"].endswith("/attachments?alertIdentifierType=alias")
    assert write["body"] == {
        "file": {"name": "df.txt", "size": len(CONTENT), "sha256": hashlib.sha256(CONTENT).hexdigest()}
    }
    assert [entry.method for entry in opsgenie.ledger] == []


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("../project.yml", "`file`: must be the path of a file below `files/`"),
        ("/etc/passwd", "`file`: must be the path of a file below `files/`"),
        ("link", "files/link leads out of files/"),
        ("up/project.yml", "files/up/project.yml leads out of files/"),
        ("nowhere", "files/nowhere cannot be read: No such file"),
        ("logs", "files/logs cannot be read: Is a directory"),
    ],
)
def test_no_other_file_of_the_machine_leaves(
    cli: Callable[..., Any], attach: tuple[str, ...], opsgenie: Simulator, project: Path, path: str, says: str
) -> None:
    (project / "files" / "link").symlink_to("../project.yml")
    (project / "files" / "up").symlink_to("..")
    ended = cli(*attach, "--file", path, "--json")
    assert ended.status != 0
    assert ended.json["error"]["type"] == "invalid_input"
    assert says in ended.json["error"]["message"]
    assert opsgenie.ledger == []


def test_a_lost_answer_is_looked_for_and_the_file_is_attached_once(
    process: Callable[..., Any], attach: tuple[str, ...], opsgenie: Simulator
) -> None:
    opsgenie.misbehave("reset_after", 1, method="POST")
    ended = process(*attach, "--file", "logs/df.txt", "--json")
    alert = opsgenie.alert("disk", "alias")
    assert alert is not None
    assert [attachment.content for attachment in alert.attachments] == [CONTENT]
    assert ended.status == 0
    assert ended.json["output"] == {"id": alert.attachments[0].id}


def test_without_the_right_nothing_leaves(
    cli: Callable[..., Any], attach: tuple[str, ...], opsgenie: Simulator, project: Path
) -> None:
    settings = project / "project.yml"
    settings.write_text(settings.read_text().replace("alerts: write", "alerts: read"))
    ended = cli(*attach, "--file", "logs/df.txt", "--json")
    assert (ended.status != 0, ended.json["error"]["type"], opsgenie.ledger) == (True, "not_allowed", [])
