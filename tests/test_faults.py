"""Fault points do nothing, unless the environment asks for a crash. Proved in a child process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from playbooks_engine.faults import POINTS, VARIABLE, fault

PASS = """
from playbooks_engine.faults import fault
for number in 1, 2, 3:
    fault("after_send")
    print(number, flush=True)
fault("page_stored")
print("end", flush=True)
"""


def child(faults: str | None, code: str = PASS) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], env=environment(faults), capture_output=True, text=True, timeout=60, check=False
    )


def environment(faults: str | None) -> dict[str, str]:
    env = {name: value for name, value in os.environ.items() if name != VARIABLE}
    return {**env, "PYTHONPATH": os.pathsep.join(sys.path), **({VARIABLE: faults} if faults is not None else {})}


@pytest.mark.parametrize("faults", [None, "", "before_send:1:kill", "after_send:9:kill"])
def test_a_point_that_nobody_asked_about_does_nothing(faults: str | None) -> None:
    done = child(faults)
    assert (done.returncode, done.stdout.split()) == (0, ["1", "2", "3", "end"])


def test_a_process_is_killed_the_second_time_it_passes_if_it_says_so() -> None:
    done = child("after_send:2:kill")
    assert done.returncode == -signal.SIGKILL
    assert done.stdout.split() == ["1"]


def test_a_point_can_raise() -> None:
    done = child("after_send:3:raise")
    assert done.returncode == 1
    assert done.stdout.split() == ["1", "2"]
    assert "FaultRaised: after_send" in done.stderr


def test_each_point_counts_for_itself() -> None:
    done = child("before_send:1:kill,page_stored:1:kill")
    assert done.returncode == -signal.SIGKILL
    assert done.stdout.split() == ["1", "2", "3"]


def test_a_point_can_stop_the_process_until_somebody_continues_it() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PASS], env=environment("after_send:2:stop"), stdout=subprocess.PIPE, text=True
    ) as process:
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        process.send_signal(signal.SIGCONT)
        assert process.wait(60) == 0
        assert process.stdout is not None
        assert process.stdout.read().split() == ["1", "2", "3", "end"]


def test_a_point_can_hang() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PASS], env=environment("after_send:2:sleep"), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "1\n"
        time.sleep(0.3)
        assert process.poll() is None
        process.kill()
        assert process.stdout.read() == ""


@pytest.mark.parametrize(
    ("faults", "why"),
    [
        ("nowhere:1:kill", "no fault point 'nowhere'; there are claim, rerun_begun"),
        ("after_send:1:explode", "no action 'explode'; there are kill, raise, sleep, stop"),
        ("after_send:often:kill", "invalid literal"),
        ("after_send", "not enough values"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(faults: str, why: str) -> None:
    done = child(faults)
    assert done.returncode == 1
    assert why in done.stderr


def test_every_point_can_be_passed_here_without_harm() -> None:
    for point in POINTS:
        fault(point)  # type: ignore[arg-type]
