"""Events of tests as their vendor would send them, so that they go through the stream's own field mapping."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from playbooks_engine.language.mapping import FieldMapping, MappedEvent
from playbooks_engine.language.suggesting import did_you_mean
from playbooks_engine.sdk.times import as_json, format_time
from playbooks_engine.testing.playbooks.fixtures import merged
from playbooks_engine.testing.playbooks.suite import GivenEvent


class NoEvent(Exception):
    """What a test gives is no event of its stream; `name` is the field that it is about, if any."""

    def __init__(self, message: str, suggestion: str | None = None, name: str = "") -> None:
        super().__init__(message)
        self.message, self.suggestion, self.name = message, suggestion, name


def arrival(mapping: FieldMapping, stream: str, given: GivenEvent, now: datetime) -> MappedEvent:
    """The event as it is when it arrives at `now`; raises NoEvent."""
    raw = copy.deepcopy(dict(given.raw))
    _set(mapping, stream, raw, {**given.fields, **given.change})
    return _mapped(mapping, stream, raw, now)


def changed(mapping: FieldMapping, stream: str, before: Mapping[str, Any], given: GivenEvent, now: datetime) -> Any:
    """An event that was there as `before` (the vendor's JSON), changed; its version is the time of the change."""
    raw = merged(copy.deepcopy(dict(before)), dict(given.raw))
    if mapping.version is not None and mapping.version.keys:
        _put(raw, mapping.version.keys, format_time(now))
    _set(mapping, stream, raw, given.change)
    return _mapped(mapping, stream, raw, now)


def _set(mapping: FieldMapping, stream: str, raw: dict[str, Any], fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        if name not in mapping.fields:
            known = did_you_mean(name, mapping.fields, f"the fields are: {', '.join(mapping.fields)}")
            raise NoEvent(f"events of {stream} have no field '{name}'", known, name)
        keys = mapping.fields[name].path.keys
        if not keys or not all(isinstance(key, str) for key in keys):
            written = mapping.fields[name].written
            raise NoEvent(f"'{name}' is read from {written}, which is no single place", "give it under `raw`", name)
        _put(raw, keys, as_json(value))


def _put(raw: dict[str, Any], keys: tuple[str | int, ...], value: Any) -> None:
    place: Any = raw
    for key in keys[:-1]:
        if not isinstance(place.get(key), dict):
            place[key] = {}
        place = place[key]
    place[keys[-1]] = value


def _mapped(mapping: FieldMapping, stream: str, raw: dict[str, Any], now: datetime) -> MappedEvent:
    version = mapping.version
    if version is not None and version.keys and not version.find(raw):
        _put(raw, version.keys, format_time(now))
    try:
        return mapping.event(raw)
    except ValueError as error:
        name = str(error).partition(":")[0]
        told = f"this is no event of {stream}: {error}"
        raise NoEvent(told, None, name if name in mapping.fields else "") from None
