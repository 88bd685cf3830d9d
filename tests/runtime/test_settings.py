"""What project.yml may say beside its connections has defaults that work, and bounds."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from playbooks_engine.runtime.settings import Pausing, Retention, SignOfLife, Web


def test_a_project_that_says_nothing_has_what_most_need() -> None:
    assert (Web().host, Web().port, Web().public_url) == ("127.0.0.1", 8750, None)
    assert (Pausing().after, Pausing().retry) == (10, 900.0)
    assert (Retention().events, Retention().health) == (None, 90 * 86_400.0)


@pytest.mark.parametrize(
    ("model", "given"),
    [
        (Web, {"host": "0.0.0.0"}),
        (Web, {"port": 70_000}),
        (Web, {"prot": 80}),
        (Pausing, {"after": -1}),
        (Retention, {"events": "1h"}),
        (SignOfLife, {"call": "ping"}),
        (SignOfLife, {"call": "ops.ping_heartbeat", "every": "1s"}),
        (SignOfLife, {"with": {}}),
    ],
)
def test_what_cannot_be_meant_is_refused(model: type[BaseModel], given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(given)


def test_durations_are_written_as_everywhere() -> None:
    sign = SignOfLife.model_validate({"call": "ops.ping_heartbeat", "with": {"name": "x"}, "every": "2m"})
    assert (sign.every, sign.with_) == (120.0, {"name": "x"})
    assert Retention.model_validate({"runs": "30d"}).runs == 30 * 86_400.0
