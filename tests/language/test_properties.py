"""What holds for every playbook and every alert: refused with a position or built, and data is never code."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from written_playbooks import expressions, playbooks, texts, values

from connectors.opsgenie import connector as opsgenie
from playbooks_engine.errors import ExpressionError, InvalidInput
from playbooks_engine.language.checking import check
from playbooks_engine.language.expressions import Scope, compile_condition, compile_tree, compile_value
from playbooks_engine.language.playbook import Call, Step

NOW = datetime(2026, 5, 1, 10, 12, tzinfo=UTC)
SLOW = settings(
    max_examples=int(os.environ.get("PLAYBOOKS_EXAMPLES", "30")),
    deadline=None,
    derandomize="PLAYBOOKS_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | texts,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(texts | st.sampled_from(["id", "name"]), inner, max_size=3)
    ),
    max_leaves=8,
)


def scope(event: Any) -> Scope:
    steps = {f"s{n}": {"status": "succeeded", "output": event, "results": [event]} for n in range(6)}
    roots = {
        "event": event, "inputs": {"n": 3, "text": "a"}, "vars": {"limit": event}, "run": {"id": 1}, "item": event,
        "loop": {"index": 1}, "error": {"message": "x"}, "steps": steps, "output": event,
    }  # fmt: skip
    return Scope(roots, lambda: NOW)


@SLOW
@given(playbooks())
def test_a_playbook_is_refused_with_a_position_or_built(text: str) -> None:
    checked = check(text, "p.yml")
    lines = text.split("\n")
    for finding in checked.findings:
        assert 1 <= finding.line <= len(lines)
        assert 1 <= finding.column <= len(lines[finding.line - 1]) + 1
        assert finding.message
    errors = [finding for finding in checked.findings if finding.severity == "error"]
    assert (checked.playbook is None) == bool(errors)
    if checked.playbook is not None:
        ids = [step.id for step in checked.playbook.every_step()]
        assert len(ids) == len(set(ids))


@SLOW
@given(playbooks(), json_values)
def test_whatever_was_built_can_be_evaluated_and_fails_only_as_an_expression(text: str, event: Any) -> None:
    playbook = check(text, "p.yml").playbook
    if playbook is None:
        return
    for step in playbook.every_step():
        _evaluate(step, scope(event))


def _evaluate(step: Step, seen: Scope) -> None:
    parts = [step.when, step.for_each]
    if isinstance(step, Call):
        parts += [step.inputs, step.once.key if step.once else None, step.repeat.until if step.repeat else None]
    for part in parts:
        if part is not None:
            with suppress(ExpressionError):
                part.evaluate(seen)


@SLOW
@given(expressions(), json_values)
def test_an_expression_has_a_value_or_fails_as_an_expression(text: str, event: Any) -> None:
    for compiled in (compile_condition, lambda text: compile_value("${{ " + text + " }}")):
        with suppress(ExpressionError):
            compiled(text).evaluate(scope(event))


@SLOW
@given(json_values)
def test_a_value_keeps_its_type_whatever_it_says(value: Any) -> None:
    got = compile_value("${{ event.value }}").evaluate(scope({"value": value}))
    assert type(got) is type(value)
    assert got is value


@SLOW
@given(texts, texts)
def test_text_of_an_alert_is_text_inside_other_text_and_is_never_evaluated(text: str, around: str) -> None:
    around = around.replace("${{", "")
    mixed = compile_value(around + " ${{ event.message }} " + around).evaluate(scope({"message": text}))
    assert mixed == f"{around} {text} {around}"
    tree = compile_tree({"a": ["${{ event.message }}", "${{ event.message | upper }}"]}).evaluate(
        scope({"message": text})
    )
    assert tree == {"a": [text, text.upper()]}


@SLOW
@given(texts)
def test_text_of_an_alert_survives_json_and_comparison_as_it_is(text: str) -> None:
    seen = scope({"message": text, "again": text, "list": [text]})
    assert compile_value("${{ event.message | to_json | from_json }}").evaluate(seen) == text
    assert compile_condition("event.message == event.again and event.message in event.list").evaluate(seen) is True


@SLOW
@given(values())
def test_a_tree_of_values_compiles_or_fails_as_an_expression(tree: Any) -> None:
    with suppress(ExpressionError):
        compile_tree(tree).evaluate(scope({"id": "a"}))


@SLOW
@given(texts)
def test_text_of_an_alert_changes_no_request_but_its_own_place_in_it(text: str) -> None:
    kind = opsgenie.commands["add_note"]
    given_inputs = compile_tree({"identifier": "${{ event.id }}", "note": "${{ event.message }}"})
    try:
        command = kind.read_inputs(given_inputs.evaluate(scope({"id": text, "message": text or "x"})))
        request = command.request()
    except InvalidInput:
        return  # refused before anything is sent
    assert request.method == "POST"
    assert request.path.split("/")[1:3] == ["v2", "alerts"]
    assert request.path.count("/") == 4
    assert request.path.endswith("/notes")
    assert "?" not in request.path
    assert "#" not in request.path
