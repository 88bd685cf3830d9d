from __future__ import annotations

from playbooks_engine.language.checking import check
from playbooks_engine.language.playbook import Call, Repeat

HEAD = "connections: {ops: opsgenie}\nsteps:\n  - id: a\n    uses: ops.get_alert\n"


def call(rest: str) -> Call:
    checked = check(HEAD + rest, "a.yml")
    assert checked.findings == []
    assert checked.playbook is not None
    step = checked.playbook.steps[0]
    assert isinstance(step, Call)
    return step


def test_a_repeat_asks_every_half_minute_until_its_condition_on_the_output_holds() -> None:
    repeat = call("    timeout: 10m\n    repeat: {until: output.status == 'closed'}\n").repeat
    assert isinstance(repeat, Repeat)
    assert (repeat.every, repeat.until.names) == (30.0, {("output", "status")})


def test_a_repeat_may_say_how_often_and_sees_earlier_steps() -> None:
    text = "  - id: b\n    uses: ops.x\n    timeout: 1m\n    repeat: {every: 5s, until: steps.a.output.x == output.x}\n"
    playbook = check(HEAD + text, "a.yml").playbook
    assert playbook is not None
    assert isinstance(playbook.steps[1], Call)
    assert playbook.steps[1].repeat is not None
    assert playbook.steps[1].repeat.every == 5.0


def test_output_is_no_name_elsewhere() -> None:
    text = "    timeout: 10m\n    repeat: {until: output.x}\n    with: {n: '${{ output.x }}'}\n"
    (one,) = check(HEAD + text, "a.yml").findings
    assert (one.code, one.suggestion) == ("E306", "read steps.<id>.output")


def test_find_events_may_be_repeated_and_other_core_commands_may_not() -> None:
    text = "steps:\n  - id: a\n    uses: core.{}\n    timeout: 1m\n    repeat: {{until: output.count > 0}}\n"
    assert check(text.format("find_events"), "a.yml").findings == []
    for name in ("set", "log", "fail", "stop"):
        assert [f.code for f in check(text.format(name), "a.yml").findings] == ["E208"], name
