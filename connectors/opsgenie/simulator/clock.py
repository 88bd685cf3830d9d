"""The simulator's time: it runs, stands still, jumps and is set."""

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """Time as the simulated company sees it, in whole milliseconds as the vendor writes it."""

    def __init__(self, start: datetime | None = None, *, frozen: bool = False) -> None:
        self._start = start
        self._frozen_at_start = frozen
        self.restart()

    def restart(self) -> None:
        """Back to how it was when made."""
        self.frozen = self._frozen_at_start
        self.set(self._start or datetime.now(UTC))

    def now(self) -> datetime:
        passed = 0.0 if self.frozen else time.monotonic() - self._since
        moment = self._base + timedelta(seconds=passed)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def set(self, moment: datetime) -> None:
        self._base = moment.astimezone(UTC)
        self._since = time.monotonic()

    def advance(self, seconds: float) -> None:
        self._base += timedelta(seconds=seconds)

    def freeze(self) -> None:
        self.set(self.now())
        self.frozen = True

    def run(self) -> None:
        self.set(self.now())
        self.frozen = False


def stopwatch() -> float:
    """Real seconds, for measuring how long an answer took."""
    return time.perf_counter()
