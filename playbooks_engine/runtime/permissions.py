"""What a connection allows: judged by area and effect, for people, playbooks and the service alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from playbooks_engine.sdk.command import Effect
from playbooks_engine.sdk.connection import Level

DEFAULT: Level = "read"
_ENOUGH: Mapping[Effect, frozenset[Level]] = {
    "read": frozenset({"read", "write", "full"}),
    "write": frozenset({"write", "full"}),
    "destructive": frozenset({"full"}),
}
_NEEDED: Mapping[Effect, Level] = {"read": "read", "write": "write", "destructive": "full"}


@dataclass(frozen=True)
class Verdict:
    """Whether it is allowed, and the rule that decided, as it stands in project.yml."""

    allowed: bool
    rule: str
    needed: str


def judge(allow: Mapping[str, Level], area: str, effect: Effect) -> Verdict:
    """What is not named may be read only."""
    level = allow.get(area, DEFAULT)
    rule = f"{area}: {level}" if area in allow else f"{area}: {level} (not named)"
    return Verdict(level in _ENOUGH[effect], rule, f"{area}: {_NEEDED[effect]}")
