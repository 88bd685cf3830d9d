"""Rate limits: one set of buckets for each domain of each connection, taught by the service's own answers."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field

from playbooks_engine.errors import CommandFailed, RateLimited
from playbooks_engine.runtime.clock import Clock

FIRST_WAIT = 0.2
LONGEST_WAIT = 300.0
FEW = 3
"""A window in which we sent no more was filled by others, and teaches nothing of its size."""
BELIEVED = 60.0
"""Seconds (and windows, ten) that a learned limit is believed: others may have left, or somebody raised it."""
PATIENCE = 120.0
"""Seconds that one request waits for its turn before it fails as rate_limited."""


@dataclass
class _Domain:
    """What is known of one rate-limit domain."""

    blocked_until: float = 0.0
    refusals: int = 0
    sent: deque[float] = field(default_factory=lambda: deque(maxlen=10_000))
    learned: dict[float, tuple[int, float]] = field(default_factory=dict)
    """What a refusal has shown for each window (in seconds): how many requests, and until when that is believed."""


class Throttle:
    """Lets requests leave no faster than the service takes them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._domains: dict[str, _Domain] = {}
        self._random = random.Random()  # noqa: S311 - jitter, not a secret

    async def turn(self, name: str, refused: CommandFailed | None = None) -> None:
        """Wait until a request of this domain may leave; raises RateLimited when that takes too long."""
        domain = self._domain(name)
        began = self._clock.monotonic()
        while (wait := self._wait(domain)) > 0:
            if self._clock.monotonic() + wait - began > PATIENCE:
                raise refused or RateLimited(
                    f"The service limits these requests; the next may leave in {wait:.0f} s.", status_code=429
                )
            await self._clock.sleep(wait)
        domain.sent.append(self._clock.monotonic())

    def refused(self, name: str, period: float | None) -> float:
        """The service answered 429; `period` is the window it named. Returns the seconds to wait.

        Waits 2^n * 200 ms (the vendor's advice) and at least the window, with up to 25 % on top so that many clients
        do not come back at once.
        """
        domain = self._domain(name)
        now = self._clock.monotonic()
        wait = FIRST_WAIT * float(2**domain.refusals)
        if period is not None and _sensible(period):
            # What left within the window, less the refused one, is what the window holds.
            within = sum(1 for at in domain.sent if at > now - period)
            if within > FEW:
                domain.learned[period] = (within - 1, now + max(BELIEVED, 10 * period))
            wait = max(wait, period)
        domain.refusals = min(domain.refusals + 1, 12)
        wait = min(wait, LONGEST_WAIT) * (1 + self._random.random() / 4)
        domain.blocked_until = max(domain.blocked_until, now + wait)
        return wait

    def answered(self, name: str, *, throttled: bool, period: float | None) -> None:
        """The service took a request; `throttled` is its word that the bucket is empty now."""
        domain = self._domain(name)
        domain.refusals = 0
        if throttled:
            wait = period if period is not None and _sensible(period) else FIRST_WAIT
            domain.blocked_until = self._clock.monotonic() + wait

    def backoff(self, attempt: int) -> float:
        """Seconds before attempt number `attempt` (from 1) of a read: full jitter over 2^n * 200 ms."""
        return self._random.uniform(0.5, 1.0) * FIRST_WAIT * float(2**attempt)

    def _wait(self, domain: _Domain) -> float:
        now = self._clock.monotonic()
        waits = [domain.blocked_until - now]
        for period, (allowed, until) in domain.learned.items():
            if until <= now:
                continue
            if len(domain.sent) >= allowed and domain.sent[-allowed] > now - period:
                waits.append(domain.sent[-allowed] + period - now)
        return max(waits)

    def _domain(self, name: str) -> _Domain:
        return self._domains.setdefault(name, _Domain())


def _sensible(period: float) -> bool:
    """Whether a service means the window it names: what is longer than we ever wait is ignored."""
    return 0 < period <= LONGEST_WAIT
