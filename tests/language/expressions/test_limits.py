from __future__ import annotations

from playbooks_engine.language.expressions import limits


def test_the_limits_are_those_of_the_security_page() -> None:
    assert (limits.SOURCE, limits.BRACKETS, limits.LENGTH, limits.SECONDS) == (4_000, 32, 1_000_000, 0.1)
    assert (limits.PATTERN, limits.SUBJECT) == (1_000, 65_536)
