"""The pretend Opsgenie of the demo: a child process that never outlives us."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playbooks_engine.errors import EngineError

PATIENCE = 5.0
"""Seconds the child gets to end by itself."""


@dataclass(frozen=True)
class Vendor:
    """Where it is, and the key that may do everything."""

    url: str
    key: str

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])


@contextmanager
def vendor() -> Iterator[Vendor]:
    """Start it on a free port; when this ends, however it ends, so does the child."""
    words = [sys.executable, "-m", "playbooks_engine", "simulator", "opsgenie", "--quiet", "--while-stdin"]
    # A session of its own: Ctrl-C is for the demo, which then ends the child in good order.
    child = subprocess.Popen(  # noqa: S603 - our own interpreter with our own words
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        yield _greeting(child)
    finally:
        _end(child)


def _greeting(child: subprocess.Popen[str]) -> Vendor:
    assert child.stdout is not None  # noqa: S101 - it is a pipe
    url, key = child.stdout.readline().strip(), child.stdout.readline().partition(" ")[0].strip()
    if not url.startswith("http") or not key:
        _end(child)
        told = child.stderr.read().strip() if child.stderr is not None and not child.stderr.closed else ""
        raise EngineError("The pretend Opsgenie did not start.", hint=told or None)
    return Vendor(url, key)


def _end(child: subprocess.Popen[str]) -> None:
    if child.stdin is not None and not child.stdin.closed:
        child.stdin.close()
    try:
        child.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    for stream in (child.stdout, child.stderr):
        if stream is not None:
            stream.close()
