"""`playbooks demo` as a process: works, shows everything, leaves nothing behind."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from playbooks_engine.cli.demo.acts import ACTS

TOOL = (sys.executable, "-m", "playbooks_engine")


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for temporary files, in which the demo must leave nothing."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.chdir(tmp_path)
    yield folder
    assert not list(folder.iterdir())


def _up(text: str) -> bool:
    found = re.search(r"It listens on http://127\.0\.0\.1:(\d+)", text)
    assert found, text
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(found[1]))) == 0


def test_it_shows_everything_for_real_and_leaves_nothing_behind(process: Callable[..., Any], temporary: Path) -> None:
    ended = process("demo", NO_COLOR="1")
    assert ended.status == 0, ended.out + ended.err
    for number, act in enumerate(ACTS, 1):
        assert f"{number}. {act.title}\n" in ended.out
    assert re.search(r"ops\.alerts: \d\d new, 0 updated, 0 unchanged", ended.out)
    assert re.search(r"ops\.alerts: 0 new, [1-9]\d* updated, \d+ unchanged", ended.out)
    assert "chase_unacknowledged_polling would make " in ended.out
    assert "Run 1 succeeded in " in ended.err
    assert "reused" in ended.err
    assert "Message: No schedule exists with name [no_such_schedule]." in ended.err
    assert "escalated alert " in ended.out
    assert "What to try next:" in ended.out
    assert "\x1b" not in ended.out + ended.err
    assert "Traceback" not in ended.err
    assert not _up(ended.out)


def test_a_kept_project_can_be_used_afterwards(process: Callable[..., Any], temporary: Path, tmp_path: Path) -> None:
    ended = process("demo", "--keep", "kept", "--json")
    assert ended.status == 0
    assert json.loads(ended.out)["status"] == "passed"
    assert process("--project", "kept", "runs", "show", "1").status == 0
    again = process("demo", "--keep", "kept")
    assert again.status == 2
    assert "is not empty" in again.err


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_it_leaves_nothing_behind(temporary: Path, number: signal.Signals, status: int) -> None:
    child = subprocess.Popen([*TOOL, "demo"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert child.stdout is not None
    head = "".join(child.stdout.readline() for _ in range(4))
    child.send_signal(number)
    out, err = child.communicate(timeout=30)
    assert child.returncode == status, head + out + err
    assert "Traceback" not in err
    assert not _up(head)


def test_it_can_leave_the_service_running_until_it_is_interrupted(temporary: Path) -> None:
    child = subprocess.Popen(
        [*TOOL, "demo", "--serve"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env={**os.environ, "NO_COLOR": "1"},
    )  # fmt: skip
    assert child.stdout is not None
    told = ""
    while not (page := re.search(r"The page is at (\S+)", told)):
        line = child.stdout.readline()
        assert line, told
        told += line
    with urllib.request.urlopen(page[1]) as answer:
        assert answer.status == 200
    assert _up(told)
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=30)
    assert child.returncode == 0
    assert not _up(told)
