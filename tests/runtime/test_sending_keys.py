"""A key that is changed where it is kept: read anew when the service refuses the one we have."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from playbooks_engine.errors import AuthFailed
from playbooks_engine.runtime.records import Actor
from playbooks_engine.runtime.sending import RENEWALS_APART

OLD = "00000000-0000-0000-0000-00000000001d"


async def call(engine: Any, name: str, **inputs: Any) -> Any:
    return await engine.calling.call("ops", engine.calling.command("ops", name, inputs), Actor("person", "me"))


async def test_a_key_that_was_changed_where_it_is_kept_is_read_anew_when_it_is_refused(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_OPS_KEY", OLD)
    async with bench.engine() as engine:
        with pytest.raises(AuthFailed):
            await call(engine, "get_schedules")
        monkeypatch.setenv("TEST_OPS_KEY", bench.simulator.key)
        engine.clock.pass_time(RENEWALS_APART)
        both = await asyncio.gather(call(engine, "get_schedules"), call(engine, "create_alert", message="m"))
        assert engine.secrets.without(f"{OLD} {bench.simulator.key}") == "*** ***"
    assert all(called.result is not None for called in both)
    assert bench.applied == ["Create"]
    refused = [entry.status for entry in bench.simulator.ledger].count(401)
    assert refused == 3


async def test_a_key_that_is_refused_and_is_still_the_same_is_not_sent_again(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_OPS_KEY", OLD)
    async with bench.engine() as engine:
        for _ in range(2):
            with pytest.raises(AuthFailed):
                await call(engine, "get_schedules")
        monkeypatch.delenv("TEST_OPS_KEY")
        engine.clock.pass_time(RENEWALS_APART)
        with pytest.raises(AuthFailed):
            await call(engine, "get_schedules")
    assert len(bench.simulator.ledger) == 3
