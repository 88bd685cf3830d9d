"""Events of tests: from fixture files and from the test itself, in mapped fields or in the vendor's JSON."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playbooks_engine.language.checking.keys import Keys, Report, kind_of
from playbooks_engine.language.position import START, Position
from playbooks_engine.language.reading import MapNode, Node, ScalarNode, read
from playbooks_engine.language.reading.tree import Lines
from playbooks_engine.language.suggesting import nearest
from playbooks_engine.testing.playbooks.suite import GivenEvent

FOLDER = "fixtures"
_KEYS = ("fixture", "fields", "raw", "change", "stream")

Places = dict[str, tuple[Lines, Position]]


def event_of(
    report: Report, node: MapNode, folder: Path, default: GivenEvent | None, *, bare: bool = False
) -> GivenEvent:
    """An event as a test gives it; `bare`: the map itself is what is changed.

    An event that says only what changes is the one of the defaults, changed.
    """
    if bare:
        said, but = _split(node)
        return GivenEvent(raw=said, change=but, places=dict(_places(node)), position=node.position)
    if node.pairs and not any(nearest(pair.key.text, _KEYS) for pair in node):
        report.add("E202", node.position, "the fields of an event stand under `fields`", "write fields: before them")
        return GivenEvent(fields=node.plain(), places=dict(_places(node)), position=node.position)
    keys = Keys(report, node, "an event", _KEYS)
    name = keys.text("fixture")
    begin = GivenEvent()
    if name:
        begin = _fixture(report, folder, name, _value_position(node, "fixture"))
    elif not keys.has("fields") and not keys.has("raw"):
        if default is None:
            report.add("E202", node.position, "an event needs `fixture`, `fields` or `raw`", "add fixture: NAME.yml")
        begin = default or begin
    fields, raw, change = keys.map("fields"), keys.map("raw"), keys.map("change")
    changed_raw, changed = _split(change) if change is not None else ({}, {})
    places: Places = dict(begin.places)
    for part in (fields, change):
        places |= dict(_places(part)) if part is not None else {}
    return GivenEvent(
        fields={**begin.fields, **(fields.plain() if fields is not None else {})},
        raw=merged(merged(dict(begin.raw), raw.plain() if raw is not None else {}), changed_raw),
        change={**begin.change, **changed},
        places=places,
        stream=keys.text("stream") or begin.stream,
        position=node.position,
    )


def merged(below: Any, above: Any) -> Any:
    """Maps inside maps, the second before the first; anything else is replaced."""
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return {**below, **{key: merged(below.get(key), value) for key, value in above.items()}}


def _fixture(report: Report, folder: Path, name: str, position: Position) -> GivenEvent:
    """The event in a file beside the test or in its folder `fixtures`: mapped fields, or `raw` alone."""
    for path in (folder / FOLDER / name, folder / name):
        if path.is_file():
            break
    else:
        there = sorted(one.name for one in (folder / FOLDER).glob("*.yml"))
        hint = f"{FOLDER}/ has: {', '.join(there)}" if there else f"make {FOLDER}/{name} with the fields of an event"
        report.add("E601", position, f"there is no fixture {name}", hint)
        return GivenEvent()
    document = read(path.read_bytes(), str(Path(report.lines.file).parent / path.relative_to(folder)))
    report.findings.extend(document.findings)
    if not isinstance(document.root, MapNode):
        told = kind_of(document.root) if document.root is not None else "nothing"
        if not document.findings:
            place = document.root.position if document.root is not None else START
            finding = document.finding("E203", place, f"a fixture is a map of fields, this is {told}")
            report.findings.append(finding)
        return GivenEvent()
    raw, fields = _split(document.root)
    return GivenEvent(fields=fields, raw=raw, places=dict(_places(document.root)), position=document.root.position)


def _split(node: MapNode) -> tuple[dict[str, Any], dict[str, Any]]:
    """The vendor's JSON under `raw`, and the mapped fields beside it."""
    plain = node.plain()
    raw = plain.pop("raw", {})
    return (raw if isinstance(raw, dict) else {}), plain


def _places(node: MapNode) -> Iterator[tuple[str, tuple[Lines, Position]]]:
    for pair in node:
        if pair.key.text != "raw":
            yield pair.key.text, (node.lines, pair.key.position)


def _value_position(node: MapNode, key: str) -> Position:
    value: Node | None = node.get(key)
    return value.position if isinstance(value, ScalarNode) else node.position
