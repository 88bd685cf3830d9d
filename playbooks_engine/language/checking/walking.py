"""Walking the steps of a file before they are checked: which there are, and where they stand."""

from __future__ import annotations

from collections.abc import Iterator

from playbooks_engine.language.position import Position
from playbooks_engine.language.reading import ListNode, MapNode, Node, ScalarNode

_NESTED = ("steps", "else", "on_error", "always")


def ids_in(root: Node | None) -> Iterator[ScalarNode]:
    """The `id` of each step inside a step, a list of steps or a whole file, in the order of the file.

    An `id` that stands in data (under `with`, in a default) names no step.
    """
    if isinstance(root, ListNode):
        for item in root.items:
            yield from ids_in(item)
    elif isinstance(root, MapNode):
        for pair in root.pairs:
            if pair.key.text == "id" and isinstance(pair.value, ScalarNode):
                yield pair.value
            elif pair.key.text in _NESTED and isinstance(pair.value, ListNode):
                yield from ids_in(pair.value)
            elif pair.key.text == "parallel" and isinstance(pair.value, MapNode):
                for branch in pair.value.pairs:
                    yield from ids_in(branch.value if isinstance(branch.value, ListNode) else None)


def step_positions(root: Node | None) -> dict[str, Position]:
    """Every step by its id, with its place; the first of each name."""
    found: dict[str, Position] = {}
    for identifier in ids_in(root):
        found.setdefault(identifier.text, identifier.position)
    return found
