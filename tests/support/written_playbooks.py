"""Playbooks and expressions that Hypothesis writes: most mean something, some hold a mistake."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

IDS = [f"s{n}" for n in range(12)]

PATHS = [
    *("event.id", "event.message", "event.tags", "event.count", "event.owner.name", "event.nothing"),
    *("inputs.n", "inputs.text", "vars.limit", "run.id", "now()", "ago('10m')"),
    *("steps.s0.status", "steps.s0.output | default(1)", "steps.s1.output"),
]
FILTERS = [
    "length",
    "default('x')",
    "default([], true)",
    "list",
    "first",
    "last",
    "unique",
    "join(', ')",
    "upper",
    "lower",
    "trim",
    "string",
    "int",
    "float",
    "sort",
    "to_json",
    "from_json",
    "to_datetime",
    "epoch_ms",
    "human_time",
    "round(1)",
    "sum",
    "json_query('[].id')",
    "map(attribute='id')",
    "selectattr('id', 'defined')",
    "regex_search('a+')",
    "replace('a', 'b')",
    "regex_replace('(a|b)+', 'c')",
    "split(',')",
    "min",
    "max",
    "reverse",
    "items",
    "tojson",
    "batch(2)",
    "nothing",
]
TESTS = ["defined", "none", "string", "number", "mapping", "sequence", "equalto(1)", "match('a.*')", "in [1]", "odd"]
LITERALS = [
    "1",
    "0",
    "-3",
    "2.5",
    "1e3",
    "'P1'",
    "''",
    "'[1, 2]'",
    "'${{ 1 }}'",
    "true",
    "false",
    "none",
    "[]",
    "[1, 'a']",
    "{}",
]
OPERATORS = ["+", "-", "*", "/", "//", "%", "~", "==", "!=", "<", ">", "<=", ">=", "and", "or", "in", "not in", "**"]

texts = st.text(max_size=60) | st.sampled_from(
    [
        "{{ 7 * 7 }}",
        "${{ inputs.n }}",
        "1e3",
        "[1, 2]",
        "{'a': 1}",
        "NO",
        "null",
        "0123",
        "' or 1 == 1 or '",
        "</a>",
        "a\nb: c",
    ]
)
"""What an alert may say, with what has been taken for code elsewhere."""


def expressions() -> st.SearchStrategy[str]:
    """Expressions without their delimiters."""
    return st.recursive(
        st.sampled_from(PATHS + LITERALS),
        lambda inner: st.one_of(
            st.builds(lambda a, f: f"{a} | {f}", inner, st.sampled_from(FILTERS)),
            st.builds(lambda a, o, b: f"{a} {o} {b}", inner, st.sampled_from(OPERATORS), inner),
            st.builds(lambda a, t: f"({a}) is {t}", inner, st.sampled_from(TESTS)),
            st.builds(lambda a, b, c: f"({a} if {b} else {c})", inner, inner, inner),
            st.builds(lambda a: f"(not {a})", inner),
            st.builds(lambda a, b: f"[{a}, {b}]", inner, inner),
            st.builds(lambda a, b: f"({a})[{b}]", inner, inner),
        ),
        max_leaves=6,
    )


def values() -> st.SearchStrategy[Any]:
    """What may stand under `with`."""
    inside = expressions().map(lambda text: "${{ " + text + " }}")
    mixed = st.builds(lambda a, b: f"{a} ${{{{ {b} }}}}", texts, expressions())
    leaves = inside | mixed | texts | st.none() | st.booleans() | st.integers(-5, 5)
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
        max_leaves=3,
    )


def calls() -> st.SearchStrategy[dict[str, Any]]:
    """The parts of a call."""
    extras = st.fixed_dictionaries(
        {},
        optional={
            "retry": st.sampled_from([3, 1, 5, {"attempts": 2, "delay": "1s"}, 99]),
            "once": st.sampled_from(["${{ event.id }}", "always", "${{ event.message }}-${{ inputs.n }}"]),
        },
    )
    said = expressions().map(lambda text: "it is ${{ " + text + " }}") | texts.filter(str.strip)
    message = st.fixed_dictionaries({"message": said})
    plain = st.one_of(
        st.dictionaries(st.sampled_from("xyz"), values(), max_size=3).map(
            lambda given: {"uses": "core.set", "with": given}
        ),
        message.map(lambda given: {"uses": "core.log", "with": given}),
        message.map(lambda given: {"uses": "core.fail", "with": given}),
        said.map(lambda text: {"uses": "ops.add_note", "with": {"identifier": "x", "note": text}}),
        st.dictionaries(st.sampled_from(["message", "x"]), values(), max_size=2).map(
            lambda given: {"uses": "core.log", "with": given}
        ),
    )
    asked = {"prompt": "Go on?", "timeout": "5m", "inputs": {"why": {"type": "string"}}}
    again = {"until": "output.status == 'closed' or event.count > 3", "every": "10s"}
    special = st.sampled_from(
        [
            {"uses": "core.wait", "with": {"for": "5m"}},
            {"uses": "core.stop", "when": "event.count > 5"},
            {"uses": "core.approval", "with": asked},
            {"uses": "./part.yml", "with": {}},
            {"uses": "core.find_events", "with": {"from": "ops.alerts"}},
            {"uses": "ops.get_alert", "with": {"identifier": "x"}, "timeout": "5m", "repeat": again},
        ]
    )
    return st.builds(lambda a, b: a | b, plain, extras) | special


def steps(ids: list[str] | None = None) -> st.SearchStrategy[list[dict[str, Any]]]:
    """A list of steps; ids are given out afterwards."""

    def more(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
        some = st.lists(inner, min_size=1, max_size=3)
        kinds = st.one_of(
            calls(),
            some.map(lambda made: {"steps": made}),
            st.dictionaries(st.sampled_from(["left", "right", "middle"]), some, min_size=1, max_size=3).map(
                lambda made: {"parallel": made}
            ),
        )
        plain = st.fixed_dictionaries(
            {},
            optional={
                "timeout": st.sampled_from(["5m", "1h", "2d", "10"]),
                "continue_on_error": st.booleans(),
                "on_error": some,
                "always": some,
            },
        )
        lists = st.sampled_from(["${{ event.tags }}", [1, 2], "${{ steps.s0.output }}"])
        looping = st.fixed_dictionaries({"for_each": lists, "as": st.just("alert"), "max_parallel": st.integers(1, 3)})
        choosing = st.fixed_dictionaries({"when": expressions(), "else": some})
        modifiers = plain | plain | looping | choosing
        return st.builds(lambda a, b: {**a, **b}, kinds, modifiers)

    return st.lists(st.recursive(calls(), more, max_leaves=5), min_size=1, max_size=4)


@st.composite
def playbooks(draw: st.DrawFn) -> str:
    """The text of a playbook: JSON, which is YAML too."""
    made = draw(
        st.fixed_dictionaries(
            {"steps": steps()},
            optional={
                "on": st.just({"event": {"from": "ops.alerts", "where": "event.count > 3", "for": "10m"}}),
                "vars": st.fixed_dictionaries({"limit": values()}),
                "concurrency": st.just({"key": "${{ event.id }}", "when_busy": "skip"}),
                "on_error": steps(),
                "always": steps(),
                "output": values(),
            },
        )
    )
    made |= {
        "connections": {"ops": "opsgenie"},
        "inputs": {"n": {"type": "integer", "default": 3}, "text": {"type": "string", "default": "a"}},
    }
    _name(made, iter(range(10_000)), draw(st.sampled_from([True, True, True, False])))
    return json.dumps(made, ensure_ascii=draw(st.booleans()), indent=draw(st.sampled_from([None, 1, 2])))


def _name(node: Any, numbers: Any, unique: bool) -> None:
    """Give every step an id; now and then the same to several."""
    if isinstance(node, list):
        for one in node:
            _name(one, numbers, unique)
    elif isinstance(node, dict):
        if {"uses", "steps", "parallel"} & set(node) and "connections" not in node:
            number = next(numbers)
            node["id"] = f"s{number}" if unique else IDS[number % len(IDS)]
        for key, value in list(node.items()):
            if key != "with":
                _name(value, numbers, unique)
