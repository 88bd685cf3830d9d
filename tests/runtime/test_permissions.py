"""What a connection allows, by area and effect."""

import pytest

from playbooks_engine.runtime.permissions import judge
from playbooks_engine.sdk.command import Effect
from playbooks_engine.sdk.connection import Level

ALLOWED: dict[Level, set[Effect]] = {
    "off": set(),
    "read": {"read"},
    "write": {"read", "write"},
    "full": {"read", "write", "destructive"},
}


@pytest.mark.parametrize("level", ALLOWED)
@pytest.mark.parametrize("effect", ["read", "write", "destructive"])
def test_a_level_allows_its_effects_and_those_below(level: Level, effect: Effect) -> None:
    verdict = judge({"alerts": level}, "alerts", effect)
    assert verdict.allowed is (effect in ALLOWED[level])
    assert verdict.rule == f"alerts: {level}"


@pytest.mark.parametrize(("effect", "allowed"), [("read", True), ("write", False), ("destructive", False)])
def test_what_is_not_named_may_be_read_only(effect: Effect, *, allowed: bool) -> None:
    verdict = judge({"alerts": "full"}, "incidents", effect)
    assert verdict.allowed is allowed
    assert verdict.rule == "incidents: read (not named)"


@pytest.mark.parametrize(("effect", "needed"), [("read", "read"), ("write", "write"), ("destructive", "full")])
def test_a_verdict_says_what_would_be_needed(effect: Effect, needed: str) -> None:
    assert judge({}, "alerts", effect).needed == f"alerts: {needed}"
