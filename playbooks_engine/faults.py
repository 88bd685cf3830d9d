"""Named fault points: no-ops, unless the environment asks for a crash at one of them.

`PLAYBOOKS_FAULTS=after_send:2:kill,page_stored:1:raise` kills the process the second time `after_send` is passed
and raises the first time `page_stored` is. Actions: `kill` (as `kill -9`), `raise`, `sleep` (30 s) and `stop`
(SIGSTOP: the process hangs until somebody continues it). They are how crash safety is proved.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from typing import Literal, get_args

Point = Literal[
    "claim",
    "rerun_begun",
    "intent_written",
    "before_send",
    "after_send",
    "before_result_commit",
    "after_result_commit",
    "before_next_step",
    "finish",
    "parked",
    "approval_asked",
    "approval_decided",
    "page_stored",
    "watermark_moved",
    "schedule_claimed",
    "event_claimed",
    "notification_queued",
    "migration_statement",
    "restoring",
]
POINTS: tuple[str, ...] = get_args(Point)

VARIABLE = "PLAYBOOKS_FAULTS"


class FaultRaised(Exception):
    """A fault point was told to raise."""


_passed: Counter[str] = Counter()


def _read(text: str) -> dict[str, list[tuple[int, str]]]:
    plan: dict[str, list[tuple[int, str]]] = {}
    for item in filter(None, text.split(",")):
        point, number, action = item.split(":")
        if point not in POINTS:
            raise ValueError(f"{VARIABLE}: no fault point {point!r}; there are {', '.join(POINTS)}")
        plan.setdefault(point, []).append((int(number), action))
    return plan


_plan = _read(os.environ.get(VARIABLE, ""))


def fault(point: Point) -> None:
    """Pass the named point: nothing happens unless the environment asked for something."""
    if not _plan or point not in _plan:
        return
    _passed[point] += 1
    for number, action in _plan[point]:
        if number == _passed[point]:
            _act(point, action)


def _act(point: str, action: str) -> None:
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif action == "sleep":
        import time

        time.sleep(30)  # noqa: TID251 - a fault point hangs the whole process on purpose
    elif action == "raise":
        raise FaultRaised(point)
    else:
        raise ValueError(f"{VARIABLE}: no action {action!r}; there are kill, raise, sleep, stop")
