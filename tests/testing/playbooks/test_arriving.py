"""Tests for events of tests as their vendor would send them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from playbooks_engine.language.mapping import FieldMapping, read_mapping
from playbooks_engine.testing.playbooks.arriving import NoEvent, arrival, changed
from playbooks_engine.testing.playbooks.suite import GivenEvent

NOW = datetime(2026, 5, 1, 10, 0, tzinfo=UTC)
LATER = datetime(2026, 5, 1, 10, 9, tzinfo=UTC)
TEXT = b"""
stream: alerts
events: $.data
key: .id
version: .updatedAt
fields:
  id: {path: .id}
  open: {path: .state.open, type: boolean}
  names: {path: ".people[*].name"}
  at: {path: .createdAt, type: datetime}
"""


@pytest.fixture(scope="module")
def mapping() -> FieldMapping:
    found, findings = read_mapping(TEXT, "m.yml")
    assert found is not None, findings
    return found


def test_mapped_fields_stand_where_the_mapping_reads_them(mapping: FieldMapping) -> None:
    event = arrival(mapping, "ops.alerts", GivenEvent(fields={"id": "x", "open": True}), NOW)
    assert event.raw == {"id": "x", "state": {"open": True}, "updatedAt": "2026-05-01T10:00:00Z"}
    assert (event.key, event.fields["open"]) == ("x", True)


def test_what_changes_goes_before_and_gets_a_newer_version(mapping: FieldMapping) -> None:
    before = arrival(mapping, "ops.alerts", GivenEvent(fields={"id": "x", "open": True}), NOW)
    after = changed(mapping, "ops.alerts", before.raw, GivenEvent(change={"open": False}, raw={"note": "n"}), LATER)
    assert (after.fields["open"], after.raw["note"], before.raw["state"]) == (False, "n", {"open": True})
    assert after.version is not None
    assert before.version is not None
    assert after.version > before.version


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (GivenEvent(fields={"id": "x", "opne": 1}), "events of ops.alerts have no field 'opne'"),
        (GivenEvent(fields={"id": "x", "names": []}), "'names' is read from .people[*].name, which is no single place"),
        (GivenEvent(fields={"open": True}), "this is no event of ops.alerts: it has no key at .id"),
        (GivenEvent(fields={"id": "x", "at": "noon"}), "this is no event of ops.alerts: at: 'noon' is not a time"),
    ],
)
def test_what_is_no_event_of_the_stream_is_refused(given: GivenEvent, told: str, mapping: FieldMapping) -> None:
    with pytest.raises(NoEvent) as refused:
        arrival(mapping, "ops.alerts", given, NOW)
    assert refused.value.message == told
