"""Steps of a run as a tree: each below its block or loop, items in their order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from playbooks_engine.store.journal import StepRow
from playbooks_engine.web.changes import headline

BAD = frozenset({"failed", "timed_out", "cancelled"})


@dataclass(frozen=True)
class Nested:
    """A step at its depth.

    `items` is how many loop items it went through, `within` the loop items it is in, `about` the item it is for.
    """

    row: StepRow
    depth: int
    items: int = 0
    within: tuple[str, ...] = ()
    about: Any = None


def parent_of(path: str) -> str | None:
    """The path of what a step is in: `a[0]/b` is in `a[0]`, that in `a`, and that in nothing."""
    if path.endswith("]"):
        return path[: path.rindex("[")]
    return path.rpartition("/")[0] or None


def nested(rows: Sequence[StepRow]) -> list[Nested]:
    """All steps, each right after what it is in. Steps side by side keep their order, items go by their index."""
    by_path = {row.path: row for row in rows}
    below: dict[str | None, list[StepRow]] = {}
    for row in rows:
        below.setdefault(_nearest(row.path, by_path), []).append(row)
    for path, children in below.items():
        if path is not None and any(row.path.endswith("]") for row in children):
            children.sort(key=lambda row: (not row.path.endswith("]"), row.item or 0))
    return list(_walk(below))


def _nearest(path: str, known: dict[str, StepRow]) -> str | None:
    parent = parent_of(path)
    while parent is not None and parent not in known:
        parent = parent_of(parent)
    return parent


def _walk(below: dict[str | None, list[StepRow]]) -> Iterator[Nested]:
    # A stack and no recursion: paths come from the store and may be as deep as they like.
    about: dict[str, Any] = {}
    waiting: list[tuple[StepRow, int, tuple[str, ...]]] = [(row, 0, ()) for row in reversed(below.get(None, []))]
    while waiting:
        row, depth, within = waiting.pop()
        children = below.get(row.path, [])
        items = sum(child.path.endswith("]") for child in children)
        if row.path.endswith("]"):
            within = (*within, f"{row.step_id} {row.item}")
        yield Nested(row, depth, items, within, about.pop(row.path, None))
        if items:
            about |= {f"{row.path}[{index}]": item for index, item in enumerate(_items(row))}
        waiting += [(child, depth + 1, within) for child in reversed(children)]


def _items(row: StepRow) -> list[Any]:
    """What the loop went over, each by what tells it from the others."""
    kept = row.inputs.get("items") if isinstance(row.inputs, dict) else None
    items = kept if isinstance(kept, list) else []
    return [headline(item, "") or None if isinstance(item, dict) else item for item in items]


def first_bad(steps: Iterable[Nested]) -> int | None:
    """Where in the list the first step stands that failed by itself: the innermost of a failed branch."""
    found: int | None = None
    depth = -1
    for index, step in enumerate(steps):
        if found is not None and step.depth <= depth:
            return found
        if step.row.status in BAD and step.depth > depth:
            found, depth = index, step.depth
    return found
