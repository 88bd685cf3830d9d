"""Recounting: what lacks is named, what the service deleted is named apart, and nothing makes up for a gap."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.errors import BadUsage
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.fetching import fetch
from playbooks_engine.runtime.records import Actor
from playbooks_engine.runtime.recounting import Recounted, as_json, recount
from playbooks_engine.store import tables
from playbooks_engine.testing.clock import START, FakeClock

ME = Actor("person", "tester")
Write = Callable[..., Path]
Open = Callable[..., Engine]


def recounted(engine: Engine, hours: float = 24) -> Recounted:
    async def go() -> Recounted:
        try:
            return await recount(engine, "ops.alerts", engine.clock.now() - timedelta(hours=hours), ME)
        finally:
            await engine.calling.close()

    return asyncio.run(go())


def fetched(engine: Engine, **window: Any) -> None:
    async def go() -> None:
        try:
            await fetch(engine, "ops.alerts", **window)
        finally:
            await engine.calling.close()

    asyncio.run(go())


def forget(engine: Engine, *keys: str) -> None:
    """Lose events, as a defect would."""
    with engine.database.transaction() as connection:
        for table in (tables.event, tables.event_version):
            connection.execute(delete(table).where(table.c.key.in_(keys)))


def hours_ago(hours: float) -> dict[str, Any]:
    at = START - timedelta(hours=hours)
    return {"created_at": at, "updated_at": at}


def names(result: Recounted, what: str) -> set[str]:
    return {named.key for gap in result.gaps for named in getattr(gap, what)}


def test_when_all_is_there_nothing_lacks(engine: Engine, opsgenie: Simulator) -> None:
    for number in range(30):
        opsgenie.has_alert(**hours_ago(1.5 + number / 2))
    fetched(engine)
    result = recounted(engine)
    assert result.complete
    assert (result.deleted, result.unlisted, result.fetch) == ([], [], None)
    assert sum(one.listed for one in result.slices) == sum(one.stored for one in result.slices) == 30
    assert result.until == START - timedelta(minutes=70)
    assert len(result.slices) == 23


def test_what_is_missing_is_named_in_its_slice_and_a_fetch_of_the_told_window_brings_it(
    engine: Engine, opsgenie: Simulator
) -> None:
    alerts = [opsgenie.has_alert(**hours_ago(2 + number)) for number in range(10)]
    fetched(engine)
    lost = [alerts[3].id, alerts[7].id]
    forget(engine, *lost)
    result = recounted(engine)
    assert not result.complete
    assert names(result, "missing") == set(lost)
    assert [(gap.listed, gap.stored) for gap in result.gaps] == [(1, 0), (1, 0)]
    assert result.fetch is not None
    fetched(engine, since=result.fetch[0], until=result.fetch[1])
    assert recounted(engine).complete


def test_a_deletion_at_the_service_hides_no_gap_of_the_same_hour(engine: Engine, opsgenie: Simulator) -> None:
    alerts = [opsgenie.has_alert(**hours_ago(2.1 + number / 100)) for number in range(4)]
    fetched(engine)
    forget(engine, alerts[0].id)
    opsgenie.state.alerts.remove(alerts[1])
    result = recounted(engine)
    [gap] = result.gaps
    assert gap.listed == gap.stored == 3
    assert names(result, "missing") == {alerts[0].id}
    assert [named.key for named in result.deleted] == [alerts[1].id]


def test_what_the_service_deleted_alone_is_no_gap(engine: Engine, opsgenie: Simulator) -> None:
    gone = opsgenie.has_alert(**hours_ago(2))
    fetched(engine)
    opsgenie.state.alerts.remove(gone)
    result = recounted(engine)
    assert result.complete
    assert [named.key for named in result.deleted] == [gone.id]


def test_what_is_there_and_not_listed_is_not_called_deleted(engine: Engine, opsgenie: Simulator) -> None:
    hidden = opsgenie.has_alert(**hours_ago(2))
    fetched(engine)
    opsgenie.change(hidden.id, visible_at=START + timedelta(hours=1))
    result = recounted(engine)
    assert result.complete
    assert (result.deleted, [named.key for named in result.unlisted]) == ([], [hidden.id])


def test_an_update_that_should_be_there_is_a_gap(engine: Engine, opsgenie: Simulator) -> None:
    alert = opsgenie.has_alert(**hours_ago(5))
    fetched(engine)
    opsgenie.change(alert.id, acknowledged=True, updated_at=START - timedelta(hours=3))
    result = recounted(engine)
    assert names(result, "behind") == {alert.id}
    opsgenie.change(alert.id, acknowledged=False, updated_at=START - timedelta(minutes=30))
    assert recounted(engine).complete, "it may still be on its way"


def test_an_event_that_cannot_be_mapped_is_told(opsgenie: Simulator, write_project: Write, open_engine: Open) -> None:
    folder = write_project(opsgenie, "{mapping: strict}")
    (folder / "mappings").mkdir()
    (folder / "mappings" / "strict.yml").write_text(
        "extends: default\nfields:\n  number: {path: .message, type: integer}\n"
    )
    engine = open_engine(folder)
    opsgenie.has_alert(message="1", **hours_ago(2))
    opsgenie.has_alert(message="two", **hours_ago(2))
    fetched(engine)
    result = recounted(engine)
    assert not result.complete
    assert ["'two' is not a whole number" in reason for reason in result.bad] == [True]


def test_what_may_still_be_late_is_not_looked_at(engine: Engine, opsgenie: Simulator, clock: FakeClock) -> None:
    old = opsgenie.has_alert(**hours_ago(2))
    young = opsgenie.has_alert(**hours_ago(1))
    fetched(engine)
    forget(engine, young.id)
    assert recounted(engine).complete
    forget(engine, old.id)
    assert not recounted(engine).complete


def test_a_stream_that_was_never_fetched_cannot_be_recounted(engine: Engine) -> None:
    with pytest.raises(BadUsage, match="never fetched to its end"):
        recounted(engine)


def test_a_time_that_is_not_closed_cannot_be_recounted(engine: Engine) -> None:
    fetched(engine)
    with pytest.raises(BadUsage, match="complete and settled up to"):
        recounted(engine, hours=1)


def test_more_than_the_service_pages_through_are_recounted(
    engine: Engine, opsgenie: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.opsgenie.simulator.paging.FURTHEST", 250)
    alerts = [opsgenie.has_alert(**hours_ago(2 + number / 1000)) for number in range(700)]
    fetched(engine)
    forget(engine, alerts[500].id)
    result = recounted(engine)
    assert names(result, "missing") == {alerts[500].id}
    assert sum(one.listed for one in result.slices) == 700


def test_the_document_names_what_lacks(engine: Engine, opsgenie: Simulator) -> None:
    alert = opsgenie.has_alert(**hours_ago(2))
    fetched(engine)
    forget(engine, alert.id)
    document = as_json(recounted(engine))
    assert document["status"] == "gaps"
    assert (document["listed"], document["stored"]) == (1, 0)
    [gap] = document["gaps"]
    assert [one["key"] for one in gap["missing"]] == [alert.id]
    assert document["fetch"]["since"] == START - timedelta(hours=2)
