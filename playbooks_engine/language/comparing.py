"""Two texts of one playbook: which steps of the later one do not do what they did in the earlier one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playbooks_engine.language.playbook import Call, Playbook, Step
from playbooks_engine.language.reading import ListNode, MapNode, Node, read

_INSIDE = ("steps", "else", "on_error", "always")
_STRUCTURE = frozenset({*_INSIDE, "parallel"})
# How patiently a step is tried says nothing about what it gave once it has succeeded.
_TUNING = frozenset({"id", "name", "description", "timeout", "retry", "max_parallel", "fail_fast", "continue_on_error"})


def differences(before: Playbook, after: Playbook) -> dict[str, str]:
    """The steps that both texts have and that differ, by id, each with what differs: "its `with`", "its `steps`".

    A block differs in itself or by which steps are directly in it; what differs in those is theirs. A step differs too
    when a `vars` entry or a declared input that it reads does.
    """
    if before.text == after.text:
        return {}
    old, new = _root(before), _root(after)
    were, now = dict(_steps(old)), dict(_steps(new))
    found: dict[str, str] = {}
    for step in after.every_step():
        if step.id in were and step.id in now:
            told = _difference(were[step.id], now[step.id]) or _read_differently(step, after, old, new)
            if told:
                found[step.id] = told
    return found


def _root(playbook: Playbook) -> MapNode:
    root = read(playbook.text, playbook.file).root
    assert isinstance(root, MapNode)  # noqa: S101 - it was checked
    return root


def _steps(node: Node | None) -> Iterator[tuple[str, MapNode]]:
    if isinstance(node, ListNode):
        for item in node.items:
            yield from _steps(item)
    elif isinstance(node, MapNode):
        identifier = node.get("id")
        if identifier is not None:
            yield str(identifier.plain()), node
        for key in _INSIDE:
            yield from _steps(node.get(key))
        branches = node.get("parallel")
        if isinstance(branches, MapNode):
            for branch in branches.pairs:
                yield from _steps(branch.value)


def _difference(before: MapNode, after: MapNode) -> str:
    keys = dict.fromkeys((*after.keys(), *before.keys()))
    for key in sorted(keys, key=lambda key: key in _STRUCTURE):
        if key not in _TUNING and key != "on_error" and _told(key, before.get(key)) != _told(key, after.get(key)):
            return f"its `{key}`"
    return ""


def _told(key: str, node: Node | None) -> Any:
    """What a key says; of steps inside only which there are."""
    if key == "parallel" and isinstance(node, MapNode):
        return [(branch.key.text, _ids(branch.value)) for branch in node.pairs]
    if key in _INSIDE and isinstance(node, ListNode):
        return _ids(node)
    return node.plain() if node is not None else None


def _ids(node: Node) -> list[Any]:
    items = node.items if isinstance(node, ListNode) else ()
    found = [item.get("id") for item in items if isinstance(item, MapNode)]
    return [one.plain() for one in found if one is not None]


def _read_differently(step: Step, playbook: Playbook, before: MapNode, after: MapNode) -> str:
    for path in sorted(_reached(playbook, names_of(step))):
        were, are = (_declared(root, *path) for root in (before, after))
        if were != are:
            return f"`{'.'.join(path)}`, which it reads,"
    return ""


def _reached(playbook: Playbook, names: set[tuple[str | int, ...]]) -> set[tuple[str, str]]:
    """The `vars` and inputs that these names read, also by way of other `vars`."""
    found: set[tuple[str, str]] = set()
    waiting = list(names)
    while waiting:
        path = waiting.pop()
        if len(path) < 2 or path[0] not in {"vars", "inputs"} or (one := (str(path[0]), str(path[1]))) in found:
            continue
        found.add(one)
        if one[0] == "vars" and one[1] in playbook.vars:
            waiting += playbook.vars[one[1]].names
    return found


def _declared(root: MapNode, part: str, name: str) -> Any:
    declared = root.get(part)
    node = declared.get(name) if isinstance(declared, MapNode) else None
    return node.plain() if node is not None else None


def names_of(step: Step) -> set[tuple[str | int, ...]]:
    """The paths that the expressions of one step read, such as `("steps", "who", "output")`; not those inside it."""
    read_: set[tuple[str | int, ...]] = set()
    for value in (step.when, step.for_each):
        read_ |= value.names if value is not None else set()
    if isinstance(step, Call):
        read_ |= step.inputs.names
        read_ |= step.once.key.names if step.once is not None else set()
        read_ |= step.repeat.until.names if step.repeat is not None else set()
    return read_
