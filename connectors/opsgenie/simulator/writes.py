"""Writes that were accepted and wait to be processed."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """How a processed write ended."""

    success: bool
    text: str
    subject_id: str = ""
    alias: str = ""
    deduplicated: bool = False


@dataclass(order=True)
class Write:
    """One accepted change."""

    due: datetime
    number: int
    area: str = field(compare=False)
    request_id: str = field(compare=False)
    action: str = field(compare=False)
    given: dict[str, Any] = field(compare=False)
    integration_id: str = field(compare=False)
    apply: Callable[[datetime], Outcome] = field(compare=False, repr=False)
    processed_at: datetime | None = field(default=None, compare=False)
    outcome: Outcome | None = field(default=None, compare=False)


@dataclass
class LateFailure:
    """An order to let the next writes of one action fail when they are processed."""

    action: str
    text: str
    times: int = 1


class Writes:
    """The queue behind every 202."""

    def __init__(self) -> None:
        self.late_failures: list[LateFailure] = []
        self._waiting: list[Write] = []
        self._known: dict[tuple[str, str], Write] = {}

    def add(self, write: Write) -> None:
        heapq.heappush(self._waiting, write)
        self._known[write.area, write.request_id] = write

    def find(self, area: str, request_id: str) -> Write | None:
        return self._known.get((area, request_id.lower()))

    def next_due(self, now: datetime) -> Write | None:
        """Take the next write whose time has come."""
        if self._waiting and self._waiting[0].due <= now:
            return heapq.heappop(self._waiting)
        return None

    def waiting(self) -> int:
        return len(self._waiting)

    def perform(self, write: Write) -> Outcome:
        """Apply a write, unless it was ordered to fail late."""
        write.processed_at = write.due
        failure = next((f for f in self.late_failures if f.action in {write.action, "*"} and f.times > 0), None)
        if failure:
            failure.times -= 1
            write.outcome = Outcome(False, failure.text)
        else:
            write.outcome = write.apply(write.due)
        return write.outcome
