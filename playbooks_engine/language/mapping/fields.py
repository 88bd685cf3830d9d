"""A field mapping at work: which events an answer holds, and what their fields are."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Literal

from playbooks_engine.language.mapping.paths import Path, PathProblem, compile_path
from playbooks_engine.language.suggesting import shown
from playbooks_engine.sdk.times import moment_of

FieldType = Literal["string", "integer", "number", "boolean", "datetime", "list", "map"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WHOLE = re.compile(r"[+-]?[0-9]{1,80}")
_ABSENT: Any = object()


@dataclass(frozen=True)
class Field:
    """One field of an event: where it stands, what D3 calls it, what it is, and what it is when it is absent."""

    path: Path
    written: str
    label: str = ""
    type: FieldType | None = None
    default: Any = None


@dataclass(frozen=True)
class MappedEvent:
    """One event; `version` is a text that sorts, `raw` the vendor's JSON."""

    key: str
    version: str | None
    fields: dict[str, Any]
    raw: dict[str, Any]


@dataclass(frozen=True)
class Mapped:
    """The events of one answer, those that could not be mapped, and what matched nothing at all."""

    events: list[MappedEvent] = field(default_factory=list)
    bad: list[tuple[int, str]] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)
    doubt: str | None = None


@dataclass(frozen=True)
class FieldMapping:
    """A field mapping; main path and key are absent only while `extends` still waits for its base."""

    stream: str = ""
    main_path: Path | None = None
    key: Path | None = None
    version: Path | None = None
    fields: Mapping[str, Field] = field(default_factory=lambda: MappingProxyType({}))
    extends: str | None = None

    def events(self, document: Any) -> Mapped:
        """The events of an answer; one that cannot be mapped never stops the others."""
        if self.main_path is None or self.key is None:
            raise ValueError("this mapping extends another and was not merged with it")
        try:
            found = self.main_path.find(document)
        except PathProblem as problem:
            return Mapped(doubt=f"the main path {self.main_path.text} cannot be followed: {problem}")
        if not found:
            return Mapped(doubt=self._why_nothing(document))
        items = found[0] if len(found) == 1 and isinstance(found[0], list) else found
        mapped, matched = Mapped(), set[str]()
        for index, item in enumerate(items):
            try:
                mapped.events.append(self._event(item, matched))
            except _Bad as bad:
                mapped.bad.append((index, str(bad)))
        if mapped.events:
            mapped.unmatched.extend(name for name in self.fields if name not in matched)
        return mapped

    def event(self, item: Any) -> MappedEvent:
        """One event in the vendor's JSON; raises ValueError with the reason when it cannot be mapped."""
        return self._event(item, set())

    def typed(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Fields that went through JSON, with times as times again."""
        restored = dict(fields)
        for name, known in self.fields.items():
            if known.type == "datetime" and isinstance(restored.get(name), str):
                restored[name] = moment_of(restored[name])
        return restored

    def _event(self, item: Any, matched: set[str]) -> MappedEvent:
        if not isinstance(item, dict):
            raise _Bad("it is not a map")
        assert self.key is not None  # noqa: S101 - events() has looked
        key = _single(self.key, item)
        if isinstance(key, bool) or not isinstance(key, str | int) or key == "":
            raise _Bad(f"it has no key at {self.key.text.removeprefix('$')}")
        fields = {name: _value(name, known, item, matched) for name, known in self.fields.items()}
        version = None if self.version is None else _version(_single(self.version, item))
        return MappedEvent(str(key), version, fields, item)

    def _why_nothing(self, document: Any) -> str:
        """D3's own text writes `$.data.id` for the id of each event, which by the RFC matches nothing."""
        assert self.main_path is not None  # noqa: S101 - events() has looked
        keys = self.main_path.keys or ()
        for count in range(1, len(keys)):
            stem = compile_path("$" + "".join(_segment(key) for key in keys[:count]))
            if any(isinstance(value, list) for value in stem.find(document)):
                rest = "".join(_segment(key) for key in keys[count:])
                return f"the main path {self.main_path.text} matches nothing; did you mean {stem.text}[*]{rest}?"
        return f"the main path {self.main_path.text} matches nothing in this answer"


class _Bad(ValueError):
    """This event cannot be mapped; the text says why."""


def merge(base: FieldMapping, override: FieldMapping) -> FieldMapping:
    """The base with everything that the override says, field by field."""
    return replace(
        base,
        stream=override.stream or base.stream,
        main_path=override.main_path or base.main_path,
        key=override.key or base.key,
        version=override.version or base.version,
        fields=MappingProxyType({**base.fields, **override.fields}),
        extends=None,
    )


def _segment(key: str | int) -> str:
    if isinstance(key, int):
        return f"[{key}]"
    return f".{key}" if re.fullmatch(r"[A-Za-z_]\w*", key, re.ASCII) else f"[{json.dumps(key)}]"


def _single(path: Path, item: Any) -> Any:
    try:
        found = path.find(item)
    except PathProblem as problem:
        raise _Bad(f"{path.text.removeprefix('$')} cannot be followed: {problem}") from None
    return found[0] if len(found) == 1 else None


def _value(name: str, known: Field, item: dict[str, Any], matched: set[str]) -> Any:
    try:
        found = known.path.find(item)
    except PathProblem as problem:
        raise _Bad(f"{name}: {known.written} cannot be followed: {problem}") from None
    if found:
        matched.add(name)
    value: Any = _ABSENT
    if known.path.keys is None and (found or known.type == "list") and known.type in (None, "list"):
        value = found if found else _ABSENT
    elif len(found) > 1:
        raise _Bad(f"{name}: {known.written} leads to {len(found)} values, and a {known.type} is one")
    elif found:
        value = found[0]
    if value is _ABSENT or value is None:
        return json.loads(json.dumps(known.default)) if isinstance(known.default, list | dict) else known.default
    return value if known.type is None else _CONVERSIONS[known.type](name, value)


def _version(value: Any) -> str | None:
    """A text that sorts as the versions do: times with all their digits, numbers with leading zeros."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, int):
        return f"{value:020d}"
    if isinstance(value, float):
        return f"{value:027.6f}" if math.isfinite(value) else None
    try:
        return f"{moment_of(value):%Y-%m-%dT%H:%M:%S.%fZ}"
    except ValueError:
        return value


def _unfit(name: str, value: Any, wanted: str) -> _Bad:
    said = f"'{shown(value, 40)}'" if isinstance(value, str | int | float) else type(value).__name__
    words = {"dict": "a map", "list": "a list", "NoneType": "null"}
    return _Bad(f"{name}: {words.get(said, said)} is not {wanted}")


def _string(name: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    raise _unfit(name, value, "text")


def _integer(name: str, value: Any) -> int:
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        return int(value)
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise _unfit(name, value, "a whole number")


def _number(name: str, value: Any) -> float:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            raise _unfit(name, value, "a number") from None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _unfit(name, value, "a number")
    return value


def _boolean(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise _unfit(name, value, "true or false")


def _datetime(name: str, value: Any) -> datetime:
    try:
        if isinstance(value, str):
            return moment_of(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _EPOCH + timedelta(milliseconds=value)
    except (ValueError, OverflowError):
        pass
    raise _unfit(name, value, "a time")


def _list(name: str, value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    raise _unfit(name, value, "a list")


def _map(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise _unfit(name, value, "a map")


_CONVERSIONS: dict[str, Callable[[str, Any], Any]] = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "datetime": _datetime,
    "list": _list,
    "map": _map,
}
