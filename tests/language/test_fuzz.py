"""Broken files, expressions and mappings by the thousand: refused with a position, never an exception, never a hang.

`PLAYBOOKS_FUZZ_SECONDS` says how long each of the three goes on, `PLAYBOOKS_FUZZ_SEED` where it begins; a failure
names the seed of the one text that failed.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from playbooks_engine.errors import ExpressionError, Finding
from playbooks_engine.language.checking import check
from playbooks_engine.language.expressions import Scope, compile_condition, compile_value
from playbooks_engine.language.mapping import merge, read_mapping

SECONDS = float(os.environ.get("PLAYBOOKS_FUZZ_SECONDS", "1"))
SEED = int(os.environ.get("PLAYBOOKS_FUZZ_SEED", "20260501"))
LONGEST = 5.0
"""Processor seconds for one text: far more than any needs, so that only a hang fails."""
ROOT = Path(__file__).parents[2]
CORPUS = sorted((ROOT / "tests/language/corpus").rglob("*.yml"))
SEEDS = [path.read_bytes() for path in CORPUS if path.stat().st_size < 10_000]
MAPPINGS = [
    (ROOT / "connectors/opsgenie/mapping.yml").read_bytes(),
    *(path.read_bytes() for path in CORPUS if path.parent.name == "mappings"),
]
PIECES = [
    *(
        b"${{",
        b"}}",
        b"{{",
        b"}",
        b"[",
        b"]",
        b"&a ",
        b"*a",
        b"!!str ",
        b"!x ",
        b"| ",
        b">-\n",
        b"'",
        b'"',
        b"\\",
        b"#",
        b" #x",
    ),
    *(
        b": ",
        b"- ",
        b"? ",
        b"<<: ",
        b"---\n",
        b"...\n",
        b"\t",
        b"\r\n",
        b"\x00",
        b"\xff",
        b"\xe2\x80\xa8",
        b"\xc2\x85",
        b"%YAML 1.1\n",
    ),
    *(
        b"null",
        b"~",
        b"NO",
        b"1e999",
        b"0x1f",
        b"9" * 120,
        b"id: a\n",
        b"parallel: ",
        b"steps: ",
        b"when: ",
        b"repeat: ",
        b"a" * 300,
    ),
    *(b"$.", b"[*]", b"[?@.a=='b']", b"..", b".a", b"extends: default\n", b"search(@.a, '(a|aa)+c')"),
]
WORDS = [
    *(
        "event",
        "steps",
        "inputs",
        "item",
        "now()",
        "ago('1h')",
        "'a'",
        "1",
        "9" * 90,
        "1e308",
        "true",
        "none",
        "id",
        "x",
    ),
    *(
        ".",
        "|",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "~",
        "+",
        "-",
        "*",
        "**",
        "/",
        "//",
        "%",
        "==",
        "!=",
        "<",
        ">=",
        "=",
    ),
    *(
        "and",
        "or",
        "not",
        "in",
        "is",
        "if",
        "else",
        "defined",
        "default('x')",
        "length",
        "join(',')",
        "map(attribute='id')",
    ),
    *(
        "json_query('[].id')",
        "json_query('[?a==\"b\"]')",
        "regex_search('(a|aa)+c')",
        "match('a*')",
        "to_json",
        "from_json",
    ),
    *(
        "}}",
        "${{",
        "\\",
        "\n",
        "é",
        "🔥",
        "\x00",
        "'",
        '"',
        "loop",
        "batch(3)",
        "sort",
        "slice(2)",
        "round",
        "range(9)",
        "@",
        "#",
    ),
]
NOW = datetime(2026, 5, 1, 10, 12, tzinfo=UTC)
ROOTS = {
    "event": {"id": "a" * 36 + "b", "tags": ["a", "b"], "n": 10**60, "x": {"id": [1, None]}, "raw": "{{ 7 * 7 }}"},
    "steps": {"a": {"output": [{"id": 1}, {"id": "2"}], "status": "succeeded"}},
    "inputs": {"x": "a", "list": list(range(500))},
}


def rounds() -> Iterator[tuple[int, random.Random]]:
    """Seeds one after another until the time is over."""
    end, seed = time.monotonic() + SECONDS, SEED
    while time.monotonic() < end:
        seed += 1
        yield seed, random.Random(seed)  # noqa: S311 - no secret hangs on it


def broken(chance: random.Random, seeds: list[bytes]) -> bytes:
    """One of the texts with some bytes taken out, put in, doubled or exchanged with another's."""
    text = chance.choice(seeds)
    for _ in range(chance.randint(1, 6)):
        at = chance.randint(0, len(text))
        upto = min(len(text), at + chance.randint(0, 30))
        match chance.randint(0, 4):
            case 0:
                text = text[:at] + text[upto:]
            case 1:
                text = text[:at] + chance.choice(PIECES) * chance.choice([1, 1, 1, 3, 70]) + text[at:]
            case 2:
                text = text[:at] + text[at:upto] * 3 + text[upto:]
            case 3:
                other = chance.choice(seeds)
                start = chance.randint(0, len(other))
                text = text[:at] + other[start : start + 60] + text[upto:]
            case _:
                text = text[:at] + bytes([chance.randint(0, 255)]) + text[at + 1 :]
    return text


