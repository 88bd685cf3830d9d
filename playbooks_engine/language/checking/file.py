"""The playbook file as a whole."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any

from playbooks_engine.errors import Finding
from playbooks_engine.language.checking.calls import Calls
from playbooks_engine.language.checking.compiling import Compiling
from playbooks_engine.language.checking.declarations import (
    concurrency_of,
    connections_of,
    inputs_of,
    unread,
    vars_of,
)
from playbooks_engine.language.checking.keys import Keys, Report, is_snake, kind_of, snake
from playbooks_engine.language.checking.names import Guard, Names, Naming
from playbooks_engine.language.checking.secrets import find_secrets
from playbooks_engine.language.checking.steps import Steps
from playbooks_engine.language.checking.triggers import Triggers
from playbooks_engine.language.checking.walking import ids_in, step_positions
from playbooks_engine.language.checking.words import IN_FILES
from playbooks_engine.language.expressions.values import Value
from playbooks_engine.language.playbook import EventTrigger, Input, Playbook, ScheduleTrigger, Step
from playbooks_engine.language.position import START, Position
from playbooks_engine.language.reading import Document, MapNode, Node, ScalarNode, read

KEYS = (
    "version",
    "name",
    "description",
    "on",
    "inputs",
    "connections",
    "vars",
    "concurrency",
    "timeout",
    "steps",
    "on_error",
    "always",
    "output",
)

_UNUSED_IF = frozenset({"E201", "E203", "E204", "E205", "E209", "E216"})
_UNREAD_IF = _UNUSED_IF | {"E112", "E301"}


@dataclass(frozen=True)
class Checked:
    """The playbook, or None when it has errors, and the findings in the order of the file.

    `partial` is what could be built of it in any case, so that more can be said about it; it cannot be run.
    """

    playbook: Playbook | None
    findings: list[Finding] = field(default_factory=list)
    partial: Playbook | None = None


def check(text: str | bytes, file: str) -> Checked:
    """Everything that can be said about a playbook without knowing the project; never raises."""
    document = read(text, file)
    report = Report(document.lines)
    report.findings.extend(document.findings)
    playbook = None
    if isinstance(document.root, MapNode):
        playbook = _File(document, document.root, report).playbook()
    elif document.root is not None:
        hint = "begin with name: and steps:"
        report.add("E203", document.root.position, f"a playbook is a map, this is {kind_of(document.root)}", hint)
    elif not report.findings:
        report.add("E104", START, "the file is empty", "begin with name: and steps:")
    find_secrets(report)
    findings = _ordered(report.findings)
    broken = any(finding.severity == "error" for finding in findings)
    return Checked(None if broken else playbook, findings, playbook)


class _File:
    def __init__(self, document: Document, root: MapNode, report: Report) -> None:
        self.document, self.root, self.report = document, root, report
        self.naming = Naming(report, step_positions(root))
        self.compiling = Compiling(report, self.naming)

    def playbook(self) -> Playbook:
        keys = Keys(self.report, self.root, "a playbook", KEYS, told=IN_FILES)
        if not keys.has("steps"):
            hint = "add steps: and a first - id: ..."
            self.report.add("E202", Position(self.root.position.line, 1), "a playbook needs `steps`", hint)
        inputs = inputs_of(self.report, self.compiling, keys.map("inputs"))
        connections = connections_of(self.report, keys.map("connections"))
        triggers = Triggers(self.report, self.compiling)
        schedule, event = triggers.read(keys.map("on"))
        if schedule is not None or event is not None:
            self._startable(inputs)
        calls = Calls(self.report, self.compiling, connections)
        names = Names(inputs=frozenset(inputs), has_event=event is not None)
        variables = vars_of(self.compiling, keys.map("vars"), names)
        concurrency = concurrency_of(self.compiling, keys.node.get("concurrency"), names)
        names = replace(names, vars=tuple(variables))
        steps, handled, output = self._steps(keys, calls, names)
        self._unique(self.root)
        if not self._hidden(_UNREAD_IF):
            unread(self.compiling, keys.map("vars") if isinstance(keys.node.get("vars"), MapNode) else None)
        self._connections(keys, connections, calls.used | triggers.used, triggers.stream_alias)
        return self._made(
            keys,
            schedule,
            event,
            steps,
            {
                **handled,
                "output": output,
                "inputs": inputs,
                "connections": connections,
                "vars": variables,
                "concurrency": concurrency,
            },
        )

    def _made(
        self,
        keys: Keys,
        schedule: ScheduleTrigger | None,
        event: EventTrigger | None,
        steps: tuple[Step, ...],
        rest: dict[str, Any],
    ) -> Playbook:
        text = self.document.text
        places = keys.node.get("connections")
        return Playbook(
            name=self._name(keys),
            file=self.document.file,
            text=text,
            digest=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
            description=keys.text("description"),
            version=keys.whole("version", 1, 1, 1_000_000),
            schedule=schedule,
            event=event,
            connection_positions={p.key.text: p.key.position for p in places} if isinstance(places, MapNode) else {},
            steps=steps,
            timeout=keys.duration("timeout"),
            **rest,
        )

    def _steps(
        self, keys: Keys, calls: Calls, names: Names
    ) -> tuple[tuple[Step, ...], dict[str, tuple[Step, ...]], Value | None]:
        building = Steps(self.report, self.compiling, calls)
        made = building.sequence(keys.node.get("steps"), names, "steps")
        failed = Guard("", "failed")
        handling = replace(names, handling=True).all_behind(failed, made.seen)
        on_error = building.sequence(keys.node.get("on_error"), handling.under(Guard("", "on_error")), "on_error")
        always = building.sequence(keys.node.get("always"), handling.all_behind(failed, on_error.seen), "always")
        node = keys.node.get("output")
        output = self.compiling.value(node, names.seeing({**made.seen, **always.seen})) if node is not None else None
        handled = {"on_error": tuple(on_error.steps), "always": tuple(always.steps)}
        return tuple(made.steps), handled, output

    def _name(self, keys: Keys) -> str:
        if keys.has("name"):
            return keys.name("name")
        name = PurePath(self.document.file).stem
        return name if is_snake(name) else snake(name)

    def _unique(self, root: Node) -> None:
        """Every id once, wherever it is nested."""
        first: dict[str, Position] = {}
        for identifier in ids_in(root):
            known = first.setdefault(identifier.text, identifier.position)
            if known is not identifier.position:
                message = f"the id '{identifier.text[:60]}' is taken by the step on line {known.line}"
                self.report.add("E206", identifier.position, message, "give each step a name of its own")

    def _startable(self, inputs: dict[str, Input]) -> None:
        """A trigger gives no inputs: what it starts has the defaults."""
        for declared in inputs.values():
            if declared.required:
                message = f"the input '{declared.name[:60]}' has no default, and a trigger gives none"
                self.report.add("W307", declared.position, message, "add default:, or leave `on` out")

    def _hidden(self, codes: frozenset[str]) -> bool:
        """Whether what could not be read may be what uses a name."""
        return any(finding.code in codes for finding in self.report.findings)

    def _connections(self, keys: Keys, connections: dict[str, str], used: set[str], stream: ScalarNode | None) -> None:
        declared = keys.node.get("connections")
        if self._hidden(_UNUSED_IF):
            declared = None
        for pair in declared if isinstance(declared, MapNode) else ():
            if pair.key.text not in used and pair.key.text in connections:
                message = f"the connection '{pair.key.text[:60]}' is not used"
                self.report.add("W202", pair.key.position, message, "remove it")
        alias = stream.text.partition(".")[0] if stream is not None else ""
        if stream is not None and alias not in connections:
            message = f"the connection '{alias}' is not named under connections"
            hint = f"add it: connections: {{{alias}: <connector>}}"
            self.report.add("E211", stream.position, message, hint)


def _ordered(findings: list[Finding]) -> list[Finding]:
    """By place, each only once (an alias shows the same node twice)."""
    return sorted(dict.fromkeys(findings), key=lambda f: (f.line, f.column, f.code))
