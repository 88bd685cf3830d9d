"""The decisions of the language's design, one test each: the row's number is in the name.

Those that only a run can show stand in tests/runtime/running/test_decisions.py.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.opsgenie import connector as opsgenie
from playbooks_engine.errors import ExpressionError, Finding
from playbooks_engine.language.checking import check
from playbooks_engine.language.expressions import Scope, compile_condition, compile_value
from playbooks_engine.language.expressions.scope import ROOTS
from playbooks_engine.language.mapping import read_mapping
from playbooks_engine.language.playbook import Call, Playbook, Retry, Step
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.reviewing import review

STEP = "connections: {ops: opsgenie}\nsteps:\n  - id: a\n    uses: ops.get_alert\n    with: {identifier: x}\n"


def codes(text: str) -> list[str]:
    return [finding.code for finding in check(text, "a.yml").findings]


def only(text: str) -> Finding:
    (one,) = check(text, "a.yml").findings
    return one


def built(text: str) -> Playbook:
    checked = check(text, "a.yml")
    assert checked.playbook is not None, checked.findings
    return checked.playbook


def test_decision_01_an_expression_needs_no_quotes_and_the_other_form_is_told() -> None:
    good = STEP.replace("{identifier: x}", "\n      identifier: ${{ inputs.id }}") + "inputs: {id: {type: string}}\n"
    assert codes(good) == []
    bad = only(good.replace("${{", "{{"))
    assert (bad.code, bad.suggestion) == ("E115", "write ${{ ... }}")


def test_decision_02_data_is_never_code(calc: Callable[[str], Any], scope: Scope) -> None:
    event = {"message": "${{ 7 * 7 }} {{ 7 * 7 }} {% if x %}"}
    seen = Scope({**scope.roots, "event": event}, scope.now)
    assert compile_value("${{ event.message }}").evaluate(seen) == event["message"]
    assert compile_value("again ${{ event.message }}").evaluate(seen) == f"again {event['message']}"
    assert calc("event.message") == "[1, 2]"
    with pytest.raises(ExpressionError):
        compile_value("${{ event.message.__class__ }}").evaluate(seen)


@pytest.mark.parametrize("value", ["1e3", "[1,2]", "NO", "0123", 3, 2.5, True, None, [1], {"a": 1}])
def test_decision_03_a_whole_value_keeps_its_type_and_text_takes_no_list(value: object) -> None:
    seen = Scope({"event": {"x": value}}, lambda: None)  # type: ignore[arg-type,return-value]
    assert compile_value("${{ event.x }}").evaluate(seen) is value
    if value is None or isinstance(value, list | dict):
        with pytest.raises(ExpressionError, match=r"null|list|map"):
            compile_value("is ${{ event.x }}").evaluate(seen)
    else:
        assert isinstance(compile_value("is ${{ event.x }}").evaluate(seen), str)


def test_decision_04_what_is_missing_is_an_error_and_default_covers_the_chain(calc: Callable[[str], Any]) -> None:
    with pytest.raises(ExpressionError, match="Did you mean 'acknowledged'"):
        calc("event.aknowledged")
    assert calc("event.nobody.team.name | default('none')") == "none"
    assert calc("event.responders[9].name | default('none')") == "none"


@pytest.mark.parametrize("name", ["items", "keys", "values", "get", "pop", "count"])
def test_decision_05_a_dot_means_a_key(name: str) -> None:
    seen = Scope({"event": {name: "the field"}}, lambda: None)  # type: ignore[arg-type,return-value]
    assert compile_value(f"${{{{ event.{name} }}}}").evaluate(seen) == "the field"


def test_decision_06_a_condition_is_boolean_and_holds_no_delimiters_inside(scope: Scope) -> None:
    with pytest.raises(ExpressionError, match="true or false"):
        compile_condition("event.message").evaluate(scope)
    one = only(STEP + "    when: ${{ 1 == 2 }} == false\n")
    assert "text is always true" in one.message
    assert codes(STEP + "    when: ${{ 1 == 2 }}\n") == []


def test_decision_07_each_of_the_other_two_languages_has_one_place(calc: Callable[[str], Any]) -> None:
    assert calc("steps.find.output | json_query('[].id')") == ["x", "y"]
    for text in ("$.data[*].id", "data[?p == 'P1']", "sort_by(x, &y)"):
        assert codes(STEP + f'    when: "{text}"\n') != []
    mapping = "stream: alerts\nevents: $.data\nkey: .id\nfields:\n  a: {path: '.responders[*].name', type: list}\n"
    assert read_mapping(mapping, "m.yml")[1] == []


@pytest.mark.parametrize("root", ["secrets", "env", "connections"])
def test_decision_08_there_is_no_root_for_secrets(root: str) -> None:
    assert root not in ROOTS
    assert only(STEP.replace("identifier: x", f'identifier: "${{{{ {root}.key }}}}"')).code == "E302"


@pytest.mark.parametrize("word", ["needs", "depends_on", "next"])
def test_decision_09_steps_run_in_their_order_and_there_is_no_graph(word: str) -> None:
    assert (
        only(STEP + f"    {word}: b\n").message
        == f"a step has no key '{word}': steps run in the order they are written"
    )


def test_decision_10_the_other_case_stands_at_the_condition() -> None:
    text = STEP + "    when: 1 == 2\n    else:\n      - {id: b, uses: core.set, with: {x: 1}}\n"
    assert [step.id for step in built(text).steps[0].otherwise] == ["b"]
    assert codes(STEP + "    else: [{id: b, uses: core.set}]\n") == ["E208"]


def test_decision_14_a_hold_time_stands_on_the_trigger() -> None:
    on = "on: {event: {from: ops.alerts, where: not event.acknowledged, for: 10m}}\n"
    event = built(on + STEP).event
    assert event is not None
    assert (event.hold, event.existing) == (600.0, "baseline")


def test_decision_16_a_missed_time_is_caught_up_once_unless_said_otherwise() -> None:
    schedule = built("on: {schedule: {every: 1m}}\n" + STEP).schedule
    assert schedule is not None
    assert schedule.catch_up == "last"


def test_decision_17_an_approval_has_a_limit_and_nothing_approves() -> None:
    ask = "steps:\n  - id: a\n    uses: core.approval\n    with: {prompt: Lock?%s}\n"
    assert codes(ask % ", timeout: 30m") == []
    assert "for ever" in only(ask % "").message
    assert "nothing approves by itself" in only(ask % ", timeout: 30m, on_timeout: approve").message


def test_decision_18_what_a_playbook_can_call_is_known_before_it_runs() -> None:
    assert "literal" in only(STEP.replace("ops.get_alert", "${{ inputs }}")).message
    via = "steps:\n  - id: a\n    uses: core.approval\n    with: {prompt: x, timeout: 1h, via: '${{ run.id }}'}\n"
    assert "literal" in only(via).message


def test_decision_19_every_step_has_an_id() -> None:
    assert only("steps:\n  - uses: core.set\n").message == "a step needs `id`"
    assert codes("steps:\n  - {id: a, uses: core.set}\n  - {id: a, uses: core.set}\n") == ["E206"]


def test_decision_20_retry_goes_by_class_and_a_limit_is_no_class_of_ours() -> None:
    step = built(STEP + "    retry: {on: [timeout, connection]}\n").steps[0]
    assert isinstance(step, Call)
    assert step.retry == Retry(on=frozenset({"timeout", "connection"}))
    assert "not by status code" in only(STEP + "    retry: {on: [429]}\n").message
    assert "never cured" in only(STEP + "    retry: {on: [outcome_unknown]}\n").message


def test_decision_21_one_timeout_stands_on_the_step_and_none_inside_retry() -> None:
    assert built(STEP + "    timeout: 2m\n    retry: 3\n").steps[0].timeout == 120.0
    assert codes(STEP + "    retry: {attempts: 3, timeout: 1m}\n") == ["E201"]


def test_decision_22_on_is_a_key_and_a_key_stands_once() -> None:
    assert built("on: {schedule: {every: 1m}}\n" + STEP).schedule is not None
    assert codes("name: a\nname: b\n" + STEP) == ["E107"]


def test_decision_23_one_mistake_in_a_step_is_one_finding() -> None:
    one = only(STEP + "    retry: {attempt: 3}\n")
    assert (one.message, one.suggestion) == ("retry has no key 'attempt'", "did you mean attempts?")
    kinds = {"Call", "Block", "Parallel"}
    assert {kind.__name__ for kind in Step.__subclasses__()} == kinds
    assert all(dataclasses.is_dataclass(kind) for kind in Step.__subclasses__())


def test_decision_24_what_we_ship_is_checked_against_the_connectors(tmp_path: Path) -> None:
    """Each example is checked with its commands' inputs; a command or an input that is not there would be told."""
    (tmp_path / "project.yml").write_text("connections: {ops: {connector: opsgenie, api_key: 'env:K'}}\n")
    (tmp_path / "playbooks").mkdir()
    place = tmp_path / "playbooks" / "a.yml"
    place.write_text(STEP.replace("identifier: x", "identifer: x"))
    found = review(tmp_path, Catalog.of(opsgenie), [place]).findings
    assert {one.code for one in found} == {"E222"}
    place.write_text(STEP)
    assert review(tmp_path, Catalog.of(opsgenie), [place]).findings == []


def test_decision_25_an_id_is_no_subtraction() -> None:
    one = only("steps:\n  - {id: get-on-call, uses: core.set}\n")
    assert (one.code, one.suggestion) == ("E207", "write get_on_call")
