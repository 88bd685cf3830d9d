"""What changed from one version of an event to the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from playbooks_engine.store.events import VersionRow


@dataclass(frozen=True)
class Change:
    """One field that differs; `before` is None where it was added, `after` where it was removed."""

    name: str
    kind: Literal["added", "changed", "removed"]
    before: Any = None
    after: Any = None


@dataclass(frozen=True)
class Version:
    """One version and what it changed; `outside` says that only fields outside the mapping did."""

    row: VersionRow
    changes: tuple[Change, ...]
    outside: bool = False
    first: bool = False


def changes(before: Any, after: Any) -> tuple[Change, ...]:
    """The fields that differ, in the order of what is newer, then what was removed."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return () if before == after else (Change("", "changed", before, after),)
    return tuple(_changes(before, after))


def _changes(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    for name, value in after.items():
        if name not in before:
            yield Change(name, "added", after=value)
        elif not _same(before[name], value):
            yield Change(name, "changed", before[name], value)
    for name, value in before.items():
        if name not in after:
            yield Change(name, "removed", before=value)


def _same(one: Any, other: Any) -> bool:
    # True is 1 for Python, and a change of type for whoever reads JSON.
    return type(one) is type(other) and bool(one == other)


def history(rows: Sequence[VersionRow]) -> list[Version]:
    """Versions, newest first, each with what it changed against what was current before it."""
    told: list[Version] = []
    current: VersionRow | None = None
    for row in rows:
        if current is None:
            told.append(Version(row, (), first=True))
        else:
            mapped = changes(current.fields, row.fields)
            told.append(Version(row, mapped or changes(current.raw, row.raw), outside=not mapped))
        if row.was_current or current is None:
            current = row
    return told[::-1]


def headline(fields: dict[str, Any], key: str) -> str:
    """The field that says what the event is about; its key where no field does."""
    for name in ("message", "title", "summary", "name", "subject", "description"):
        value = fields.get(name)
        if isinstance(value, str) and value.strip():
            return value
    return key


def grade(fields: dict[str, Any]) -> str:
    """Its priority or severity, where it has one."""
    return _first(fields, "priority", "severity", "level")


def state(fields: dict[str, Any]) -> str:
    """Its status; an open event that somebody acknowledged says so."""
    status = _first(fields, "status", "state")
    return "acknowledged" if status == "open" and fields.get("acknowledged") is True else status


def _first(fields: dict[str, Any], *names: str) -> str:
    for name in names:
        value = fields.get(name)
        if isinstance(value, str | int | float) and not isinstance(value, bool) and value != "":
            return str(value)
    return ""
