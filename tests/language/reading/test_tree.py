from __future__ import annotations

from playbooks_engine.language.position import Position
from playbooks_engine.language.reading import MapNode, read


def test_a_map_is_asked_by_key() -> None:
    root = read("a: [1, {b: null}]\nc: x\n", "a.yml").root
    assert isinstance(root, MapNode)
    assert root.keys() == ["a", "c"]
    assert root.get("z") is None
    assert root.plain() == {"a": [1, {"b": None}], "c": "x"}


def test_a_finding_has_its_source_line() -> None:
    document = read("a: 1\nb: 2\n", "a.yml")
    finding = document.finding("W101", Position(2, 4, 1), "what", "do")
    assert (finding.source, finding.severity, finding.place) == ("b: 2", "warning", "a.yml:2:4")
    assert document.finding("E101", Position(99, 1), "what").source == ""
