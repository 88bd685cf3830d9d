"""What an expression can see, and what one evaluation has spent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import thread_time
from typing import Any

from playbooks_engine.language.expressions import limits
from playbooks_engine.language.expressions.trouble import Trouble

ROOTS = ("inputs", "vars", "event", "steps", "item", "loop", "run", "error", "output")
"""Every root the language has; a loop's `as` gives `item` another name, `output` is what a `repeat` just got."""

_UNCOUNTED = 256
_LOOK = 64


@dataclass(frozen=True)
class Scope:
    """The roots by name, and the clock that `now()` and `ago()` read."""

    roots: Mapping[str, Any]
    now: Callable[[], datetime]


class Evaluation:
    """One evaluation: the scope, a count of what was looked at, and what a condition saw."""

    __slots__ = ("now", "roots", "seen", "spent", "started")

    def __init__(self, scope: Scope, seen: list[tuple[str, Any]] | None = None) -> None:
        self.roots = scope.roots
        self.now = scope.now
        self.spent = 0
        self.started: float | None = None
        self.seen = seen

    def spend(self, items: int) -> None:
        """Count items; raise Trouble when there were too many, or they took too long."""
        self.spent += items
        if self.spent <= _UNCOUNTED:
            return
        if self.spent > limits.STEPS:
            raise Trouble(f"looks at more than {limits.STEPS:,} items", "filter the list earlier, in the query")
        if self.started is None:
            self.started = thread_time()
        elif thread_time() - self.started > limits.SECONDS:
            raise Trouble(f"takes longer than {limits.SECONDS * 1000:.0f} ms", "work on fewer items at a time")

    def each(self, items: Sequence[Any]) -> Iterator[Any]:
        """The items one by one, with a look at the time now and then: what is done with each may be slow."""
        for number, item in enumerate(items, 1):
            if number % _LOOK == 0:
                self.spend(0)
            yield item

    def into(self, container: Any) -> Any:
        """What `in` is about to look through, counted: inside a filter it does so for each item."""
        if isinstance(container, list | tuple):
            self.spend(len(container) // 16)
        elif isinstance(container, str):
            self.spend(len(container) // 4_096)
        return container
