from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playbooks_engine.errors import ExpressionError
from playbooks_engine.language.expressions import Scope, compile_tree, compile_value, tree_of

Try = Callable[[str], Any]


def test_one_whole_expression_keeps_its_native_type(value: Try) -> None:
    assert value("${{ event.count }}") == 7
    assert value("${{ event.tags }}") == ["prod", "db"]
    assert value("${{ event.owner }}") is None
    assert value("${{ event.acknowledged }}") is False


def test_mixed_text_prints_numbers_booleans_and_times_as_json_does(value: Try) -> None:
    assert (
        value("n=${{ event.count }} ${{ event.acknowledged }} ${{ now() }} ${{ 1.5 }}")
        == "n=7 false 2026-05-01T10:12:00Z 1.5"
    )
    assert value(" ${{ event.count }}") == " 7"


@pytest.mark.parametrize(("text", "hint"), [("event.owner", "default"), ("event.tags", "join"), ("event", "to_json")])
def test_mixed_text_refuses_what_has_no_text(text: str, hint: str, value: Try) -> None:
    with pytest.raises(ExpressionError) as error:
        value("x ${{ " + text + " }}")
    assert hint in str(error.value.hint)


def test_text_without_an_expression_is_itself(scope: Scope) -> None:
    plain = compile_value("{{ event.id }} {% if %} }}")
    assert plain.constant
    assert plain.evaluate(scope) == "{{ event.id }} {% if %} }}"


@pytest.mark.parametrize("text", ["[1, 2]", "None", "1e3", "{{ 7*7 }}", "${{ 7*7 }}", "{% raw %}", "__import__('os')"])
def test_data_is_never_code_and_never_changes_type(text: str) -> None:
    hostile = Scope({"event": {"m": text}}, lambda: None)  # type: ignore[arg-type, return-value]
    assert compile_value("${{ event.m }}").evaluate(hostile) == text
    assert compile_value("<${{ event.m }}>").evaluate(hostile) == f"<{text}>"
    assert compile_value("${{ event.m ~ '' }}").evaluate(hostile) == text


def test_two_texts_side_by_side_never_become_a_number(value: Try) -> None:
    assert value("${{ '1' }}${{ '2' }}") == "12"


def test_the_end_is_found_by_the_lexer(value: Try) -> None:
    assert value("${{ {'a': {'b': 1}}}}") == {"a": {"b": 1}}
    assert value("${{ '}}' }}${{ '${{' }}") == "}}${{"


def test_a_tree_keeps_its_shape_and_its_literal_keys(scope: Scope) -> None:
    tree = compile_tree({"${{ x }}": ["${{ event.count }}", 5, None, {"a": "b"}]})
    assert tree.evaluate(scope) == {"${{ x }}": [7, 5, None, {"a": "b"}]}
    assert not tree.constant
    assert compile_tree({"a": [1, "x"]}).constant


def test_an_error_inside_a_tree_names_where(scope: Scope) -> None:
    with pytest.raises(ExpressionError, match=r"^details\.0: no key 'x'"):
        compile_tree({"details": ["${{ event.x }}"]}).evaluate(scope)


def test_an_evaluation_never_hands_out_the_lists_of_the_playbook(scope: Scope) -> None:
    tree = compile_tree({"a": ["x"]})
    tree.evaluate(scope)["a"].append("y")
    assert tree.evaluate(scope) == {"a": ["x"]}


def test_the_names_that_are_read_are_known_beforehand() -> None:
    value = compile_value("${{ steps.on_call.output.a[0]['b'] | default(inputs.x) }} ${{ event[run.id] }}")
    assert value.names == {("steps", "on_call", "output", "a", 0, "b"), ("inputs", "x"), ("event",), ("run", "id")}
    assert {r.path[0] for r in value.references if r.defaulted} == {"steps"}


def test_a_tree_of_values_has_the_references_of_all() -> None:
    assert tree_of({"a": compile_value("${{ event.id }}"), "b": compile_value("x")}).names == {("event", "id")}


ATOMS = [
    "event",
    "event.tags",
    "event.count",
    "event.message",
    "event.owner",
    "1",
    "2.5",
    "'a'",
    "''",
    "none",
    "true",
    "[]",
    "{}",
    "now()",
    "inputs.n",
    "x",
    "steps.find.output",
]
FILTERS = [
    "length",
    "first",
    "last",
    "sort",
    "unique",
    "join",
    "int",
    "float",
    "abs",
    "round",
    "upper",
    "title",
    "to_json",
    "from_json",
    "to_datetime",
    "epoch_ms",
    "human_time",
    "list",
    "items",
    "sum",
    "min",
    "max",
    "reverse",
    "string",
    "truncate(3)",
    "split",
    "map('upper')",
    "map(attribute='n')",
    "select",
    "batch(2)",
    "slice(2)",
    "groupby('n')",
    "dictsort",
    "default(1)",
    "replace('a', 'b')",
    "json_query('[].n')",
    "regex_search('a+')",
    "regex_replace('a', 'b')",
    "urlencode",
    "wordcount",
    "selectattr('n', '>', 1)",
]
BINARY = ["+", "-", "*", "/", "//", "%", "==", "!=", "<", ">", "<=", ">=", "in", "not in", "and", "or", "~"]
expressions = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(BINARY), inner),
        st.builds("({} | {})".format, inner, st.sampled_from(FILTERS)),
        st.builds("({}).{}".format, inner, st.sampled_from(["a", "n", "items", "0"])),
        st.builds("({})[{}]".format, inner, inner),
        st.builds("({})[:{}]".format, inner, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("(not {})".format, inner),
        st.builds("(-{})".format, inner),
        st.builds(
            "({} is {})".format, inner, st.sampled_from(["none", "string", "defined", "empty", "even", "mapping"])
        ),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("{{'k': {}}}".format, inner),
    ),
    max_leaves=8,
)


def refusal(work: Callable[[], Any]) -> ExpressionError | None:
    """The error that the work ends in, if it ends in one of ours; any other goes through."""
    try:
        work()
    except ExpressionError as error:
        return error
    return None


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(expressions, st.sampled_from(["", "x "]))
def test_evaluation_raises_nothing_but_our_error(scope: Scope, text: str, before: str) -> None:
    error = refusal(lambda: compile_value(before + "${{ " + text + " }}").evaluate(scope))
    # "has no value" would be a fault that nobody thought of.
    assert error is None or (error.message and "has no value" not in error.message)


@settings(max_examples=400, deadline=None)
@given(st.text(alphabet="abe.[](){}|'\"\\ 01+-*/%~<>=!,:$#&\n\t", max_size=60))
def test_any_text_compiles_or_is_refused_inside_itself(text: str) -> None:
    whole = "${{" + text + "}}"
    error = refusal(lambda: compile_value(whole))
    assert error is None or (0 <= error.offset <= len(whole) and error.length >= 1)


json_data = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(json_data, st.sampled_from(FILTERS))
def test_no_data_breaks_a_filter(data: Any, filter: str) -> None:
    scope = Scope({"event": data}, lambda: None)  # type: ignore[arg-type, return-value]
    error = refusal(lambda: compile_value("${{ event | " + filter + " }}").evaluate(scope))
    assert error is None or "has no value" not in error.message
