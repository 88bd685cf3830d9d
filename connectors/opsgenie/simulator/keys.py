"""API keys: their two kinds, their four rights, and how a request shows one."""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Literal

from connectors.opsgenie.simulator.refusals import NOT_AUTHORIZED, Refused

_SHAPE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

RIGHTS = {"R": "read", "U": "create and update", "D": "delete", "C": "configuration access"}


@dataclass
class Key:
    """One API key."""

    value: str
    name: str
    kind: Literal["integration", "settings"] = "integration"
    rights: str = "RUDC"
    enabled: bool = True
    integration_id: str = ""

    def __post_init__(self) -> None:
        if not _SHAPE.fullmatch(self.value):
            raise ValueError(f"a key has the form of a UUID, and that of {self.name!r} has not")
        if set(self.rights) - set(RIGHTS):
            raise ValueError(f"the rights of {self.name!r} may be {''.join(RIGHTS)}, not {self.rights}")

    def __repr__(self) -> str:
        return f"Key(name={self.name!r}, kind={self.kind!r}, rights={self.rights!r}, enabled={self.enabled})"

    def authorize(self, right: str, *, configuration: bool, alert_write: bool, noun: str) -> None:
        """Refuse what this key may not do."""
        if alert_write and self.kind == "settings":
            message = "To perform this action, use an API key from an API integration."
            raise Refused(403, message, code=NOT_AUTHORIZED)
        needed = right + ("C" if configuration else "")
        if any(letter not in self.rights for letter in needed):
            message = f"Api key is not authorized to access the {noun}"
            raise Refused(403, message, code=NOT_AUTHORIZED)


def authenticate(header: str | None, keys: list[Key]) -> Key:
    """The key a request shows. Its shape is judged before its value, as the vendor does."""
    value = _shown(header or "")
    if not _SHAPE.fullmatch(value):
        raise Refused(422, "Key format is not valid!")
    for key in keys:
        if key.value.lower() == value.lower() and key.enabled:
            return key
    raise _unknown()


def _shown(header: str) -> str:
    scheme, _, rest = header.partition(" ")
    if scheme == "GenieKey":
        return rest.strip()
    if scheme == "Basic":
        try:
            user, colon, value = base64.b64decode(rest.strip(), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise _unknown() from None
        if user == "" and colon:
            return value
    raise _unknown()


def _unknown() -> Refused:
    return Refused(401, "Could not authenticate")
