from __future__ import annotations

from playbooks_engine.language.suggesting import did_you_mean, nearest, shown


def test_the_nearest_word_is_suggested() -> None:
    assert nearest("aknowledged", ["acknowledged", "id", "owner"]) == "acknowledged"
    assert nearest("getOnCall", ["get_on_call"]) == "get_on_call"
    assert did_you_mean("attempt", ["attempts", "delay"]) == "did you mean attempts?"


def test_nothing_is_suggested_when_nothing_is_near() -> None:
    assert nearest("zzz", ["acknowledged"]) is None
    assert did_you_mean("zzz", ["a"], "the keys are: a") == "the keys are: a"
    assert nearest("x" * 1_000_000, ["x" * 1_000_000]) is None


def test_a_text_from_outside_stays_short_and_on_one_line() -> None:
    assert shown("a\nb\x1b[31m") == "a�b�[31m"
    assert len(shown("x" * 1000)) == 60
