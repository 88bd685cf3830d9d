"""Numbers, times and spans as people read them."""

from __future__ import annotations

from datetime import UTC, datetime


def number(count: int, thing: str, many: str = "") -> str:
    """`1 file`, `2 files`, `1,200 files`."""
    return f"{count:,} {thing if count == 1 else many or f'{thing}s'}"


def moment(time: datetime | None) -> str:
    """`2026-11-22 03:10:02`, in UTC."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S}" if time is not None else "-"


def seconds(span: float | None) -> str:
    """`0.12 s`, `3.4 s`, `2 min 5 s`."""
    if span is None:
        return "-"
    if span < 1:
        return f"{span:.2f} s"
    if span < 60:
        return f"{span:.1f} s"
    minutes, rest = divmod(round(span), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def one_line(text: object, longest: int = 100) -> str:
    """A text on one line, cut where it gets long."""
    flat = " ".join(str(text).split())
    return flat if len(flat) <= longest else f"{flat[: longest - 1]}…"
