from __future__ import annotations

import pytest

from playbooks_engine.language.checking import check
from playbooks_engine.language.playbook import Call

HEAD = "connections: {chat: notify}\nsteps:\n  - id: ask\n    uses: core.approval\n    with:\n      prompt: Lock?\n"


def test_an_approval_knows_how_it_asks_and_what_the_person_may_fill_in() -> None:
    text = HEAD + (
        "      timeout: 30m\n      via: chat.send\n      inputs:\n"
        "        reason: {type: string}\n        until: {type: datetime, default: '${{ now() }}'}\n"
    )
    checked = check(text, "a.yml")
    assert checked.findings == []
    assert checked.playbook is not None
    step = checked.playbook.steps[0]
    assert isinstance(step, Call)
    assert step.via is not None
    assert (step.via.kind, step.via.alias, step.via.name) == ("command", "chat", "send")
    assert {name: (one.type, one.required) for name, one in step.asked.items()} == {
        "reason": ("string", True), "until": ("datetime", False),
    }  # fmt: skip
    assert set(step.inputs.parts or ()) == {"prompt", "timeout", "via", "inputs"}


def test_an_approval_without_a_limit_says_why_it_needs_one() -> None:
    (one,) = check(HEAD.replace("{chat: notify}", "{}"), "a.yml").findings
    assert (one.code, one.suggestion) == ("E202", "add timeout: 30m under `with`")
    assert "would hold the run for ever" in one.message


@pytest.mark.parametrize("word", ["approve", "approved", "accept", "allow"])
def test_nothing_approves_by_itself(word: str) -> None:
    text = HEAD.replace("{chat: notify}", "{}") + f"      timeout: 1h\n      on_timeout: {word}\n"
    (one,) = check(text, "a.yml").findings
    assert one.message == "nothing approves by itself: when the time is over, it is no"


@pytest.mark.parametrize("key", ["retry: 3", "once: x", "repeat: {until: output.x}"])
def test_a_person_is_asked_once(key: str) -> None:
    text = HEAD.replace("{chat: notify}", "{}") + f"      timeout: 1h\n    timeout: 2h\n    {key}\n"
    (one,) = check(text, "a.yml").findings
    assert (one.code, one.message.split(": ")[1]) == ("E208", "a person is asked once")


def test_what_an_approval_gives_is_known() -> None:
    text = HEAD + "      timeout: 1h\n      via: chat.send\noutput: ${{ steps.ask.output.decison }}\n"
    (one,) = check(text, "a.yml").findings
    assert (one.code, one.suggestion) == ("E303", "did you mean decision?")


@pytest.mark.parametrize("given", ["for: 5m", "until: 2026-05-01T10:00:00Z", "until: ${{ inputs.at }}"])
def test_a_wait_has_a_length_or_an_end(given: str) -> None:
    text = f"inputs: {{at: {{type: datetime}}}}\nsteps:\n  - id: a\n    uses: core.wait\n    with:\n      {given}\n"
    assert check(text, "a.yml").findings == []


def test_a_stop_may_stand_under_a_condition_and_in_a_block() -> None:
    text = "steps:\n  - {id: a, steps: [{id: b, when: now() == now(), uses: core.stop, with: {message: done}}]}\n"
    assert check(text + "  - {id: c, uses: core.log}\n", "a.yml").findings == []


@pytest.mark.parametrize("handler", ["on_error", "always"])
def test_a_stop_has_no_meaning_where_the_run_is_ending(handler: str) -> None:
    inner = "[{id: b, when: now() == now(), steps: [{id: c, uses: core.stop}]}]"
    text = f"steps:\n  - {{id: a, uses: core.log, {handler}: {inner}}}\n"
    assert [f.code for f in check(text, "a.yml").findings] == ["E226"]
