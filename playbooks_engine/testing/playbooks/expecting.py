"""Reading what a test expects."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from playbooks_engine.errors import BY_TYPE
from playbooks_engine.language.checking.keys import Keys, Report, kind_of
from playbooks_engine.language.position import Position
from playbooks_engine.language.reading import ListNode, MapNode, Node, ScalarNode
from playbooks_engine.testing.playbooks.suite import Expected, ExpectedCall, ExpectedStep

STATUSES = ("succeeded", "succeeded_with_errors", "failed", "timed_out", "cancelled", "waiting")
STEP_STATUSES = ("succeeded", "failed", "skipped", "reused", "timed_out", "cancelled", "waiting")
_KEYS = ("status", "output", "ran", "not_ran", "steps", "calls", "error", "runs")
_MANY = 1_000_000


def expected(report: Report, node: MapNode, defaults: Expected) -> Expected:
    """What stands under `expect`, before what is expected of all tests."""
    keys = Keys(report, node, "expect", _KEYS)
    said: dict[str, Any] = {"position": node.position}
    if keys.has("status"):
        said["status"] = keys.word("status", STATUSES, "succeeded")
    if (output := node.get("output")) is not None:
        said["output"] = (output.plain(),)
    for name in ("ran", "not_ran"):
        if keys.has(name):
            said[name] = _names(keys, name)
    if (steps := keys.map("steps")) is not None:
        said["steps"] = tuple(_step(report, pair.key.text, pair.value, pair.key.position) for pair in steps)
    if keys.has("calls"):
        said["calls"] = _calls(keys)
        said["ordered"] = isinstance(node.get("calls"), ListNode)
    if keys.has("error"):
        said["error"] = _error(keys)
    if keys.has("runs"):
        said["runs"] = keys.whole("runs", 0, 0, _MANY)
    places = {pair.key.text: pair.key.position for pair in node}
    return replace(defaults, **said, places={**defaults.places, **places})


def _names(keys: Keys, key: str) -> tuple[tuple[str, Position], ...]:
    node = keys.node.get(key)
    if not isinstance(node, ListNode) or not all(isinstance(item, ScalarNode) for item in node):
        keys.wrong(key, "a list of step ids", "write [on_call, note]")
        return ()
    return tuple((item.text, item.position) for item in node if isinstance(item, ScalarNode))


def _step(report: Report, name: str, node: Node, position: Position) -> ExpectedStep:
    if isinstance(node, ScalarNode):  # `note: succeeded` is short for its status
        node = MapNode(position=node.position, lines=node.lines, pairs=())
        report.add("E203", node.position, f"what is expected of {name} is a map", "write `status:` below it")
    if not isinstance(node, MapNode):
        report.add("E203", node.position, f"what is expected of {name} is a map, this is {kind_of(node)}")
        return ExpectedStep(name, position=position)
    keys = Keys(report, node, "a step", ("status", "output"))
    output = node.get("output")
    return ExpectedStep(
        name,
        status=keys.word("status", STEP_STATUSES, "") or None,
        output=(output.plain(),) if output is not None else (),
        position=position,
    )


def _calls(keys: Keys) -> tuple[ExpectedCall, ...]:
    """As a map, what is expected of each command; as a list, calls that are made one after the other."""
    node = keys.node.get("calls")
    if isinstance(node, MapNode):
        return tuple(_call(keys.report, pair.key.text, pair.value, pair.key.position) for pair in node)
    if not isinstance(node, ListNode):
        keys.wrong("calls", "a map of commands, or a list of calls in order")
        return ()
    found: list[ExpectedCall] = []
    for item in node:
        if isinstance(item, ScalarNode):
            found.append(ExpectedCall(item.text, position=item.position))
        elif isinstance(item, MapNode) and len(item.pairs) == 1:
            pair = item.pairs[0]
            found.append(_call(keys.report, pair.key.text, pair.value, pair.key.position, ordered=True))
        else:
            hint = "write `- ops.add_note` or `- ops.add_note: {with: {...}}`"
            keys.report.add("E203", item.position, "a call is the name of a command", hint)
    return tuple(found)


def _call(report: Report, name: str, node: Node, position: Position, *, ordered: bool = False) -> ExpectedCall:
    if not isinstance(node, MapNode):
        hint = "write `times:` or `with:` below it"
        report.add("E203", node.position, f"what is expected of {name} is a map, this is {kind_of(node)}", hint)
        return ExpectedCall(name, position=position)
    keys = Keys(report, node, "a call", ("with",) if ordered else ("times", "with"))
    inputs = node.get("with")
    in_turn = isinstance(inputs, ListNode) and not ordered
    maps = [one for one in (inputs if isinstance(inputs, ListNode) else [inputs]) if one is not None]
    if not all(isinstance(one, MapNode) for one in maps):
        keys.wrong("with", "a map of inputs")
        maps = []
    return ExpectedCall(
        name,
        times=keys.whole("times", 0, 0, _MANY) if keys.has("times") else None,
        inputs=tuple(one.plain() for one in maps),
        in_turn=in_turn,
        position=position,
    )


def _error(keys: Keys) -> dict[str, str] | None:
    node = keys.map("error")
    if node is None:
        return None
    inner = Keys(keys.report, node, "error", ("step", "type", "message"))
    said = {name: inner.text(name) for name in ("step", "type", "message") if inner.has(name)}
    if "type" in said:
        inner.word("type", tuple(sorted(BY_TYPE)), "")
    return said
