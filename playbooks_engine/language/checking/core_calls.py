"""What the core commands that wait, ask and stop need beyond their inputs' types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from playbooks_engine.language.checking.compiling import Compiling, unknown
from playbooks_engine.language.checking.declarations import inputs_of
from playbooks_engine.language.checking.keys import Keys, Report
from playbooks_engine.language.checking.names import Names
from playbooks_engine.language.expressions.values import Value, constant, tree_of
from playbooks_engine.language.playbook import Input, Uses
from playbooks_engine.language.position import Position
from playbooks_engine.language.reading import MapNode, ScalarNode
from playbooks_engine.language.suggesting import did_you_mean
from playbooks_engine.sdk.durations import FORMS, seconds_of

CORE = ("set", "fail", "log", "find_events", "approval", "wait", "stop")
"""The core commands there are."""

NOT_AGAIN: Mapping[str, str] = {
    "approval": "a person is asked once",
    "wait": "waiting cannot fail",
    "stop": "stopping cannot fail",
}
"""Core commands that `retry`, `once` and `repeat` do not fit, and why."""

GIVES: Mapping[str, tuple[str, ...]] = {
    "approval": ("decision", "by", "at", "inputs"),
    "find_events": ("count", "events"),
    "log": ("message", "level"),
}
"""The keys of what a core command gives, where that is known."""

ON_TIMEOUT = ("reject", "fail")

_LITERAL = ("timeout", "on_timeout", "via", "inputs")


@dataclass(frozen=True)
class Asked:
    """What an approval has besides its inputs."""

    inputs: Value
    via: Uses | None
    asked: Mapping[str, Input]


class CoreCalls:
    """Reads the `with` of core commands; each finding is made once, here or against the command's inputs."""

    def __init__(self, report: Report, compiling: Compiling) -> None:
        self.report, self.compiling = report, compiling

    def waiting(self, node: MapNode | None, place: Position) -> None:
        """`core.wait` has one of two inputs."""
        given = [key for key in ("for", "until") if node is not None and node.pair(key)]
        if not given:
            message = "core.wait needs `for` (how long) or `until` (a time)"
            self.report.add("E202", place, message, "write with: {for: 5m}")
        elif len(given) > 1 and node is not None and (pair := node.pair("until")) is not None:
            self.report.add("E208", pair.key.position, "core.wait has `for` or `until`, not both", "keep one")

    def stopping(self, names: Names, place: Position) -> None:
        """`core.stop` ends a run; where the run is ending already it has no meaning."""
        if names.handling:
            message = "core.stop cannot stand in on_error or always: the run is ending already"
            self.report.add("E226", place, message, "remove it; give the steps that follow a `when`")

    def approval(self, node: MapNode | None, names: Names, place: Position, uses: Any) -> Asked:
        """The `with` of `core.approval`; `uses` reads a command reference (of `via`)."""
        if node is None:
            self._endless(place)
            return Asked(unknown(), None, {})
        parts: dict[str, Value] = {}
        keys = Keys(self.report, node, "core.approval", node.keys())
        for pair in node:
            # The declared inputs are data here: their defaults are evaluated when the person answers.
            literal = pair.key.text in _LITERAL
            value = constant(pair.value.plain()) if literal else self.compiling.value(pair.value, names)
            parts[pair.key.text] = value
        if "inputs" in parts and not isinstance(node.get("inputs"), MapNode):
            parts["inputs"] = unknown()
        checked = {
            "timeout": self._limit(keys, place),
            "on_timeout": self._on_timeout(keys),
            "via": self._literal(keys),
        }
        parts |= {key: unknown() for key, fine in checked.items() if not fine}
        via_node = node.get("via")
        via = None
        if checked["via"] and isinstance(via_node, ScalarNode):
            via = uses(via_node.text, via_node.position, "via")
        asked = inputs_of(self.report, self.compiling, keys.map("inputs"))
        return Asked(tree_of(parts), via, asked)

    def _endless(self, place: Position) -> None:
        message = (
            "core.approval needs a `timeout`: without one, a question that nobody answers would hold the run for ever"
        )
        self.report.add("E202", place, message, "add timeout: 30m under `with`")

    def _limit(self, keys: Keys, place: Position) -> bool:
        node = keys.node.get("timeout")
        if node is None:
            self._endless(place)
            return False
        text = node.text if isinstance(node, ScalarNode) else ""
        try:
            seconds = seconds_of(text)
        except ValueError:
            literal = "it is a limit that can be read before the run" if "${{" in text else FORMS
            self.report.add("E212", node.position, "the timeout of core.approval must be a literal duration", literal)
            return False
        if seconds <= 0:
            self.report.add("E212", node.position, "timeout must be longer than nothing", FORMS)
        return seconds > 0

    def _on_timeout(self, keys: Keys) -> bool:
        node = keys.node.get("on_timeout")
        text = node.text if isinstance(node, ScalarNode) else ""
        if node is None or text in ON_TIMEOUT:
            return True
        if text.startswith(("approve", "accept", "allow")):
            message, hint = "nothing approves by itself: when the time is over, it is no", "write on_timeout: reject"
        else:
            message, known = "on_timeout must be one of: reject, fail", "write on_timeout: reject"
            hint = did_you_mean(text, ON_TIMEOUT, known) or known
        self.report.add("E215", node.position, message, hint)
        return False

    def _literal(self, keys: Keys) -> bool:
        """Whether `via` is a command reference as it must be: a text, and no expression."""
        node = keys.node.get("via")
        if node is None:
            return True
        if not isinstance(node, ScalarNode) or not isinstance(node.value, str) or not node.text:
            keys.wrong("via", "a command", "write via: chat.send")
            return False
        if "${{" in node.text:
            message = "via is literal, it cannot hold ${{ }}: what a playbook can call is known before it runs"
            self.report.add("E203", node.position, message, "write via: chat.send")
            return False
        return True
