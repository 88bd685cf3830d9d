"""Times as text: how long ago, how long it took, and when exactly."""

from __future__ import annotations

from datetime import UTC, datetime

_DAY = 86_400.0
_UNITS = ((_DAY, "d"), (3_600.0, "h"), (60.0, "min"))


def stamp(moment: datetime | None) -> str | None:
    """`2026-11-22T16:18:43.120Z`, for programs; microseconds only where there are any."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def exact(moment: datetime, now: datetime) -> str:
    """`16:18:43` on the same day, `22 Nov 16:18:43` in the same year, with the year otherwise; always UTC."""
    moment, now = moment.astimezone(UTC), now.astimezone(UTC)
    clock = f"{moment:%H:%M:%S}"
    if moment.date() == now.date():
        return clock
    day = f"{moment.day} {moment:%b}"
    return f"{day} {clock}" if moment.year == now.year else f"{day} {moment.year} {clock}"


def ago(moment: datetime, now: datetime) -> str:
    """`just now`, `12 s ago`, `3 min ago`, `2 h ago`, `4 d ago`; `in 5 min` for what is to come."""
    seconds = (now - moment).total_seconds()
    if abs(seconds) < 2:
        return "just now"
    told = _rough(abs(seconds))
    return f"{told} ago" if seconds > 0 else f"in {told}"


def since(moment: datetime, now: datetime) -> str:
    """How long something has been so: `12 s`, `3 min`, `2 h`."""
    return _rough(max(0.0, (now - moment).total_seconds()))


def span(seconds: float | None) -> str:
    """How long something took, to about three digits: `0.4 ms`, `85 ms`, `3.2 s`, `2 min 5 s`, `1 h 3 min`."""
    if seconds is None:
        return ""
    if seconds < 0.001:
        return "< 1 ms"
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    for size, unit, smaller, name in ((86_400, "d", 3_600, "h"), (3_600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            rest = whole % size // smaller
            return f"{whole // size} {unit} {rest} {name}" if rest else f"{whole // size} {unit}"
    return f"{whole} s"  # pragma: no cover - 59.95 seconds and more are a minute


def between(start: datetime | None, end: datetime | None) -> float | None:
    """Seconds from one to the other, where both are known."""
    return (end - start).total_seconds() if start is not None and end is not None else None


def _rough(seconds: float) -> str:
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"
