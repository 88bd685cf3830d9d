"""Token buckets, one pair for each request domain: what a second and what a minute may hold."""

from dataclasses import dataclass, field
from datetime import datetime

from connectors.opsgenie.simulator.refusals import Refused

# The vendor's figures are not published; these are generous and believable.
DEFAULTS = {
    "Alert": (100, 3000),
    "Search": (50, 1500),
    "Incident": (50, 1500),
    "Configuration": (50, 1500),
    "Integration Configuration": (50, 1500),
    "Heartbeat": (50, 1500),
    "Schedule-oncalls": (50, 1500),
}

TOO_MANY = "You are making too many requests! To avoid errors, we recommend you limit requests."


@dataclass
class _Bucket:
    size: float
    period: int
    tokens: float = field(init=False)
    filled_at: datetime | None = None

    def __post_init__(self) -> None:
        self.tokens = self.size

    def fill(self, now: datetime) -> None:
        passed = (now - self.filled_at).total_seconds() if self.filled_at else 0.0
        self.filled_at = now
        self.tokens = min(self.size, self.tokens + max(0.0, passed) * self.size / self.period)


class Limits:
    """The buckets of one account."""

    def __init__(self) -> None:
        self._buckets: dict[str, tuple[_Bucket, _Bucket]] = {}
        for domain, (per_second, per_minute) in DEFAULTS.items():
            self.set(domain, per_second=per_second, per_minute=per_minute)

    def set(self, domain: str, *, per_second: float | None = None, per_minute: float | None = None) -> None:
        """New sizes for a domain, with full buckets."""
        if domain not in DEFAULTS:
            raise ValueError(f"no request domain {domain!r}; there are {', '.join(DEFAULTS)}")
        second, minute = DEFAULTS[domain]
        self._buckets[domain] = (
            _Bucket(second if per_second is None else per_second, 1),
            _Bucket(minute if per_minute is None else per_minute, 60),
        )

    def sizes(self) -> dict[str, dict[str, float]]:
        return {
            domain: {"per_second": second.size, "per_minute": minute.size}
            for domain, (second, minute) in self._buckets.items()
        }

    def spend(self, domain: str, now: datetime) -> dict[str, str]:
        """Take one token from both windows of a domain; the headers of a success, or a 429."""
        buckets = self._buckets[domain]
        for bucket in buckets:
            bucket.fill(now)
        for bucket in reversed(buckets):
            if bucket.tokens < 1:
                raise Refused(429, TOO_MANY, headers=_headers("THROTTLED", bucket.period))
        for bucket in buckets:
            bucket.tokens -= 1
        # When BURST is said is not confirmed; here: the second's window is four fifths used up.
        hurried = buckets[0].tokens < buckets[0].size / 5
        return _headers("BURST" if hurried else "OK", 1 if hurried else 60)


def _headers(state: str, period: int) -> dict[str, str]:
    return {
        "X-RateLimit-State": state,
        "X-RateLimit-Reason": "ACCOUNT",
        "X-RateLimit-Period-In-Sec": str(period),
    }
