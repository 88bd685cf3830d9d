"""When a service is down: retries have a budget, and after failures in a row only a probe leaves now and then."""

from __future__ import annotations

from playbooks_engine.errors import CommandFailed, ConnectionFailed, TimedOut
from playbooks_engine.runtime.clock import Clock

BUDGET = 500
RETRY = 5
RETRY_AFTER_TIMEOUT = 10
IN_A_ROW = 10
"""So many requests that failed, with none answered in between, and the service counts as down."""
PROBE_EVERY = 20.0
"""Seconds between two requests to a service that is down."""


class Breaker:
    """What one connection's failures allow. A person's own change is never held back; reads and playbooks are."""

    def __init__(self, clock: Clock, connection: str) -> None:
        self._clock = clock
        self._connection = connection
        self._tokens = BUDGET
        self._failures = 0
        self._probe_at = 0.0
        self._cause = ""

    @property
    def open(self) -> bool:
        return self._failures >= IN_A_ROW

    def admit(self) -> None:
        """Raise ConnectionFailed while the service is down, but for one request every `PROBE_EVERY` seconds."""
        if not self.open:
            return
        now = self._clock.monotonic()
        if now < self._probe_at:
            raise ConnectionFailed(
                f'Connection "{self._connection}" is down: the last {self._failures} requests failed. '
                f"Nothing was sent; the next try is in {self._probe_at - now:.0f} s.",
                hint=f"The last failure was: {self._cause}",
            )
        self._probe_at = now + PROBE_EVERY

    def answered(self) -> None:
        """The service took or refused a request: it is up."""
        self._failures = 0
        self._tokens = min(BUDGET, self._tokens + 1)

    def failed(self, cause: CommandFailed) -> None:
        """No answer came, or the service failed on its side."""
        self._failures += 1
        self._cause = cause.message
        if self._failures == IN_A_ROW:
            self._probe_at = self._clock.monotonic() + PROBE_EVERY

    def may_retry(self, cause: CommandFailed) -> bool:
        """Pay for sending again; False when nothing is left, or the service counts as down."""
        price = RETRY_AFTER_TIMEOUT if isinstance(cause, TimedOut) else RETRY
        if self.open or self._tokens < price:
            return False
        self._tokens -= price
        return True
