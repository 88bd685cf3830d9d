"""The kinds of column a table may have: text, whole numbers, instants, JSON; each must say what it holds."""

from __future__ import annotations

import json as slow_json
from collections.abc import Callable
from datetime import UTC, datetime
from math import isfinite
from typing import Any

from pydantic_core import PydanticSerializationError, from_json, to_json
from sqlalchemy import BigInteger, Boolean, Column, Dialect, Float, Integer, Text
from sqlalchemy.types import TypeDecorator

from playbooks_engine.errors import StoreUnusable


def instant_text(value: datetime) -> str:
    """UTC as fixed-width text, so that text order is time order. A time without a zone is refused."""
    if value.tzinfo is not UTC:
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value!r}")
        value = value.astimezone(UTC)
    return value.isoformat(timespec="microseconds")[:26] + "Z"


def instant_from(text: str) -> datetime:
    """The time that `instant_text` wrote; raises StoreUnusable for what it never writes."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise _damaged("a time") from None


def json_text(value: Any) -> str:
    """JSON that every database takes: what no JSON text may hold is made harmless here, at the door.

    NaN and the infinities become null; lone surrogates, NUL characters and bytes that are not UTF-8 become U+FFFD.
    One vendor's odd answer must not leave a run that cannot be recorded.
    """
    try:
        text = to_json(value, inf_nan_mode="null").decode()
    except (PydanticSerializationError, UnicodeError, ValueError):
        # Odd characters, or nested deeper than pydantic goes.
        return slow_json.dumps(_harmless(value), ensure_ascii=False, allow_nan=False, default=_plain)
    if "\\u0000" in text:
        return to_json(_harmless(value), inf_nan_mode="null").decode()
    return text


def json_from(text: str) -> Any:
    """The value that `json_text` wrote; raises StoreUnusable for what it never writes."""
    try:
        return from_json(text)
    except ValueError:
        pass
    try:
        return slow_json.loads(text)  # nested deeper than pydantic reads
    except ValueError:
        raise _damaged("JSON") from None


def _damaged(what: str) -> StoreUnusable:
    return StoreUnusable(
        f"The store is damaged: a value in it should be {what} and is not.",
        hint="`playbooks doctor` looks through all of it. Put a backup in its place: playbooks restore FILE",
    )


def plain_text(value: str) -> str:
    """Text that every database takes: lone surrogates and NUL characters become U+FFFD."""
    if value.isascii() and "\x00" not in value:
        return value
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\x00", "\ufffd")


def _harmless(value: Any) -> Any:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, dict):
        return {_harmless(name): _harmless(held) for name, held in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_harmless(held) for held in value]
    if isinstance(value, float) and not isfinite(value):
        return None
    return value


def _plain(value: Any) -> Any:
    """What the standard library does not write and pydantic does: times, models, enumerations."""
    return from_json(to_json(value, inf_nan_mode="null"))


# The processors are given whole, and not by process_bind_param: that would be one more call for every value stored.
class Words(TypeDecorator[str]):
    """Text, made harmless as in JSON."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], str | None]:
        return lambda value: None if value is None else plain_text(value)


class Instant(TypeDecorator[datetime]):
    """A moment, stored as `2026-11-22T15:27:17.123456Z`."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], str | None]:
        return lambda value: None if value is None else instant_text(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], datetime | None]:
        return lambda value: None if value is None else instant_from(value)


class Json(TypeDecorator[Any]):
    """Any JSON value, stored as text; None is NULL."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str | None]:
        return lambda value: None if value is None else json_text(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], Any]:
        return lambda value: None if value is None else json_from(value)


def number_key(comment: str) -> Column[int]:
    """The key `id`, counted up by the database."""
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, comment=comment)


def text(name: str, comment: str, *, key: bool = False, null: bool = False) -> Column[str]:
    return Column(name, Words, primary_key=key, nullable=null, comment=comment)


def whole(name: str, comment: str, *, key: bool = False, null: bool = False) -> Column[int]:
    kind = BigInteger().with_variant(Integer, "sqlite")
    return Column(name, kind, primary_key=key, nullable=null, autoincrement=False, comment=comment)


def fraction(name: str, comment: str, *, null: bool = False) -> Column[float]:
    return Column(name, Float, nullable=null, comment=comment)


def flag(name: str, comment: str, *, null: bool = False) -> Column[bool]:
    return Column(name, Boolean, nullable=null, comment=comment)


def instant(name: str, comment: str, *, key: bool = False, null: bool = False) -> Column[datetime]:
    return Column(name, Instant, primary_key=key, nullable=null, comment=comment)


def json(name: str, comment: str, *, null: bool = False) -> Column[Any]:
    return Column(name, Json, nullable=null, comment=comment)
