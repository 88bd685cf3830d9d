"""What is known of one rate-limit domain: the windows that overflowed, as buckets to draw from."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

FIRST_WAIT = 0.2
FEW = 3
"""A window in which we sent no more was filled by others, and teaches nothing of its size."""
BELIEVED = 1_200.0
"""Seconds that a learned limit is believed, three times as long once confirmed: others may leave, or it is raised."""
USED = 0.95
"""How much of a limit is used: requests that leave evenly do not arrive so."""
AT_ONCE = 0.05
"""How much of a window may leave at once: with `USED`, a window that rolls is not overrun either."""


@dataclass
class Bucket:
    """So many requests in so many seconds, as refusals have shown, and until when that is believed."""

    size: float
    period: float
    until: float
    spent_until: float = 0.0
    """When the tokens drawn ahead will all have come back."""

    @property
    def pause(self) -> float:
        return self.period / (self.size * USED)

    @property
    def ready(self) -> float:
        """When the next token is there."""
        return self.spent_until - (max(1.0, self.size * AT_ONCE) - 1) * self.pause

    def draw(self, at: float) -> None:
        self.spent_until = max(self.spent_until, at) + self.pause


@dataclass
class Domain:
    """One domain's refusals, what left before them, and the buckets that follow."""

    blocked_until: float = 0.0
    refusals: int = 0
    """Refusals in a row."""
    refused_at: float = -1.0
    sent: deque[float] = field(default_factory=lambda: deque(maxlen=10_000))
    """When requests left that were not refused."""
    lessons: dict[float, float] = field(default_factory=dict)
    """Windows that overflowed, and when. They are learned later: what was under way is still to be answered."""
    overflowed: dict[float, float] = field(default_factory=dict)
    """When each window last overflowed."""
    buckets: dict[float, Bucket] = field(default_factory=dict)
    told: datetime | None = None
    """When what the store holds of this domain was learned, as far as we know."""
    _next: float = 0.0

    @property
    def free(self) -> bool:
        """Whether nothing is known that would hold a request back, once it is not blocked."""
        return not (self.buckets or self.refusals or self.lessons)

    def knew(self, period: float | None, left: float) -> bool:
        """Whether what left then was under way when the first refusal came: its own says nothing new."""
        if period is None:
            return left <= self.refused_at
        return left <= self.lessons.get(period, self.overflowed.get(period, -1.0))

    def ready(self, now: float) -> float:
        """When a token of every bucket is there."""
        for period in [period for period, bucket in self.buckets.items() if bucket.until <= now]:
            del self.buckets[period]
        if self.refusals and not self.buckets:
            return max(now, self._next)  # of unknown size: one by one until the first is taken
        return max((now, *(bucket.ready for bucket in self.buckets.values())))

    def draw(self, at: float) -> None:
        self._next = at + FIRST_WAIT
        for bucket in self.buckets.values():
            bucket.draw(at)

    def refuse(self, now: float, until: float) -> None:
        """Nothing leaves until then; tokens drawn for later come back."""
        self.refusals = min(self.refusals + 1, 12)
        self.refused_at = now
        self.blocked_until = max(self.blocked_until, until)
        for bucket in self.buckets.values():
            bucket.spent_until = min(bucket.spent_until, self.blocked_until)

    def learn(self, now: float) -> None:
        """Make buckets of the windows that overflowed.

        A window may roll, or be a bucket that fills while it is drawn from; the first refusal looks the same. So first
        the larger size is taken, what left within the window; if that is refused again, what the bucket must have held.
        """
        for period, at in self.lessons.items():
            old = self.buckets.get(period)
            size = self._held(period, at) if old else self._within(period, at)
            if old and size > FEW:
                size = min(max(size, old.size / 2), old.size * 0.9)
            if size > FEW:
                self.buckets[period] = Bucket(size, period, now + BELIEVED * (3 if old else 1))
            self.overflowed[period] = at
        self.lessons.clear()

    def _within(self, period: float, at: float) -> float:
        return sum(at - period < then <= at for then in self.sent)

    def _held(self, period: float, at: float) -> float:
        # After a window overflowed we waited until it, and each shorter one, was full: what was before counts no more.
        since = max((then for length, then in self.overflowed.items() if length >= period), default=-1.0)
        taken = [then for then in reversed(self.sent) if since < then <= at]
        return max((count / (1 + (at - then) / period) for count, then in enumerate(taken, 1)), default=0.0)
