"""From YAML text to a document: PyYAML's parser gives events, everything else is ours."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

import yaml

from playbooks_engine.errors import Finding
from playbooks_engine.language.position import START, Position
from playbooks_engine.language.reading.scalars import SCALAR_TAGS, meaning, tagged
from playbooks_engine.language.reading.traps import comment_after, explain
from playbooks_engine.language.reading.tree import Lines, ListNode, MapNode, Node, Pair, ScalarNode, Style

LARGEST = 1_048_576
"""Bytes of a file: libyaml is quadratic on deep flow sequences."""

MOST_NODES = 100_000
"""Nodes after every alias has been written out: 350 bytes of aliases can mean 80 MB."""

DEEPEST = 64
"""Maps and lists inside each other."""

_BREAKS = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_STYLES: dict[str | None, Style] = {"'": "single", '"': "double", "|": "block", ">": "block"}


class _Parser(Protocol):
    def get_event(self) -> Any: ...


class _PurePythonParser(yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser):
    """The same events without libyaml, for installations that lack it."""

    def __init__(self, text: str) -> None:
        yaml.reader.Reader.__init__(self, text)
        yaml.scanner.Scanner.__init__(self)
        yaml.parser.Parser.__init__(self)


def _parser(text: str) -> _Parser:
    try:
        from yaml.cyaml import CParser  # type: ignore[attr-defined]  # the stubs forget to export it
    except ImportError:
        return _PurePythonParser(text)
    parser: _Parser = CParser(text)
    return parser


@dataclass(frozen=True)
class Document:
    """One file: its tree, or None when it is empty or cannot be read, and what is wrong with it as YAML."""

    file: str
    text: str
    lines: Lines
    root: Node | None
    findings: list[Finding] = field(default_factory=list)

    def finding(self, code: str, position: Position, message: str, suggestion: str | None = None) -> Finding:
        """A finding in this file, with its source line; W codes are warnings."""
        return self.lines.finding(code, position, message, suggestion)


class _Refused(Exception):
    """Reading stops here; the finding says why."""

    def __init__(self, code: str, position: Position, message: str, suggestion: str | None = None) -> None:
        super().__init__(message)
        self.code, self.position, self.message, self.suggestion = code, position, message, suggestion


def read(text: str | bytes, file: str) -> Document:
    """The document in a YAML text; never raises, what is wrong stands in its findings."""
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    if len(raw) > LARGEST:
        message = f"the file is larger than {LARGEST // 1024} KiB"
        return _unreadable(file, "", "E102", START, message, "split it, or move data out of it")
    if isinstance(text, bytes):
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            before = raw[: error.start].decode("utf-8", "replace")
            line = len(_BREAKS.split(before))
            column = len(_BREAKS.split(before)[-1]) + 1
            return _unreadable(
                file, before, "E101", Position(line, column), "the file is not UTF-8", "save it as UTF-8"
            )
    text = text.removeprefix("\ufeff")
    lines = Lines(file, tuple(_BREAKS.split(text)))
    builder = _Builder(text, lines)
    try:
        root = builder.document()
    except _Refused as refused:
        builder.report(refused.code, refused.position, refused.message, refused.suggestion)
        root = None
    except yaml.MarkedYAMLError as error:
        found = explain(error, lines, _still_open(text))
        builder.report(found.code, found.position, found.message, found.suggestion)
        root = None
    except (yaml.YAMLError, UnicodeError) as error:
        builder.report("E101", *_unprintable(text, lines, error))
        root = None
    except (ValueError, RecursionError):
        builder.report("E106", START, "the file cannot be read as YAML")
        root = None
    return Document(file, text, lines, root, builder.findings)


def _still_open(text: str) -> Position | None:
    """The innermost bracket that is open where the text cannot be read on."""
    events: Any = _parser(text)
    opened: list[Position | None] = []
    with suppress(yaml.YAMLError):
        while not isinstance(event := events.get_event(), yaml.StreamEndEvent):
            if isinstance(event, yaml.CollectionStartEvent):
                start: Any = event.start_mark
                place = Position(start.line + 1, start.column + 1)
                opened.append(place if event.flow_style else None)
            elif isinstance(event, yaml.CollectionEndEvent):
                opened.pop()
    return opened[-1] if opened else None


def _unreadable(file: str, text: str, code: str, position: Position, message: str, suggestion: str) -> Document:
    lines = Lines(file, tuple(_BREAKS.split(text)))
    return Document(file, text, lines, None, [lines.finding(code, position, message, suggestion)])


def _unprintable(text: str, lines: Lines, error: Exception) -> tuple[Position, str, str]:
    # NEL and the byte order mark are printable to YAML; the parser says which character it minds only by index.
    found = re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]", text)
    if found is None:
        return START, "the file holds a character that YAML does not allow", "remove it"
    before = _BREAKS.split(text[: found.start()])
    position = Position(len(before), len(before[-1]) + 1)
    name = f"U+{ord(found.group()):04X}"
    return position, f"the character {name} is not allowed in YAML", 'remove it, or write it as "\\u...." in quotes'


class _Builder:
    """Turns events into nodes and counts what they grow to."""

    def __init__(self, text: str, lines: Lines) -> None:
        self.lines = lines
        self.findings: list[Finding] = []
        self._text = text
        self._anchors: dict[str, tuple[Node, int] | None] = {}
        self._count = 0

    def report(self, code: str, position: Position, message: str, suggestion: str | None = None) -> None:
        self.findings.append(self.lines.finding(code, position, message, suggestion))

    def document(self) -> Node | None:
        self._events = _parser(self._text)
        self._events.get_event()
        first = self._events.get_event()
        if isinstance(first, yaml.StreamEndEvent):
            return None
        root = self._node(self._events.get_event(), 1)
        self._events.get_event()
        after = self._events.get_event()
        if isinstance(after, yaml.DocumentStartEvent):
            raise _Refused("E103", self._at(after), "the file holds several documents", "keep one, without ---")
        return root

    def _at(self, event: Any, length: int | None = None) -> Position:
        start, end = event.start_mark, event.end_mark
        if length is None:
            same = start.line == end.line
            length = (end.column if same else len(self.lines[start.line + 1].rstrip())) - start.column
        return Position(start.line + 1, start.column + 1, max(length, 1))

    def _node(self, event: Any, depth: int) -> Node:
        if depth > DEEPEST:
            raise _Refused("E109", self._at(event), f"maps and lists are nested more than {DEEPEST} deep", "flatten it")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        anchor: str | None = event.anchor
        if anchor is not None:
            self._anchors[anchor] = None
        before = self._count
        self._spend(1, event)
        if isinstance(event, yaml.ScalarEvent):
            node: Node = self._scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._list(event, depth)
        else:
            node = self._map(event, depth)
        if anchor is not None:
            self._anchors[anchor] = (node, self._count - before)
        return node

    def _spend(self, nodes: int, event: Any) -> None:
        self._count += nodes
        if self._count > MOST_NODES:
            raise _Refused(
                "E108",
                self._at(event),
                f"the file grows to more than {MOST_NODES:,} values",
                "use fewer aliases (*name)",
            )

    def _alias(self, event: Any) -> Node:
        known = self._anchors.get(event.anchor, False)
        if known is False:
            raise _Refused(
                "E108", self._at(event), f"there is no anchor &{event.anchor}", "put text that begins with * in quotes"
            )
        if known is None:
            raise _Refused("E108", self._at(event), f"*{event.anchor} holds itself", "write it out")
        assert isinstance(known, tuple)  # noqa: S101 - the two other cases are above
        node, size = known
        self._spend(size, event)
        return node

    def _list(self, event: Any, depth: int) -> ListNode:
        self._check_tag(event, "tag:yaml.org,2002:seq")
        items = []
        while not isinstance(following := self._events.get_event(), yaml.SequenceEndEvent):
            items.append(self._node(following, depth + 1))
        return ListNode(position=self._at(event, None if items else 1), lines=self.lines, items=tuple(items))

    def _map(self, event: Any, depth: int) -> MapNode:
        self._check_tag(event, "tag:yaml.org,2002:map")
        pairs: dict[str, Pair] = {}
        while not isinstance(following := self._events.get_event(), yaml.MappingEndEvent):
            if not isinstance(following, yaml.ScalarEvent):
                raise self._bad_key(following)
            key = self._key(following)
            self._spend(1, following)
            value = self._node(self._events.get_event(), depth + 1)
            if key.text == "<<" and key.style == "plain":
                continue  # reported, and no key of ours
            if key.text in pairs:
                first = pairs[key.text].key.position.line
                self.report(
                    "E107",
                    key.position,
                    f"the key '{key.text}' stands here twice",
                    f"remove one; the first is on line {first}",
                )
            else:
                pairs[key.text] = Pair(key, value)
        return MapNode(position=self._at(event), lines=self.lines, pairs=tuple(pairs.values()))

    def _key(self, event: Any) -> ScalarNode:
        self._check_tag(event, "tag:yaml.org,2002:str")
        position = self._at(event)
        if event.implicit[0] and event.value == "<<":
            self.report("E119", position, "<< does not merge maps here (that was YAML 1.1)", "write the keys out")
        if not event.value:
            self.report("E116", position, "a key is empty", "give it a name")
        return self._node_of(event, event.value)

    def _bad_key(self, event: Any) -> _Refused:
        position = self._at(event, 1)
        before = self.lines[position.line][: position.column - 1]
        if isinstance(event, yaml.MappingStartEvent) and before.rstrip().endswith("{"):
            start = Position(position.line, len(before.rstrip()), 2)
            return _Refused("E115", start, "{{ begins a YAML map, not an expression", "write ${{ ... }}")
        return _Refused("E116", position, "a key must be text", "put it in quotes if it is meant as text")

    def _check_tag(self, event: Any, *allowed: str) -> None:
        tag = getattr(event, "tag", None)
        if tag is not None and tag != "!" and tag not in allowed:
            shown = "!!" + tag.removeprefix("tag:yaml.org,2002:") if tag.startswith("tag:yaml.org") else tag
            self.report("E110", self._at(event), f"the tag {shown[:60]} is not supported", "remove it")

    def _scalar(self, event: Any) -> ScalarNode:
        tag, value = event.tag, event.value
        if tag is not None and tag != "!":
            self._check_tag(event, *SCALAR_TAGS)
        try:
            if tag in SCALAR_TAGS:
                value = tagged(tag, value)
            elif event.implicit[0] and not event.style:
                value = meaning(value)
        except ValueError as error:
            self.report("E118", self._at(event), str(error), "put it in quotes if it is meant as text")
        node = self._node_of(event, value)
        self._look_behind(event, node)
        return node

    def _node_of(self, event: Any, value: Any) -> ScalarNode:
        style = _STYLES.get(event.style, "plain")
        return ScalarNode(
            position=self._at(event),
            lines=self.lines,
            value=value,
            text=event.value,
            style=style,
            last_line=event.end_mark.line + 1,
        )

    def _look_behind(self, event: Any, node: ScalarNode) -> None:
        """A comment right after a value may be a part of the value that its author has lost."""
        if node.style == "block" or not node.text:
            return
        trap = comment_after(node, event.end_mark.line + 1, event.end_mark.column)
        if trap is not None:
            self.report(trap.code, trap.position, trap.message, trap.suggestion)
