"""Answers that no HTTP service should give strike the middle of a run; an endless one costs neither time nor memory."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from command_line import TOOL
from loopback import Serve, body, free_port, request_of, saying, server

PLAYBOOK = """
name: amid
description: A read, a call that gets a wrong answer, and a read.
connections: {good: http, bad: http}
steps:
  - {id: before, uses: good.request, with: {path: /before}}
  - id: struck
    uses: bad.request
    with: {method: %s, path: /struck%s}
    continue_on_error: true
    on_error:
      - {id: told, uses: core.set, with: {type: "${{ error.type }}"}}
  - {id: after, uses: good.request, with: {path: /after}}
"""
KEY = "wrong-answers-4f1d-key"
JSON = "Content-Type: application/json"
MB = 2**20


def _packed(size: int) -> bytes:
    return gzip.compress(b" " * size, compresslevel=1)


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await request_of(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while True:
        writer.write(b" " * MB)
        await writer.drain()


async def hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await request_of(reader)


# What the server does, and as what a read that meets it each time ends; a change then is `outcome_unknown`.
WRONG: dict[str, tuple[Serve, str]] = {
    "endless": (endless, "unexpected_answer"),
    "packed a thousandfold": (saying(body(_packed(64 * MB), JSON, "Content-Encoding: gzip")), "unexpected_answer"),
    "packed as nobody asked": (saying(body(b"{}", JSON, "Content-Encoding: br")), "unexpected_answer"),
    "packed and broken": (saying(body(b"{}", JSON, "Content-Encoding: gzip")), "unexpected_answer"),
    "cut in the body": (saying(body(b'{"a": ', JSON, length=500)), "connection"),
    "cut in the head": (saying(b"HTTP/1.1 200 OK\r\nContent-Le"), "connection"),
    "nothing": (hangs_up, "connection"),
    "not HTTP": (saying(b"220 mail.example.com ESMTP\r\n"), "unexpected_answer"),
    "a head without end": (saying(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 100_000), "unexpected_answer"),
    "a length that is none": (saying(b"HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n{}"), "unexpected_answer"),
    "chunks that are none": (
        saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n"),
        "unexpected_answer",
    ),
    "elsewhere": (saying(body(b"", "Location: https://evil.example.com/", status="302 Found")), "unexpected_answer"),
    "a failure without a word": (saying(body(b"", status="500 Oops")), "server_error"),
}


@contextmanager
def serving(serve: Serve) -> Iterator[tuple[int, list[bytes]]]:
    """A server of raw bytes in a thread, for tools that are processes; its port, and each request line it saw."""
    seen: list[bytes] = []
    ready, loop = threading.Event(), asyncio.new_event_loop()
    ports: list[int] = []
    stopping = asyncio.Event()

    async def noted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n")
        seen.append(head)
        reader._buffer[:0] = head  # type: ignore[attr-defined]  # put back, for whoever reads the whole request
        await serve(reader, writer)

    async def run() -> None:
        async with server(noted) as port:
            ports.append(port)
            ready.set()
            await stopping.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),))
    thread.start()
    assert ready.wait(10)
    try:
        yield ports[0], seen
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join(10)
        loop.close()


def project(folder: Path, good: int, bad: int, method: str) -> None:
    connections = {
        name: {
            "connector": "http",
            "server_url": f"http://127.0.0.1:{port}",
            "auth_header": "env:WRONG_ANSWERS_KEY",
            "allow": {"requests": "full"},
        }
        for name, port in {"good": good, "bad": bad}.items()
    }
    (folder / "project.yml").write_text(json.dumps({"connections": connections}))
    (folder / "playbooks").mkdir()
    given = "" if method == "GET" else ", body: {a: 1}"
    (folder / "playbooks" / "amid.yml").write_text(PLAYBOOK % (method, given))


def run(folder: Path) -> tuple[dict[str, Any], int, float, float]:
    """The run as a process: what it told, its exit status, its seconds, and the most memory it took, in MB."""
    began = time.monotonic()
    told = (folder / "told.json").open("w+")
    with told, (folder / "said.txt").open("w+") as said:
        process = subprocess.Popen(
            [TOOL, "run", "amid", "--json"],
            cwd=folder,
            env={**os.environ, "WRONG_ANSWERS_KEY": KEY},
            stdout=told,
            stderr=said,
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        told.seek(0)
        said.seek(0)
        output, complaint = told.read(), said.read()
    assert KEY not in output + complaint
    assert "Traceback" not in complaint, complaint
    stored = b"".join(path.read_bytes() for path in (folder / ".playbooks").rglob("*") if path.is_file())
    assert KEY.encode() not in stored
    return json.loads(output), process.returncode, time.monotonic() - began, used.ru_maxrss / 1024


GOOD = saying(body(b'{"ok": true}', JSON, "Connection: close"))


CASES = [("GET", wrong) for wrong in WRONG] + [
    ("POST", wrong) for wrong in ("endless", "cut in the body", "nothing", "elsewhere", "a failure without a word")
]


@pytest.mark.parametrize(("method", "wrong"), CASES)
def test_a_wrong_answer_is_named_and_the_run_goes_on(tmp_path: Path, method: str, wrong: str) -> None:
    serve, kind = WRONG[wrong]
    with serving(GOOD) as (good, asked), serving(serve) as (bad, seen):
        project(tmp_path, good, bad, method)
        told, status, seconds, _ = run(tmp_path)
    assert (told["status"], status) == ("succeeded_with_errors", 3)
    steps = {step["path"]: step for step in told["steps"]}
    error = steps["struck"]["error"]
    known = kind if method == "GET" or wrong == "elsewhere" else "outcome_unknown"
    assert error["type"] == known, error
    assert error["message"]
    assert steps["after"]["status"] == "succeeded"
    assert [re.split(rb"\s", line)[1] for line in asked] == [b"/before", b"/after"]
    assert len(seen) <= (4 if method == "GET" else 1), "a change is not repeated"
    assert seconds < 30


def test_a_service_that_is_not_there_is_named_and_the_run_goes_on(tmp_path: Path) -> None:
    with serving(GOOD) as (good, _):
        project(tmp_path, good, free_port(), "POST")
        told, status, seconds, _ = run(tmp_path)
    assert (told["status"], status) == ("succeeded_with_errors", 3)
    [struck] = [step for step in told["steps"] if step["id"] == "struck"]
    assert struck["error"]["type"] == "connection"
    assert seconds < 30


def test_an_endless_answer_costs_at_most_a_hundred_megabytes(tmp_path: Path) -> None:
    peaks = []
    for name, serve in {"plain": GOOD, "endless": endless}.items():
        folder = tmp_path / name
        folder.mkdir()
        with serving(GOOD) as (good, _), serving(serve) as (bad, _):
            project(folder, good, bad, "GET")
            peaks.append(run(folder)[3])
    plain, most = peaks
    assert most - plain <= 100
