"""Reading a mapping file, with every mistake at its place."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Any, cast, get_args

from playbooks_engine.errors import Finding
from playbooks_engine.language.checking.keys import Keys, Report, is_snake, kind_of, snake
from playbooks_engine.language.mapping.fields import Field, FieldMapping, FieldType
from playbooks_engine.language.mapping.paths import Path, PathProblem, compile_path
from playbooks_engine.language.position import START
from playbooks_engine.language.reading import MapNode, Node, ScalarNode, read
from playbooks_engine.language.suggesting import did_you_mean

RESERVED = ("raw", "key")
"""Names that every event has by itself."""

TYPES: tuple[str, ...] = get_args(FieldType)

_KEYS = ("stream", "events", "key", "version", "fields", "extends")
_RELATIVE = re.compile(r"[.\[]")
_BARE = re.compile(r"[A-Za-z_]")


def read_mapping(text: str | bytes, file: str) -> tuple[FieldMapping | None, list[Finding]]:
    """The mapping in a YAML text, or None when it has errors, and the findings; never raises."""
    document = read(text, file)
    report = Report(document.lines)
    report.findings.extend(document.findings)
    mapping = None
    if isinstance(document.root, MapNode):
        mapping = _Reading(report, document.root).mapping()
    elif document.root is not None:
        report.add("E203", document.root.position, f"a mapping is a map, this is {kind_of(document.root)}")
    elif not report.findings:
        report.add("E104", START, "the file is empty", "begin with stream: and events:")
    findings = sorted(dict.fromkeys(report.findings), key=lambda f: (f.line, f.column, f.code))
    broken = any(finding.severity == "error" for finding in findings)
    return (None if broken else mapping), findings


class _Reading:
    def __init__(self, report: Report, root: MapNode) -> None:
        self.report = report
        self.keys = Keys(report, root, "a mapping", _KEYS)
        self.main = self.keys.text("events").strip()

    def mapping(self) -> FieldMapping:
        extends = self._extends()
        if extends is None:
            for key, how in (
                ("stream", "add stream: alerts"),
                ("events", "add events: $.data"),
                ("key", "add key: .id"),
                ("fields", "add fields: and below it id: {path: .id}"),
            ):
                if not self.keys.has(key):
                    self.keys.need(key, how)
        return FieldMapping(
            stream=self.keys.name("stream"),
            main_path=self._main(),
            key=self._relative("key"),
            version=self._relative("version"),
            fields=MappingProxyType(self._fields()),
            extends=extends,
        )

    def _extends(self) -> str | None:
        if not self.keys.has("extends"):
            return None
        name = self.keys.text("extends")
        if name != "default":
            place = self.keys.position("extends")
            self.report.add("E404", place, "a mapping can extend only the connector's own", "write extends: default")
        return name or None

    def _main(self) -> Path | None:
        node = self.keys.node.get("events")
        if not isinstance(node, ScalarNode) or not self.main:
            return None
        if not self.main.startswith("$"):
            hint = f"write ${self.main if self.main[0] in '.[' else '.' + self.main}"
            self.report.add("E402", node.position, "the main path begins at the whole answer, with $", hint)
            return None
        return self._compiled(node, self.main.removesuffix("[*]") or "$", self.main)

    def _relative(self, key: str) -> Path | None:
        text, node = self.keys.text(key), self.keys.node.get(key)
        return self._field_path(node, text) if isinstance(node, ScalarNode) and text else None

    def _field_path(self, node: ScalarNode, text: str) -> Path | None:
        written = text.strip()
        if written.startswith(("$", "@")):
            right = self._without_main(written)
            hint = f"did you mean {right}?"
            self.report.add("E402", node.position, "a field's path begins at the event, not at the answer", hint)
            return None
        if _BARE.match(written):
            return self._compiled(node, f"$.{written}", written)
        if not _RELATIVE.match(written):
            hint = "write it like .id, ['odd key'] or .responders[*].name"
            self.report.add("E401", node.position, f"'{written[:60]}' is not a path", hint)
            return None
        return self._compiled(node, f"${written}", written)

    def _without_main(self, written: str) -> str:
        rest = written[1:]
        stem = self.main.removesuffix("[*]").removeprefix("$")
        if (
            written.startswith("$")
            and stem
            and rest.startswith(stem)
            and rest[len(stem) : len(stem) + 1] in ("", ".", "[")
        ):
            rest = rest[len(stem) :]
            for index in ("[*]", "[0]"):
                rest = rest.removeprefix(index)
        return rest if rest.startswith((".", "[")) else ".id"

    def _compiled(self, node: ScalarNode, text: str, written: str) -> Path | None:
        try:
            return compile_path(text)
        except PathProblem as problem:
            offset = max(0, problem.offset - (len(text) - len(written)))
            offset = min(offset + (len(node.text) - len(node.text.lstrip())), max(len(node.text) - 1, 0))
            hint = "paths are RFC 9535 JSONPath, such as .id or .responders[*].name"
            self.report.add("E401", node.place(offset, 1), f"this path cannot be read: {problem}", hint)
            return None

    def _fields(self) -> dict[str, Field]:
        found: dict[str, Field] = {}
        node = self.keys.map("fields")
        if node is not None and not node.pairs:
            self.report.add("E202", node.position, "a mapping needs fields", "add id: {path: .id}")
        for pair in node or ():
            name, place = pair.key.text, pair.key.position
            if name in RESERVED:
                hint = "choose another name"
                self.report.add("E403", place, f"'{name}' is reserved: every event has it by itself", hint)
            elif not is_snake(name):
                self.report.add("E207", place, f"the field '{name[:60]}' must be in snake_case", f"write {snake(name)}")
            made = self._field(name, pair.value)
            if made is not None:
                found[name] = made
        return found

    def _field(self, name: str, node: Node) -> Field | None:
        if isinstance(node, ScalarNode) and isinstance(node.value, str):
            path = self._field_path(node, node.text)
            return None if path is None else Field(path, node.text.strip())
        if not isinstance(node, MapNode):
            hint = f"write {name[:60]}: {{path: .id}}"
            self.report.add("E203", node.position, f"a field is a map, this is {kind_of(node)}", hint)
            return None
        keys = Keys(self.report, node, f"the field '{name[:60]}'", ("path", "label", "type", "default"))
        if not keys.has("path"):
            keys.need("path", "add path: .id")
        label = keys.text("label")
        kind = self._type(keys)
        default: Any = keys.node.get("default")
        text, place = keys.text("path"), keys.node.get("path")
        path = self._field_path(place, text) if isinstance(place, ScalarNode) and text else None
        if path is None:
            return None
        plain = default.plain() if isinstance(default, Node) else None
        return Field(path, text.strip(), label, kind, plain)

    def _type(self, keys: Keys) -> FieldType | None:
        node = keys.node.get("type")
        if node is None:
            return None
        text = node.text if isinstance(node, ScalarNode) else ""
        if text not in TYPES:
            hint = did_you_mean(text, TYPES)
            self.report.add("E215", node.position, f"type must be one of: {', '.join(TYPES)}", hint)
            return None
        return cast(FieldType, text)