def judge(seed: int, text: object, work: Callable[[], list[Finding]]) -> None:
    """The work ends, soon, and what it finds stands inside the text."""
    begun = time.process_time()
    try:
        found = work()
    except Exception as error:
        pytest.fail(f"PLAYBOOKS_FUZZ_SEED={seed - 1}: {error!r} on {text!r}")
    taken = time.process_time() - begun
    assert taken < LONGEST, f"PLAYBOOKS_FUZZ_SEED={seed - 1}: {taken:.1f} s on {text!r}"
    for one in found:
        where = f"PLAYBOOKS_FUZZ_SEED={seed - 1}: {one.place} {one.code} in {text!r}"
        assert one.line >= 1, where
        assert 1 <= one.column <= len(one.source) + 1, where
        assert one.message, where


def test_a_broken_playbook_is_refused_or_read_and_nothing_else() -> None:
    for seed, chance in rounds():
        text = broken(chance, SEEDS)

        def work(text: bytes = text) -> list[Finding]:
            checked = check(text, "f.yml")
            assert (checked.playbook is None) == any(one.severity == "error" for one in checked.findings)
            return checked.findings

        judge(seed, text, work)


def test_a_broken_expression_is_an_expression_error_and_nothing_else() -> None:
    scope = Scope(ROOTS, lambda: NOW)
    for seed, chance in rounds():
        text = chance.choice(["", " "]).join(chance.choice(WORDS) for _ in range(chance.randint(1, 14)))

        def work(text: str = text) -> list[Finding]:
            with suppress(ExpressionError):
                compile_condition(text).evaluate(scope)
            with suppress(ExpressionError):
                compile_value("a ${{ " + text + " }}").evaluate(scope)
            with suppress(ExpressionError):
                compile_value("${{" + text + "}}").evaluate(scope)
            return []

        judge(seed, text, work)


def test_a_broken_mapping_is_refused_or_maps_and_nothing_else() -> None:
    base, _ = read_mapping(MAPPINGS[0], "default.yml")
    assert base is not None
    items = [{"id": "1", "a": [1, {"a": "b"}], "updatedAt": "x"}, {"id": None}, [], "text", {"tags": {"a": 1}}]
    for seed, chance in rounds():
        text = broken(chance, MAPPINGS)

        def work(text: bytes = text) -> list[Finding]:
            mapping, findings = read_mapping(text, "m.yml")
            if mapping is not None:
                mapping = merge(base, mapping) if mapping.extends else mapping
                for document in ({"data": items}, {"data": {"a": items}}, items, None):
                    mapping.events(document)
            return findings

        judge(seed, text, work)
