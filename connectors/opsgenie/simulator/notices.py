"""Who would have been told of what, by which contact: recorded, never sent."""

import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.opsgenie.simulator.instants import written

MOST = 10_000
"""How many are remembered."""


@dataclass(frozen=True)
class Notice:
    """One notification."""

    at: datetime
    user: str
    """Username of who is told."""
    method: str
    to: str
    alert_id: str
    action_type: str
    """The action type of the notification rule that led to it."""
    rule: str
    """Name of that rule."""

    def as_json(self) -> dict[str, Any]:
        return {**vars(self), "at": written(self.at)}


class Notices:
    """What was told, and what is still to be looked at again."""

    def __init__(self) -> None:
        self.told: deque[Notice] = deque(maxlen=MOST)
        self._waiting: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._number = 0

    def later(self, due: datetime, act: Callable[[datetime], None]) -> None:
        """Do something when its time has come."""
        self._number += 1
        heapq.heappush(self._waiting, (due, self._number, act))

    def pass_time(self, now: datetime) -> None:
        """Do all that is due, in its order; what comes of it may be due as well."""
        while self._waiting and self._waiting[0][0] <= now:
            due, _, act = heapq.heappop(self._waiting)
            act(due)
