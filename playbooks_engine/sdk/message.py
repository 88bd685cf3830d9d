"""Messages to people, as values."""

from __future__ import annotations

from dataclasses import dataclass, field

from playbooks_engine.sdk.secret import Secret


@dataclass(frozen=True, slots=True)
class Message:
    """One message to everybody behind `urls` (references to addresses that hold credentials).

    A command leaves `urls` empty: it knows no connection, and the sender takes the addresses of its own.
    """

    body: str
    title: str = ""
    urls: tuple[Secret, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Delivery:
    """How many addresses took the message, and the id it went under."""

    id: str
    delivered: int


@dataclass(frozen=True, slots=True)
class Reached:
    """What was found of one address without sending a message; `address` is the reference to it, never itself."""

    address: str
    found: str
