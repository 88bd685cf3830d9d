"""Judging the fields of a request body: what is missing, of the wrong shape, or too long."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from connectors.opsgenie.simulator.instants import read
from connectors.opsgenie.simulator.refusals import unprocessable

PRIORITIES = ("P1", "P2", "P3", "P4", "P5")


class Fields:
    """The fields of one body. Reasons pile up until `done` refuses with all of them."""

    def __init__(self, body: Mapping[str, Any], *, truncate: bool = False) -> None:
        self._body = body
        self._truncate = truncate
        self._prefix = ""
        self.errors: dict[str, str] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._body

    def refuse(self, name: str, reason: str) -> None:
        """Note a reason against a field."""
        self.errors.setdefault(self._prefix + name, reason)

    def inside(self, name: str, *, required: bool = False) -> "Fields | None":
        """The fields of an object in a field; their reasons are noted here, under names with a #."""
        value = self._body.get(name)
        if value is None:
            if required:
                self.refuse(name, f"{_words(name)} can not be empty.")
            return None
        if not isinstance(value, dict):
            self.refuse(name, f"{_words(name)} must be an object.")
            return None
        return self._part(name, value)

    def each(self, name: str, *, required: bool = False, most: int = 1000) -> "list[Fields]":
        """The same for every object of a list."""
        value = self._body.get(name)
        if value is None or value == []:
            if required:
                self.refuse(name, f"{_words(name)} can not be empty.")
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.refuse(name, f"{_words(name)} must be a list of objects.")
            return []
        if len(value) > most:
            self.refuse(name, f"{_words(name)} can have at most {most} items.")
        return [self._part(name, item) for item in value]

    def _part(self, name: str, value: Mapping[str, Any]) -> "Fields":
        part = Fields(value, truncate=self._truncate)
        part._prefix, part.errors = f"{self._prefix}{name}#", self.errors
        return part

    def moment(self, name: str, *, required: bool = False) -> datetime | None:
        value = self._body.get(name)
        if value is None or value == "":
            if required:
                self.refuse(name, f"{_words(name)} can not be empty.")
            return None
        try:
            moment = read(value)
        except (ValueError, OverflowError):
            self.refuse(name, f"{_words(name)} must be a date and time.")
            return None
        if not 1990 < moment.year < 2200:
            self.refuse(name, f"{_words(name)} must be a date and time.")
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def whole(self, name: str, least: int, most: int, *, required: bool = False) -> int | None:
        value = self._body.get(name)
        if value is None:
            if required:
                self.refuse(name, f"{_words(name)} can not be empty.")
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            self.refuse(name, f"{_words(name)} must be a number from {least} to {most}.")
            return None
        return value

    def zone(self, name: str) -> str | None:
        value = self.text(name, 512)
        if value is None:
            return None
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            self.refuse(name, f"Invalid time zone [{value}].")
            return None
        return value

    def done(self) -> None:
        if self.errors:
            raise unprocessable(self.errors)

    def text(self, name: str, limit: int, *, required: bool = False) -> str | None:
        value = self._body.get(name)
        if value is None or value == "":
            if required:
                self.refuse(name, f"{_words(name)} can not be empty.")
            return None
        if not isinstance(value, str):
            self.refuse(name, f"{_words(name)} must be a string.")
            return None
        return self._fitting(name, value, limit)

    def choice(self, name: str, choices: Iterable[str], *, required: bool = False) -> str | None:
        value = self.text(name, 100, required=required)
        if value is not None and value not in choices:
            self.refuse(name, f"Invalid {_words(name).lower()} [{value}]; must be one of {', '.join(choices)}.")
            return None
        return value

    def texts(self, name: str, most: int, limit: int, *, required: bool = False) -> list[str]:
        value = self._body.get(name)
        if value is None or value == []:
            if required:
                self.refuse(name, f"{_words(name)} can not be empty.")
            return []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.refuse(name, f"{_words(name)} must be a list of strings.")
            return []
        if len(value) > most:
            if not self._truncate:
                self.refuse(name, f"{_words(name)} can have at most {most} items.")
            value = value[:most]
        return [self._fitting(name, item, limit) for item in value]

    def mapping(self, name: str, total: int, *, required: bool = False) -> dict[str, str]:
        value = self._body.get(name)
        if value is None or value == {}:
            if required:
                self.refuse(name, f"{_words(name)} can not be empty.")
            return {}
        if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
            self.refuse(name, f"{_words(name)} must be a map of strings.")
            return {}
        if sum(len(key) + len(item) for key, item in value.items()) > total:
            self.refuse(name, f"{_words(name)} can not be longer than {total} characters in total.")
        return dict(value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self._body.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.refuse(name, f"{_words(name)} must be true or false.")
        return value is True

    def recipients(self, name: str, most: int, kinds: Iterable[str]) -> list[dict[str, str]]:
        value = self._body.get(name) or []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.refuse(name, f"{_words(name)} must be a list of objects.")
            return []
        if len(value) > most:
            self.refuse(name, f"{_words(name)} can have at most {most} items.")
        for item in value:
            if item.get("type") not in kinds:
                self.refuse(f"{name}#type", f"Invalid recipient type '{item.get('type')}'")
            elif not any(isinstance(item.get(part), str) for part in ("id", "name", "username")):
                self.refuse(f"{name}#id", "Either id or name must be given.")
        return value

    def reference(self, name: str, *parts: str) -> dict[str, str]:
        """A required object that names something by one of a few parts."""
        value = self._body.get(name)
        if not isinstance(value, dict) or not any(isinstance(value.get(part), str) for part in parts):
            self.refuse(name, f"{_words(name)} must have one of {', '.join(parts)}.")
            return {}
        return {part: value[part] for part in parts if isinstance(value.get(part), str)}

    def _fitting(self, name: str, value: str, limit: int) -> str:
        if len(value) > limit and not self._truncate:
            self.refuse(name, f"{_words(name)} can not be longer than {limit} characters.")
        return value[:limit]


def _words(name: str) -> str:
    return name[:1].upper() + name[1:]
