"""Compiling the expressions of a file where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playbooks_engine.errors import ExpressionError
from playbooks_engine.language.checking.keys import Report, kind_of
from playbooks_engine.language.checking.names import Names, Naming
from playbooks_engine.language.expressions.conditions import Condition, compile_condition
from playbooks_engine.language.expressions.scope import Scope
from playbooks_engine.language.expressions.values import Doubt, Reference, Value, compile_value, constant, tree_of
from playbooks_engine.language.position import Position
from playbooks_engine.language.reading import ListNode, MapNode, Node, ScalarNode


@dataclass
class Compiling:
    """Compiles, checks the names used, and reports what is wrong at its place."""

    report: Report
    naming: Naming

    def value(self, node: Node, names: Names) -> Value:
        """Any value; a part that cannot be read is reported and stands as unknown."""
        if isinstance(node, MapNode):
            return tree_of({pair.key.text: self.value(pair.value, names) for pair in node})
        if isinstance(node, ListNode):
            return tree_of([self.value(item, names) for item in node])
        assert isinstance(node, ScalarNode)  # noqa: S101 - there are three kinds of node
        if not isinstance(node.value, str):
            return constant(node.value)
        try:
            value = compile_value(node.text)
        except ExpressionError as error:
            self._syntax(error, node)
            return unknown()
        self._look(node, value.references, value.doubts, names)
        if value.constant:
            self._foreign(node)
        return value

    def condition(self, node: Node, names: Names, key: str) -> Condition | None:
        """A condition, or None when it was reported."""
        if not isinstance(node, ScalarNode) or not isinstance(node.value, str | bool):
            message = f"{key} must be an expression, this is {kind_of(node)}"
            self.report.add("E203", node.position, message, "write one condition; join several with `and`")
            return None
        try:
            condition = compile_condition(node.text)
        except ExpressionError as error:
            self._syntax(error, node)
            return None
        self._look(node, condition.references, condition.doubts, names)
        return condition

    def _look(
        self, node: ScalarNode, references: tuple[Reference, ...], doubts: tuple[Doubt, ...], names: Names
    ) -> None:
        self.naming.check(references, node, names)
        for doubt in doubts:
            self.report.add("W303", node.place(doubt.offset, doubt.length), doubt.message, doubt.hint)

    def _syntax(self, error: ExpressionError, node: ScalarNode) -> None:
        place = node.place(error.offset, error.length)
        # The comment has eaten the end of the expression; that was said where it happened.
        eaten = any(f.code == "E112" and f.line == place.line for f in self.report.findings)
        if not eaten:
            self.report.add("E301", place, error.message, error.hint or "expressions are written as in Jinja2")

    def _foreign(self, node: ScalarNode) -> None:
        at = node.text.find("{{")
        if at >= 0 and node.text.find("}}", at) >= 0:
            hint = "put $ before it if it is meant as an expression"
            self.report.add("W302", node.place(at, 2), "{{ }} is plain text here; expressions are written ${{ }}", hint)


def unknown() -> Value:
    """What stands for a value that was reported: nothing more is said about it, and it is never evaluated."""

    def work(scope: Scope) -> Any:
        raise ExpressionError("this could not be read")

    return Value("", False, (), (), work)


def positions(node: Node, *, of_keys: bool, under: str = "") -> dict[str, Position]:
    """Where each key (or each value) inside a node stands, by dotted path."""
    found: dict[str, Position] = {}
    if isinstance(node, MapNode):
        entries = [(pair.key.text, pair.key.position, pair.value) for pair in node]
    elif isinstance(node, ListNode):
        entries = [(str(index), item.position, item) for index, item in enumerate(node)]
    else:
        return found
    for name, position, value in entries:
        path = f"{under}.{name}" if under else name
        found[path] = position if of_keys else value.position
        found |= positions(value, of_keys=of_keys, under=path)
    return found
