"""Words that people bring from other engines."""

from __future__ import annotations

import pytest

from playbooks_engine.language.checking import check
from playbooks_engine.language.checking.file import KEYS
from playbooks_engine.language.checking.steps import CALL_KEYS, KINDS, SHARED_KEYS
from playbooks_engine.language.checking.words import IN_EVENTS, IN_FILES, IN_TRIGGERS, ON_STEPS

STEP = "steps:\n  - id: a\n    uses: core.log\n"


@pytest.mark.parametrize("word", ON_STEPS)
def test_a_word_on_a_step_is_one_finding_with_a_fix(word: str) -> None:
    for text in (f"{STEP}    {word}: x\n", f"steps:\n  - id: a\n    {word}: x\n"):
        (one,) = check(text, "a.yml").findings
        told, fix = ON_STEPS[word]
        assert (one.code, one.message, one.suggestion) == ("E201", f"a step has no key '{word}': {told}", fix)
        assert one.source[one.column - 1 :][: one.length] == word


@pytest.mark.parametrize("word", IN_FILES)
def test_a_word_at_the_top_is_one_finding_with_a_fix(word: str) -> None:
    (one,) = check(f"{STEP}{word}: x\n", "a.yml").findings
    assert (one.code, one.line, one.suggestion) == ("E201", 4, IN_FILES[word][1])


@pytest.mark.parametrize("word", IN_TRIGGERS)
def test_a_word_of_a_trigger_is_one_finding_with_a_fix(word: str) -> None:
    (one,) = check(f"{STEP}on:\n  {word}: x\n", "a.yml").findings
    assert (one.code, one.line, one.suggestion) == ("E201", 5, IN_TRIGGERS[word][1])


@pytest.mark.parametrize("word", IN_EVENTS)
def test_a_word_of_an_event_is_one_finding_with_a_fix(word: str) -> None:
    (one,) = check(
        f"{STEP}connections: {{ops: opsgenie}}\non:\n  event: {{from: ops.x, {word}: x}}\n", "a.yml"
    ).findings
    assert (one.code, one.line, one.suggestion) == ("E201", 6, IN_EVENTS[word][1])


def test_no_word_is_one_of_the_language() -> None:
    assert not {*ON_STEPS} & {*SHARED_KEYS, *CALL_KEYS, *KINDS}
    assert not {*IN_FILES} & {*KEYS}
    assert not {*IN_EVENTS} & {"from", "where", "for", "existing"}
