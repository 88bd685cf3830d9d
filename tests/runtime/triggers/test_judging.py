"""What makes a trigger another one, and what its condition saw of an event."""

from dataclasses import replace
from typing import Any

import pytest

from playbooks_engine.errors import ExpressionError
from playbooks_engine.language.expressions import compile_condition
from playbooks_engine.language.playbook import EventTrigger
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.triggers.judging import Judge, digest_of
from playbooks_engine.store.events import EventRow
from playbooks_engine.testing.clock import START


def trigger(where: str | None, **more: Any) -> EventTrigger:
    return EventTrigger(stream="ops.alerts", where=compile_condition(where) if where else None, **more)


def event(**fields: Any) -> EventRow:
    return EventRow(
        stream="ops.alerts", key="a", version_id=1, number=1, version="1", versions=1, first_seen=START,
        last_seen=START, fields=fields, raw={},
    )  # fmt: skip


def test_stream_condition_and_hold_time_make_a_trigger_and_how_it_begins_does_not() -> None:
    plain = trigger("event.count > 3")
    assert digest_of(plain) == digest_of(replace(plain, existing="fire"))
    assert digest_of(plain) == digest_of(trigger(" event.count > 3 "))
    others = [replace(plain, hold=60.0), replace(plain, stream="ops.other"), trigger("event.count > 4"), trigger(None)]
    assert len({digest_of(other) for other in [plain, *others]}) == 5


def test_it_sees_each_part_that_decided(engine: Engine) -> None:
    judge = Judge(engine, trigger("event.status == 'open' and event.priority in ['P1', 'P2']"))
    assert not judge.matches(event(status="open", priority="P5"))
    assert judge.saw(event(status="open", priority="P5")) == [["event.status", "open"], ["event.priority", "P5"]]
    assert judge.saw(event(status="closed", priority="P5")) == [["event.status", "closed"]]
    assert Judge(engine, trigger(None)).saw(event()) == []


def test_a_long_value_is_kept_short(engine: Engine) -> None:
    judge = Judge(engine, trigger("event.message != ''"))
    ((_, value),) = judge.saw(event(message="x" * 10_000))
    assert len(value) < 600


def test_what_cannot_be_judged_says_why(engine: Engine) -> None:
    judge = Judge(engine, trigger("event.count > 3"))
    with pytest.raises(ExpressionError) as caught:
        judge.matches(event(count="many"))
    assert judge.unjudged(caught.value).startswith("`where` could not be judged: ")
