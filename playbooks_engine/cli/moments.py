"""Times as people give them: a moment, or a span before now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import click


class Moment(click.ParamType[datetime | timedelta]):
    """ISO 8601, `2020-06-03 00:00` (UTC), or a duration such as 2h for so long ago."""

    name = "TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime | timedelta:
        from playbooks_engine.sdk.durations import parse_duration
        from playbooks_engine.sdk.times import moment_of

        try:
            return parse_duration(value)
        except ValueError:
            pass
        try:
            return moment_of(value)
        except ValueError:
            self.fail(
                f"{value!r} is not a time. Write 2026-05-01T10:12Z, 2026-05-01 10:12 (UTC), or 2h for two hours ago.",
                param,
                ctx,
            )


def at(given: datetime | timedelta | None, now: datetime) -> datetime | None:
    """The moment that was meant."""
    if isinstance(given, timedelta):
        return now - given
    return given.astimezone(UTC) if given is not None else None
