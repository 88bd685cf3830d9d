"""Reading a map of the file key by key, and reporting what does not fit."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from playbooks_engine.errors import Finding
from playbooks_engine.language.checking.words import Told
from playbooks_engine.language.position import Position
from playbooks_engine.language.reading import ListNode, MapNode, Node, ScalarNode
from playbooks_engine.language.reading.tree import Lines
from playbooks_engine.language.suggesting import did_you_mean, nearest
from playbooks_engine.sdk.durations import FORMS, seconds_of

_FIXES = {
    "a whole number": "write it like 3, without quotes",
    "text": "write one text",
    "a map": "write its keys below",
}

_SNAKE = re.compile(r"[a-z][a-z0-9_]{0,79}")


class Report:
    """The findings of one file."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.findings: list[Finding] = []

    def add(self, code: str, position: Position, message: str, suggestion: str | None = None) -> None:
        """Note something wrong or doubtful."""
        self.findings.append(self.lines.finding(code, position, message, suggestion))


def kind_of(node: Node) -> str:
    """What a node is, for messages."""
    if isinstance(node, MapNode):
        return "a map"
    if isinstance(node, ListNode):
        return "a list"
    value = node.plain()
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    return "text" if isinstance(value, str) else "a number"


def snake(text: str) -> str:
    """The name in snake_case, as a suggestion."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    return re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_") or "name"


def is_snake(text: str) -> bool:
    """Whether the text may be the name of something in a playbook."""
    return _SNAKE.fullmatch(text) is not None


class Keys:
    """A map whose keys are known: each is taken by its kind, unknown ones are reported at once."""

    def __init__(
        self,
        report: Report,
        node: MapNode,
        what: str,
        allowed: Sequence[str],
        *,
        later: Mapping[str, str] | None = None,
        told: Told | None = None,
    ) -> None:
        """`later` has a fix for each key that is not supported yet, `told` a sentence for words of other engines."""
        self.report, self.node, self.what = report, node, what
        self.unknown = False
        for pair in node:
            key = pair.key.text
            if later and key in later:
                report.add("E204", pair.key.position, f"`{key}` is not supported yet", later[key])
            elif key in allowed:
                continue
            elif told and key in told:
                self.unknown = True
                report.add("E201", pair.key.position, f"{what} has no key '{key}': {told[key][0]}", told[key][1])
            else:
                self.unknown = True
                known = [*allowed, *(later or ())]
                hint = did_you_mean(key, known, f"the keys are: {', '.join(allowed)}")
                report.add("E201", pair.key.position, f"{what} has no key '{key}'", hint)

    def position(self, key: str) -> Position:
        """Where the key stands, or the map when it does not."""
        pair = self.node.pair(key)
        return pair.key.position if pair else self.node.position

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return self.node.pair(key) is not None

    def wrong(self, key: str, wanted: str, suggestion: str | None = None) -> None:
        """Report that the value under the key is of the wrong kind."""
        node = self.node.get(key)
        if node is not None:
            message = f"{key} must be {wanted}, this is {kind_of(node)}"
            self.report.add("E203", node.position, message, suggestion or _FIXES.get(wanted))

    def need(self, key: str, how: str) -> None:
        """Report that the key is missing."""
        self.report.add("E202", self.node.position, f"{self.what} needs `{key}`", how)

    def text(self, key: str, *, otherwise: str = "") -> str:
        """A literal text."""
        node = self.node.get(key)
        if node is None:
            return otherwise
        if not isinstance(node, ScalarNode) or not isinstance(node.value, str):
            self.wrong(key, "text", "put it in quotes" if isinstance(node, ScalarNode) else None)
            return otherwise
        if "${{" in node.text:
            self.report.add(
                "E203", node.position, f"{key} is literal, it cannot hold ${{{{ }}}}", "write the text itself"
            )
        return node.text

    def flag(self, key: str) -> bool:
        """True or false; false when it is not there."""
        node = self.node.get(key)
        if node is None:
            return False
        if not isinstance(node, ScalarNode) or not isinstance(node.value, bool):
            self.wrong(key, "true or false", "write true or false; yes, no, on and off are text")
            return False
        return node.value

    def whole(self, key: str, otherwise: int, least: int, most: int) -> int:
        """A whole number within bounds."""
        node = self.node.get(key)
        if node is None:
            return otherwise
        if not isinstance(node, ScalarNode) or not isinstance(node.value, int) or isinstance(node.value, bool):
            self.wrong(key, "a whole number")
            return otherwise
        if not least <= node.value <= most:
            message = f"{key} must be from {least:,} to {most:,}"
            self.report.add("E217", node.position, message, f"write {least if node.value < least else most}")
            return otherwise
        return node.value

    def word(self, key: str, words: Sequence[str], otherwise: str) -> str:
        """One of some words."""
        node = self.node.get(key)
        if node is None:
            return otherwise
        text = node.text if isinstance(node, ScalarNode) else ""
        if text not in words:
            near = nearest(text, words)
            hint = f"did you mean {near}?" if near else f"write {otherwise or 'one of these'}"
            self.report.add("E215", node.position, f"{key} must be one of: {', '.join(words)}", hint)
            return otherwise
        return text

    def duration(self, key: str, otherwise: float | None = None) -> float | None:
        """A positive duration, in seconds."""
        node = self.node.get(key)
        if node is None:
            return otherwise
        if not isinstance(node, ScalarNode):
            self.wrong(key, "a duration", FORMS)
            return otherwise
        try:
            seconds = seconds_of(node.text)
        except ValueError:
            self.report.add("E212", node.position, f"{key} must be a duration", FORMS)
            return otherwise
        if seconds <= 0:
            self.report.add("E212", node.position, f"{key} must be longer than nothing", FORMS)
            return otherwise
        return seconds

    def map(self, key: str) -> MapNode | None:
        """A map."""
        node = self.node.get(key)
        if node is not None and not isinstance(node, MapNode):
            self.wrong(key, "a map", "write its keys on the lines below, indented")
            return None
        return node

    def name(self, key: str, node: ScalarNode | None = None) -> str:
        """A name in snake_case."""
        text = self.text(key)
        found = self.node.get(key)
        if text and found is not None and not is_snake(text):
            hint = f"write {snake(text)}"
            self.report.add("E207", found.position, f"{key} must be in snake_case: small letters, digits and _", hint)
        return text
