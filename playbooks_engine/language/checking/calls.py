"""What a call says: `uses`, `with`, `retry`, `once`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, cast

from playbooks_engine.errors import BY_TYPE
from playbooks_engine.language.checking.compiling import Compiling, positions
from playbooks_engine.language.checking.keys import Keys, Report, is_snake, kind_of, snake
from playbooks_engine.language.checking.names import Names
from playbooks_engine.language.expressions.values import Value, tree_of
from playbooks_engine.language.playbook import RETRY_ON, Once, Retry, Uses
from playbooks_engine.language.position import Position
from playbooks_engine.language.reading import ListNode, MapNode, ScalarNode
from playbooks_engine.language.suggesting import did_you_mean

CALL_KEYS = ("uses", "with", "retry", "once")

CORE = ("set", "fail", "log", "find_events")
"""The core commands there are."""

CORE_LATER = {
    "approval": "ask with a message and a second playbook for now",
    "wait": "use a schedule trigger for now",
    "stop": "use `when` on the steps that follow",
}

MOST_ATTEMPTS = 10

_ALIAS = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,79}")
_FILE = re.compile(r"\./(?:[A-Za-z0-9_-][A-Za-z0-9_. -]*/)*[A-Za-z0-9_-][A-Za-z0-9_. -]*\.ya?ml")


class Calls:
    """Reads calls; remembers which connections were used."""

    def __init__(self, report: Report, compiling: Compiling, connections: Mapping[str, str]) -> None:
        self.report, self.compiling, self.connections = report, compiling, connections
        self.used: set[str] = set()

    def call(self, keys: Keys, names: Names) -> dict[str, Any]:
        """The parts of a Call that other steps do not have."""
        node = keys.map("with")
        uses = self._uses(keys)
        if uses.kind == "playbook" and keys.has("retry"):
            message = "`retry` belongs on a command: on a playbook it would repeat finished writes"
            self.report.add("E208", keys.position("retry"), message, f"move retry to a step inside {uses.path}")
        return {
            "uses": uses,
            "uses_position": self._value_position(keys, "uses"),
            "inputs": self._inputs(node, names),
            "input_positions": positions(node, of_keys=True) if node else {},
            "value_positions": positions(node, of_keys=False) if node else {},
            "retry": self._retry(keys),
            "once": self._once(keys, names),
        }

    def _inputs(self, node: MapNode | None, names: Names) -> Value:
        if node is None:
            return tree_of({})
        return self.compiling.value(node, names)

    def _value_position(self, keys: Keys, key: str) -> Position:
        node = keys.node.get(key)
        return node.position if node is not None else keys.node.position

    def _uses(self, keys: Keys) -> Uses:
        text, place = keys.text("uses"), self._value_position(keys, "uses")
        nothing = Uses("command", text)
        if not text or "${{" in text:
            return nothing
        if text.startswith((".", "/")) or "/" in text or text.endswith((".yml", ".yaml")):
            if _FILE.fullmatch(text) is None or "/../" in text:
                hint = "write ./name.yml; it must lie in the playbooks folder"
                self.report.add("E209", place, f"'{text[:80]}' is not a playbook of this folder", hint)
            return Uses("playbook", text, path=text)
        alias, dot, name = text.partition(".")
        if not dot or not name or not _ALIAS.fullmatch(alias):
            hint = "write connection.command, core.command or ./playbook.yml"
            self.report.add("E209", place, f"'{text[:80]}' is not a command", hint)
            return nothing
        after_dot = Position(place.line, place.column + len(alias) + 1, max(len(name), 1))
        if not is_snake(name):
            self.report.add("E209", after_dot, "a command's name is in snake_case", f"write {alias}.{snake(name)}")
            return nothing
        if alias == "core":
            return self._core(text, name, after_dot)
        self.used.add(alias)
        if alias not in self.connections:
            known = [*self.connections, "core"]
            near = did_you_mean(alias, known, f"add it: connections: {{{alias}: <connector>}}")
            message = f"the connection '{alias}' is not named under connections"
            self.report.add("E211", Position(place.line, place.column, len(alias)), message, near)
        return Uses("command", text, alias=alias, name=name)

    def _core(self, text: str, name: str, place: Position) -> Uses:
        if name in CORE_LATER:
            self.report.add("E204", place, f"`core.{name}` is not supported yet", CORE_LATER[name])
        elif name not in CORE:
            listed = ", ".join(f"core.{known}" for known in CORE)
            self.report.add("E209", place, f"there is no core.{name}", did_you_mean(name, CORE, f"there is: {listed}"))
        return Uses("core", text, name=name)

    def _retry(self, keys: Keys) -> Retry | None:
        node = keys.node.get("retry")
        if node is None:
            return None
        if isinstance(node, ScalarNode):
            return Retry(attempts=keys.whole("retry", 3, 1, MOST_ATTEMPTS))
        if not isinstance(node, MapNode):
            keys.wrong("retry", "a number of attempts or a map", "write retry: 3")
            return None
        inner = Keys(self.report, node, "retry", ("attempts", "delay", "backoff", "max_delay", "on"))
        plain = Retry()
        return Retry(
            attempts=inner.whole("attempts", plain.attempts, 1, MOST_ATTEMPTS),
            delay=inner.duration("delay") or plain.delay,
            backoff=cast(
                'Literal["constant", "exponential"]', inner.word("backoff", ("constant", "exponential"), plain.backoff)
            ),
            max_delay=inner.duration("max_delay") or plain.max_delay,
            on=self._classes(inner),
        )

    def _classes(self, keys: Keys) -> frozenset[str]:
        node = keys.node.get("on")
        if node is None:
            return RETRY_ON
        if not isinstance(node, ListNode):
            keys.wrong("on", "a list of error classes", f"write on: [{', '.join(sorted(RETRY_ON))}]")
            return RETRY_ON
        words = []
        for item in node:
            text = item.text if isinstance(item, ScalarNode) else ""
            if text in RETRY_ON:
                words.append(text)
                continue
            known = ", ".join(sorted(RETRY_ON))
            said = f"'{text[:40]}' is never cured by trying again" if text in BY_TYPE else "this is no error class"
            if text.isdigit():
                said = "retry goes by error class, not by status code"
            self.report.add("E215", item.position, said, did_you_mean(text, RETRY_ON, f"the classes are: {known}"))
        return frozenset(words)

    def _once(self, keys: Keys, names: Names) -> Once | None:
        node = keys.node.get("once")
        if node is None:
            return None
        if isinstance(node, ListNode):
            message = f"once must be a key, this is {kind_of(node)}"
            self.report.add("E203", node.position, message, "write once: ${{ event.id }}")
            return None
        if isinstance(node, ScalarNode):
            return Once(self._key(node, names))
        if not isinstance(node, MapNode):
            return None
        inner = Keys(self.report, node, "once", ("key", "within"))
        key = node.get("key")
        if key is None:
            inner.need("key", "add key: ${{ event.id }}")
            return None
        if not isinstance(key, ScalarNode):
            inner.wrong("key", "one value", "join several in a text: ${{ a }}-${{ b }}")
            return None
        return Once(self._key(key, names), inner.duration("within"))

    def _key(self, node: ScalarNode, names: Names) -> Value:
        if node.value is None or node.text == "":
            self.report.add("E203", node.position, "once needs a key", "write once: ${{ event.id }}")
        return self.compiling.value(node, names)
