"""A run that waits for another one needs no place meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(eq=False)
class Place:
    """The place of one run among those executed at the same time."""

    waiting: int = 0
    """How many of its calls wait for another run."""


PLACE: ContextVar[Place | None] = ContextVar("place", default=None)


@contextmanager
def waiting_for_another() -> Iterator[None]:
    """Within this, the run needs no place: the one it waits for may have to get one first."""
    place = PLACE.get()
    if place is None:
        yield
        return
    place.waiting += 1
    try:
        yield
    finally:
        place.waiting -= 1
