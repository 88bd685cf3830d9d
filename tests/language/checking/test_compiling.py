from __future__ import annotations

from playbooks_engine.language.checking.compiling import positions
from playbooks_engine.language.reading import read


def test_keys_and_values_are_placed_by_dotted_path() -> None:
    root = read("a:\n  b: [x, {c: y}]\n", "a.yml").root
    assert root is not None
    keys, values = positions(root, of_keys=True), positions(root, of_keys=False)
    assert list(keys) == ["a", "a.b", "a.b.0", "a.b.1", "a.b.1.c"]
    assert (keys["a.b.1.c"].column, values["a.b.1.c"].column) == (11, 14)
