"""People and keys out of data that is to be shared: the same value becomes the same stand-in wherever it stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+")
# With a plus, or as Opsgenie writes them: the country, a dash, the number.
_PHONE = re.compile(r"(?<![\w.-])(?:\+|00)[1-9][\d ().-]{6,17}\d(?![\w-])|(?<![\w.-])[1-9]\d{0,2}-\d{6,12}(?![\w-])")
_TOKEN = re.compile(
    r"(?<=GenieKey )\S+|(?<=Bearer )\S+|(?<=Basic )\S+"
    r"|\beyJ[\w-]+\.[\w-]+\.[\w-]*"
    r"|(?<=[?&]key=)[^&\s]+|(?<=[?&]token=)[^&\s]+|(?<=[?&]secret=)[^&\s]+|(?<=[?&]apiKey=)[^&\s]+"
    r"|\b(?=\w*\d)(?=\w*[A-Za-z])\w{20,}\b"
)
_SECRET_KEYS = re.compile(r"(?:api_?key|token|secret|passw|authorization|credential)", re.IGNORECASE)
_PHONE_KEYS = re.compile(r"(?:phone|mobile|^sms$|^voice$)", re.IGNORECASE)
_NAME_KEYS = frozenset(
    {
        "fullname", "full_name", "firstname", "first_name", "lastname", "last_name", "displayname", "display_name",
        "realname", "by", "owner", "acknowledgedby", "closedby", "createdby", "author", "actor", "assignee", "reporter",
    }
)  # fmt: skip
_SHORTEST = 3
"""Letters of a part of a name that is masked by itself: shorter ones would hit ordinary words."""


class Mask:
    """Learns from some data who and what is to be masked, and then masks any data the same way."""

    def __init__(self) -> None:
        self._stand_ins: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._names: re.Pattern[str] | None = None
        self._parts: dict[str, str] = {}
        self._whole: dict[str, str] = {}

    def learn(self, data: Iterable[Any]) -> None:
        """Find the names of people, and what stands under keys that hold secrets and phone numbers."""
        for value in data:
            self._look(value)
        words = sorted(self._parts, key=len, reverse=True)
        if words:
            self._names = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, words)) + r")(?!\w)", re.IGNORECASE)

    def data(self, value: Any) -> Any:
        """The data with stand-ins."""
        match value:
            case str():
                return self.text(value)
            case Mapping():
                return {self._patterns(str(key)): self.data(part) for key, part in value.items()}
            case list() | tuple():
                return [self.data(part) for part in value]
            case _:
                return value

    def text(self, text: str) -> str:
        """One text with stand-ins."""
        for known in sorted(self._whole, key=len, reverse=True):
            text = text.replace(known, self._whole[known])
        text = self._patterns(text)
        if self._names is not None:
            text = self._names.sub(lambda found: self._parts[found[0].lower()], text)
        return text

    def _patterns(self, text: str) -> str:
        for pattern, make in ((_EMAIL, self._email), (_TOKEN, self._token), (_PHONE, self._phone)):
            text = pattern.sub(lambda found, make=make: make(found[0]), text)  # type: ignore[misc]
        return text

    def _look(self, value: Any, key: str = "", person: bool = False) -> None:
        if isinstance(value, Mapping):
            about = value.get("type") == "user" or any(name in value for name in ("username", "fullName", "email"))
            for name, part in value.items():
                self._look(part, str(name), about)
        elif isinstance(value, list | tuple):
            for part in value:
                self._look(part, key, person)
        elif isinstance(value, str) and value:
            self._learn(key, value, person)

    def _learn(self, key: str, value: str, person: bool) -> None:
        if _SECRET_KEYS.search(key):
            self._whole[value] = self._token(value)
        elif _PHONE_KEYS.search(key) and sum(char.isdigit() for char in value) >= 5:
            self._whole[value] = self._phone(value)
        elif (key.lower() in _NAME_KEYS or (person and key == "name")) and "@" not in value:
            for word in re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", value):
                if len(word) >= _SHORTEST and word.lower() not in self._parts:
                    self._parts[word.lower()] = self._new("name", lambda n: f"Name{n}")

    def _email(self, value: str) -> str:
        return self._known("email", value.lower(), lambda n: f"person{n}@example.com")

    def _phone(self, value: str) -> str:
        if value in self._stand_ins.values():
            return value
        return self._known("phone", re.sub(r"\D", "", value), lambda n: f"+1-555-01{n:02d}")

    def _token(self, value: str) -> str:
        return value if value.startswith("masked-") else self._known("token", value, lambda n: f"masked-{n}")

    def _known(self, kind: str, value: str, make: Callable[[int], str]) -> str:
        if value in self._stand_ins.values():
            return value
        if value not in self._stand_ins:
            self._stand_ins[value] = self._new(kind, make)
        return self._stand_ins[value]

    def _new(self, kind: str, make: Callable[[int], str]) -> str:
        self._counts[kind] = self._counts.get(kind, 0) + 1
        return make(self._counts[kind])
