"""`playbooks simulator` as a process."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

TOOL = (sys.executable, "-m", "playbooks_engine")


KEY = "99999999-aaaa-4111-8111-111111111111"


def test_it_prints_its_address_then_its_keys_then_serves() -> None:
    child = subprocess.Popen(
        [*TOOL, "simulator", "opsgenie", "--key", KEY, "--quiet"], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    address, first = child.stdout.readline().strip(), child.stdout.readline()
    assert first.startswith(f"{KEY} ")
    request = urllib.request.Request(f"{address}/v2/schedules", headers={"Authorization": f"GenieKey {KEY}"})
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200
    child.terminate()
    child.communicate(timeout=20)
    assert child.returncode == 0


def test_with_json_address_and_keys_are_one_document() -> None:
    child = subprocess.Popen(
        [*TOOL, "simulator", "opsgenie", "--json", "--key", KEY, "--quiet"], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    text = ""
    while not text.endswith("\n}\n"):
        text += child.stdout.readline()
    said = json.loads(text)
    assert said["keys"][0] == {
        "key": KEY, "name": "integration key, every right", "kind": "integration", "rights": "RUDC",
    }  # fmt: skip
    assert [key["kind"] for key in said["keys"]] == ["integration", "settings", "integration"]
    request = urllib.request.Request(f"{said['url']}/v2/schedules", headers={"Authorization": f"GenieKey {KEY}"})
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200
    child.terminate()
    rest, _ = child.communicate(timeout=20)
    assert (child.returncode, rest) == (0, "")


@pytest.mark.parametrize(
    ("words", "says"),
    [(("--key", "x"), "form of a UUID"), (("--seed", "none.json"), "The seed none.json cannot be used")],
)
def test_with_json_what_cannot_be_used_is_told_as_an_error(cli: Callable[..., Any], words: Any, says: str) -> None:
    ended = cli("simulator", "opsgenie", "--json", *words)
    assert (ended.status, ended.err, ended.json["error"]["type"]) == (2, "", "invalid_input")
    assert says in ended.json["error"]["message"]


def test_it_takes_its_port_and_its_company_from_flags(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (tmp_path / "seed.json").write_text('{"alerts": [{"message": "Only one"}], "incidents": []}')
    flags = ("--port", str(port), "--seed", str(tmp_path / "seed.json"), "--quiet")
    child = subprocess.Popen([*TOOL, "simulator", "opsgenie", *flags], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    address, key = child.stdout.readline().strip(), child.stdout.readline().split(" ")[0]
    assert address == f"http://127.0.0.1:{port}"
    request = urllib.request.Request(f"{address}/v2/alerts", headers={"Authorization": f"GenieKey {key}"})
    with urllib.request.urlopen(request) as answer:
        assert [alert["message"] for alert in json.load(answer)["data"]] == ["Only one"]
    child.terminate()
    child.communicate(timeout=20)


def test_it_can_end_with_whoever_holds_its_stdin() -> None:
    child = subprocess.Popen(
        [*TOOL, "simulator", "opsgenie", "--quiet", "--while-stdin"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline().startswith("http://")
    child.communicate(timeout=20)
    # Between its address and its first request a signal still ends it the plain way.
    assert child.returncode in {0, -signal.SIGTERM}


def test_an_unknown_simulator_is_told_with_a_suggestion(cli: Callable[..., Any]) -> None:
    ended = cli("simulator", "opsgeni")
    assert (ended.status, ended.err) == (2, 'There is no simulator "opsgeni".\n  did you mean opsgenie?\n')


def test_a_seed_that_is_none_is_told(cli: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "seed.json").write_text("{")
    ended = cli("simulator", "opsgenie", "--seed", str(tmp_path / "seed.json"))
    assert ended.status == 2
    assert "Traceback" not in ended.err
