"""The field mapping of a stream: the connector's, or the project's over it."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.errors import BadPlaybook
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.mappings import event_root, mapping_of
from playbooks_engine.runtime.streams import source


@pytest.fixture
def with_mapping(
    write_project: Callable[..., Path], open_engine: Callable[..., Engine], opsgenie: Simulator
) -> Callable[[str], Engine]:
    def make(text: str) -> Engine:
        folder = write_project(opsgenie, "{mapping: ours}")
        (folder / "mappings").mkdir(exist_ok=True)
        (folder / "mappings" / "ours.yml").write_text(text)
        return open_engine(folder)

    return make


def test_the_connectors_own_mapping_is_the_default(engine: Engine) -> None:
    mapping, digest = mapping_of(engine, source(engine, "ops.alerts"))
    assert mapping.fields["tiny_id"].label == "Original event ID"
    assert mapping_of(engine, source(engine, "ops.alerts")) == (mapping, digest)


def test_a_mapping_that_extends_the_default_changes_only_its_own_rows(with_mapping: Callable[[str], Engine]) -> None:
    engine = with_mapping("extends: default\nfields:\n  team: {path: .ownerTeamId}\n")
    mapping, digest = mapping_of(engine, source(engine, "ops.alerts"))
    assert {"team", "tiny_id"} <= set(mapping.fields)
    path = engine.project.folder / "mappings" / "ours.yml"
    path.write_text("extends: default\nfields:\n  squad: {path: .ownerTeamId}\n")
    edited, other = mapping_of(engine, source(engine, "ops.alerts"))
    assert "team" not in edited.fields
    assert digest != other


def test_a_mapping_by_itself_replaces_the_default(with_mapping: Callable[[str], Engine]) -> None:
    engine = with_mapping("stream: alerts\nevents: $.data\nkey: .id\nversion: .updatedAt\nfields:\n  id: {path: .id}\n")
    mapping, _ = mapping_of(engine, source(engine, "ops.alerts"))
    assert list(mapping.fields) == ["id"]


def test_a_mapping_with_errors_is_refused_with_its_findings(with_mapping: Callable[[str], Engine]) -> None:
    engine = with_mapping("extends: default\nfields:\n  team: {path: $.data.team}\n")
    with pytest.raises(BadPlaybook) as refused:
        mapping_of(engine, source(engine, "ops.alerts"))
    assert refused.value.findings[0].line == 3
    assert refused.value.findings[0].file.endswith("mappings/ours.yml")


def test_event_is_the_fields_with_times_as_times_and_raw(engine: Engine) -> None:
    root = event_root(engine, "ops.alerts", {"id": "a", "created_at": "2026-03-27T09:00:00Z"}, {"id": "a"})
    assert root == {"id": "a", "created_at": datetime(2026, 3, 27, 9, tzinfo=UTC), "raw": {"id": "a"}}
    assert event_root(engine, "gone.alerts", {"id": "a"}, {}) == {"id": "a", "raw": {}}
    assert event_root(engine, None, {"id": "a"}, {}) == {"id": "a", "raw": {}}
