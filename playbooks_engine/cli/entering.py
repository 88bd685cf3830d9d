"""The one place where a command enters the event loop."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any


def enter(work: Coroutine[Any, Any, int]) -> int:
    """Do the work of a command; returns its exit status."""
    # asyncio costs 30 ms to import, which help and completion need not pay.
    import asyncio

    return asyncio.run(work)
