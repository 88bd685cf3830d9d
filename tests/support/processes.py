"""Some processes on one store that are killed and held up, and replaced when they die."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self


class Processes:
    """So many that do the same; each says `ready` once it is."""

    def __init__(self, command: Sequence[str], number: int) -> None:
        self._command = command
        self._living = [self._begin() for _ in range(number)]
        self._ready: set[int] = set()
        self.killed = 0

    def _begin(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, stdout=subprocess.PIPE)

    def wait_until_ready(self) -> None:
        """Return when all of them are at work."""
        for number in range(len(self._living)):
            self._wait_until_ready(number)

    def _wait_until_ready(self, number: int) -> None:
        child = self._living[number]
        if child.pid not in self._ready:
            assert child.stdout is not None
            assert child.stdout.readline() == b"ready\n"
            self._ready.add(child.pid)

    def kill(self, number: int) -> None:
        """Kill one that is at work, and begin another in its place."""
        self._wait_until_ready(number)
        self._living[number].kill()
        self._end(self._living[number], -signal.SIGKILL)
        self._living[number] = self._begin()
        self.killed += 1

    def hang(self, number: int, seconds: float) -> None:
        self._living[number].send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self._living[number].send_signal(signal.SIGCONT)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in self._living:
            child.kill()
            child.wait()
            if child.stdout is not None:
                child.stdout.close()

    def end(self) -> None:
        for child in self._living:
            child.kill()
            self._end(child, -signal.SIGKILL)
        self._living.clear()

    def _end(self, child: subprocess.Popen[bytes], status: int) -> None:
        ended = child.wait()
        if child.stdout is not None:
            child.stdout.close()
        assert ended == status, "a process died by itself"
