from __future__ import annotations

from playbooks_engine.language.checking.keys import is_snake, kind_of, snake
from playbooks_engine.language.reading import MapNode, read


def test_a_name_is_turned_into_snake_case() -> None:
    assert [snake(n) for n in ("getOnCall", "get-on-call", "My Playbook", "ÄÖ")] == [
        "get_on_call",
        "get_on_call",
        "my_playbook",
        "name",
    ]
    assert is_snake("a_1")
    assert not is_snake("1a")


def test_nodes_have_words() -> None:
    root = read("a: 1\nb: x\nc: []\nd: {}\ne:\nf: true\n", "a.yml").root
    assert isinstance(root, MapNode)
    assert [kind_of(p.value) for p in root] == ["a number", "text", "a list", "a map", "nothing", "true or false"]
