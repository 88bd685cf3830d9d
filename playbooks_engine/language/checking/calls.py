"""What a call says: `uses` and `with`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from playbooks_engine.language.checking.compiling import Compiling, positions, unknown
from playbooks_engine.language.checking.core_calls import CORE, GIVES, NOT_AGAIN, CoreCalls
from playbooks_engine.language.checking.keys import Keys, Report, is_snake, snake
from playbooks_engine.language.checking.modifiers import once_of, repeat_of, retry_of
from playbooks_engine.language.checking.names import Names
from playbooks_engine.language.expressions.values import Value, tree_of
from playbooks_engine.language.playbook import Uses
from playbooks_engine.language.position import Position
from playbooks_engine.language.reading import MapNode
from playbooks_engine.language.suggesting import did_you_mean

ONLY_ON_CALLS = ("with", "retry", "once", "repeat")
"""Keys that blocks and parallels do not take."""

CALL_KEYS = ("uses", *ONLY_ON_CALLS)

_ALIAS = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,79}")
_FILE = re.compile(r"\./(?:[A-Za-z0-9_-][A-Za-z0-9_. -]*/)*[A-Za-z0-9_-][A-Za-z0-9_. -]*\.ya?ml")


class Calls:
    """Reads calls; remembers which connections were used."""

    def __init__(self, report: Report, compiling: Compiling, connections: Mapping[str, str]) -> None:
        self.report, self.compiling, self.connections = report, compiling, connections
        self.used: set[str] = set()
        self._core_calls = CoreCalls(report, compiling)

    def call(self, keys: Keys, names: Names) -> dict[str, Any]:
        """The parts of a Call that other steps do not have."""
        node = keys.map("with")
        place = self._value_position(keys, "uses")
        uses = self._uses(keys.text("uses"), place)
        self._again(keys, uses)
        made: dict[str, Any] = {
            "uses": uses,
            "uses_position": place,
            "input_positions": positions(node, of_keys=True) if node else {},
            "value_positions": positions(node, of_keys=False) if node else {},
            "retry": retry_of(self.report, keys),
            "once": once_of(self.report, self.compiling, keys, names),
            "repeat": repeat_of(self.report, self.compiling, keys, names),
        }
        if uses.text == "core.approval":
            asking = self._core_calls.approval(node, names, place, self._uses)
            return made | {"inputs": asking.inputs, "via": asking.via, "asked": asking.asked}
        if uses.text == "core.wait":
            self._core_calls.waiting(node, place)
        elif uses.text == "core.stop":
            self._core_calls.stopping(names, place)
        return made | {"inputs": self._inputs(keys, node, names)}

    def _inputs(self, keys: Keys, node: MapNode | None, names: Names) -> Value:
        if node is None:
            return unknown() if keys.has("with") else tree_of({})
        return self.compiling.value(node, names)

    def _again(self, keys: Keys, uses: Uses) -> None:
        """What is done again must be something that can be."""
        if uses.kind == "playbook":
            for key in ("retry", "repeat"):
                if keys.has(key):
                    message = f"`{key}` belongs on a command: on a playbook it would repeat finished writes"
                    self.report.add("E208", keys.position(key), message, f"move {key} to a step inside {uses.path}")
        if uses.kind != "core":
            return
        for key in ("retry", "once", "repeat"):
            if not keys.has(key):
                continue
            if uses.name in NOT_AGAIN:
                message = f"`{key}` does not fit {uses.text}: {NOT_AGAIN[uses.name]}"
                self.report.add("E208", keys.position(key), message, f"remove {key}")
            elif key == "repeat" and uses.name in CORE and uses.name != "find_events":
                message = f"`repeat` does not fit {uses.text}: it gives the same every time"
                self.report.add("E208", keys.position(key), message, "put it on the command that reads")

    def _value_position(self, keys: Keys, key: str) -> Position:
        node = keys.node.get(key)
        return node.position if node is not None else keys.node.position

    def _uses(self, text: str, place: Position, key: str = "uses") -> Uses:
        """The command that a reference means; one that means none has neither alias, name nor path."""
        nothing = Uses("command", text)
        if not text or "${{" in text:
            return nothing
        if text.startswith((".", "/")) or "/" in text or text.endswith((".yml", ".yaml")):
            if key != "uses":
                self.report.add("E209", place, f"{key} is a command of a connection", f"write {key}: chat.send")
                return nothing
            if _FILE.fullmatch(text) is None or "/../" in text:
                hint = "write ./name.yml; it must lie in the playbooks folder"
                self.report.add("E209", place, f"'{text[:80]}' is not a playbook of this folder", hint)
                return nothing
            return Uses("playbook", text, path=text)
        alias, dot, name = text.partition(".")
        if not dot or not name or not _ALIAS.fullmatch(alias):
            hint = "write connection.command, core.command or ./playbook.yml" if key == "uses" else "write chat.send"
            self.report.add("E209", place, f"'{text[:80]}' is not a command", hint)
            return nothing
        after_dot = Position(place.line, place.column + len(alias) + 1, max(len(name), 1))
        if not is_snake(name):
            self.report.add("E209", after_dot, "a command's name is in snake_case", f"write {alias}.{snake(name)}")
            self.used.add(alias)
            return nothing
        if alias == "core":
            return self._core(text, name, after_dot, key)
        self.used.add(alias)
        if alias not in self.connections:
            known = [*self.connections, *(("core",) if key == "uses" else ())]
            near = did_you_mean(alias, known, f"add it: connections: {{{alias}: <connector>}}")
            message = f"the connection '{alias}' is not named under connections"
            self.report.add("E211", Position(place.line, place.column, len(alias)), message, near)
        return Uses("command", text, alias=alias, name=name)

    def _core(self, text: str, name: str, place: Position, key: str) -> Uses:
        if key != "uses":
            self.report.add("E209", place, f"{key} is a command of a connection", f"write {key}: chat.send")
            return Uses("command", text)
        if name not in CORE:
            listed = ", ".join(f"core.{known}" for known in CORE)
            self.report.add("E209", place, f"there is no core.{name}", did_you_mean(name, CORE, f"there is: {listed}"))
        return Uses("core", text, name=name)


def gives(call: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The keys of a call's output, where they are known before it runs."""
    uses: Uses = call["uses"]
    if uses.text == "core.set":
        parts = call["inputs"].parts
        return tuple(parts) if parts is not None else None
    return GIVES.get(uses.name) if uses.kind == "core" else None
