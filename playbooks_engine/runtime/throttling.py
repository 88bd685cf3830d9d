"""Rate limits: one set of buckets for each domain of each connection, taught by the service's own answers."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import timedelta

from playbooks_engine.errors import CommandFailed, RateLimited, StoreUnusable
from playbooks_engine.runtime.buckets import BELIEVED, FIRST_WAIT, Bucket, Domain
from playbooks_engine.runtime.clock import Clock
from playbooks_engine.store.throttles import Throttled, Throttles

LONGEST_WAIT = 300.0
PATIENCE = 120.0
"""Seconds that one request waits for its turn before it fails as rate_limited."""
HURRY = 5.0
"""The same for a check, which is to tell that the service limits it."""
REREAD = 1.0
"""Seconds between two looks, while throttled, at what other processes have learned."""


class Throttle:
    """Lets requests leave no faster than the service takes them. Processes on one store share what they learn."""

    def __init__(self, clock: Clock, connection: str = "", shared: Throttles | None = None) -> None:
        self._clock = clock
        self._connection = connection
        self._shared = shared
        self._domains: dict[str, Domain] = {}
        self._random = random.Random()  # noqa: S311 - jitter, not a secret
        self._read_at = clock.monotonic()
        self._read()

    async def turn(self, name: str, refused: CommandFailed | None = None, patience: float = PATIENCE) -> float:
        """Wait until a request of this domain may leave, and say when it did; RateLimited after `patience` seconds.

        Whoever waits has drawn a token of later, and nobody wakes in vain. A refusal voids what was drawn before.
        """
        domain = self._domain(name)
        began = now = self._clock.monotonic()
        drawn_at = -1.0
        while domain.blocked_until > now or not (drawn_at > domain.refused_at or domain.free):
            if now - self._read_at >= REREAD:
                self._read_at = now
                self._read()
            blocked = domain.blocked_until > now
            if domain.lessons and not blocked:
                domain.learn(now)
                self._write(name, domain, now)
            at = domain.blocked_until if blocked else domain.ready(now)
            if at - began > patience:
                raise refused or RateLimited(
                    f"The service limits these requests; the next may leave in {at - now:.0f} s.", status_code=429
                )
            if not blocked:
                domain.draw(at)
                drawn_at = now
            if at > now:
                await self._clock.sleep(at - now)
                now = self._clock.monotonic()
        domain.sent.append(now)
        return now

    def refused(self, name: str, period: float | None, left: float | None = None) -> float:
        """The service answered 429; `period` is the window it named. Returns the seconds to wait.

        Waits 2^n * 200 ms (the vendor's advice) and at least the window, with up to 25 % on top so that many clients
        do not come back at once. `left` is what `turn` said: what left before an earlier refusal came adds nothing.
        """
        domain = self._domain(name)
        now = self._clock.monotonic()
        with suppress(ValueError):
            domain.sent.remove(left)  # type: ignore[arg-type]  # None is not in it
        period = period if period is not None and _sensible(period) else None
        if left is not None and domain.knew(period, left):
            return max(0.0, domain.blocked_until - now)
        wait = FIRST_WAIT * float(2**domain.refusals)
        if period is not None:
            domain.lessons.setdefault(period, now)
            wait = max(wait, period)
        wait = min(wait, LONGEST_WAIT) * (1 + self._random.random() / 4)
        domain.refuse(now, now + wait)
        self._write(name, domain, now)
        return wait

    def answered(self, name: str, *, throttled: bool, period: float | None) -> None:
        """The service took a request; `throttled` is its word that the bucket is empty now."""
        domain = self._domain(name)
        domain.refusals = 0
        if throttled:
            now = self._clock.monotonic()
            known = period is not None and _sensible(period)
            if period is not None and known:
                domain.lessons.setdefault(period, now)
            domain.blocked_until = max(domain.blocked_until, now + (period if period and known else FIRST_WAIT))

    def backoff(self, attempt: int) -> float:
        """Seconds before attempt number `attempt` (from 1) of a read: full jitter over 2^n * 200 ms."""
        return self._random.uniform(0.5, 1.0) * FIRST_WAIT * float(2**attempt)

    def _domain(self, name: str) -> Domain:
        found = self._domains.get(name)
        return found if found is not None else self._domains.setdefault(name, Domain())

    def _read(self) -> None:
        """Take over what another process has learned since."""
        if self._shared is None:
            return
        rows: list[Throttled] = []
        with suppress(StoreUnusable):  # then we find out for ourselves
            rows = self._shared.known(self._connection)
        for row in rows:
            domain = self._domain(row.domain)
            if domain.told is not None and row.learned_at <= domain.told:
                continue
            domain.told = row.learned_at
            now, today = self._clock.monotonic(), self._clock.now()
            blocked = (row.blocked_until - today).total_seconds()
            if blocked <= LONGEST_WAIT * 1.25:  # more is a clock that was set
                domain.blocked_until = max(domain.blocked_until, now + blocked)
            until = now + BELIEVED - max(0.0, (today - row.learned_at).total_seconds())
            for period, size in row.limits.items():
                domain.buckets[float(period)] = Bucket(size, float(period), until)

    def _write(self, name: str, domain: Domain, now: float) -> None:
        if self._shared is None:
            return
        domain.told = today = self._clock.now()
        blocked_until = today + timedelta(seconds=max(0.0, domain.blocked_until - now))
        limits = {str(period): bucket.size for period, bucket in domain.buckets.items() if bucket.until > now}
        self._shared.keep(Throttled(self._connection, name, blocked_until, limits, today))


def _sensible(period: float) -> bool:
    """Whether a service means the window it names: what is longer than we ever wait is ignored."""
    return 0 < period <= LONGEST_WAIT
