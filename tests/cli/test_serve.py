"""`playbooks serve` as a process."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

TOOL = (sys.executable, "-m", "playbooks_engine")


@pytest.fixture
def service(project: Path) -> Iterator[subprocess.Popen[str]]:
    child = subprocess.Popen([*TOOL, "serve"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    yield child
    if child.poll() is None:
        child.kill()
    child.communicate()


def _page(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    found = re.fullmatch(r"The page is at (http://127\.0\.0\.1:\d+)\n", child.stdout.readline())
    assert found
    return found[1]


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_it_says_where_the_page_is_and_ends_cleanly(
    service: subprocess.Popen[str], number: signal.Signals, status: int
) -> None:
    page = _page(service)
    with urllib.request.urlopen(page) as answer:
        assert answer.status == 200
    service.send_signal(number)
    _, told = service.communicate(timeout=30)
    assert service.returncode == status, told
    assert "Traceback" not in told


def test_a_second_service_exits_2_and_names_the_first(
    service: subprocess.Popen[str], process: Callable[..., Any]
) -> None:
    _page(service)
    second = process("serve")
    assert second.status == 2
    assert f"process {service.pid} " in second.err
    assert "Traceback" not in second.err


def test_other_commands_run_beside_it(service: subprocess.Popen[str], process: Callable[..., Any]) -> None:
    _page(service)
    assert process("fetch", "ops", "--since", "1h").status == 0
    assert process("connections", "test", "ops").status == 0


def test_with_json_the_page_is_told_in_a_document(project: Path) -> None:
    child = subprocess.Popen([*TOOL, "serve", "--json"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert child.stdout is not None
    document = "".join(child.stdout.readline() for _ in range(3))
    child.terminate()
    rest, _ = child.communicate(timeout=30)
    assert json.loads(document)["page"].startswith("http://127.0.0.1:")
    assert rest == ""
