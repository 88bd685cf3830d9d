"""Streams by name."""

from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.errors import BadUsage
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.streams import fetched_sources, source, sources


def test_a_stream_has_its_connections_settings_or_the_usual_ones(
    write_project: Callable[..., Path], open_engine: Callable[..., Engine], opsgenie: Simulator
) -> None:
    folder = write_project(opsgenie, "{every: 10s, page_size: 7}")
    assert source(open_engine(folder), "ops.alerts").settings.page_size == 7
    project = folder / "project.yml"
    project.write_text(project.read_text().replace("    fetch:\n      alerts: {every: 10s, page_size: 7}\n", ""))
    engine = open_engine(folder)
    assert source(engine, "ops.alerts").settings.page_size == 100
    assert [found.name for found in sources(engine, "ops")] == ["ops.alerts"]
    assert fetched_sources(engine) == []


def test_what_the_project_fetches_is_on_active_connections(engine: Engine) -> None:
    assert [found.name for found in fetched_sources(engine)] == ["ops.alerts"]


def test_a_slip_of_the_pen_is_answered_with_what_there_is(engine: Engine) -> None:
    with pytest.raises(BadUsage) as refused:
        source(engine, "ops.alert")
    assert "ops.alerts" in (refused.value.hint or "")
    with pytest.raises(BadUsage, match="no connection"):
        source(engine, "opsy.alerts")
