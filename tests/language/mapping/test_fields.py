from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playbooks_engine.language.mapping import FieldMapping, merge, read_mapping

DEFAULT = Path(__file__).resolve().parents[3] / "connectors/opsgenie/mapping.yml"
ALERT = {
    "id": "a1",
    "tinyId": "17",
    "alias": "disk",
    "status": "open",
    "message": "[1, 2]",
    "count": 3,
    "priority": "P1",
    "createdAt": "2026-05-01T10:00:00Z",
    "updatedAt": "2026-05-01T10:00:00.5Z",
    "acknowledged": False,
    "owner": "",
    "tags": ["x"],
}


def mapping(text: str) -> FieldMapping:
    found, findings = read_mapping(text, "m.yml")
    assert found is not None, findings
    return found


@pytest.fixture
def default() -> FieldMapping:
    return mapping(DEFAULT.read_text(encoding="utf-8"))


def small(fields: str) -> FieldMapping:
    return mapping(f"stream: alerts\nevents: $.data\nkey: .id\nfields:\n  {fields}\n")


def test_the_default_mapping_is_d3s_exactly(default: FieldMapping) -> None:
    labelled = {field.label: field.written for field in default.fields.values() if field.label}
    assert default.main_path is not None
    assert default.main_path.text == "$.data"
    assert labelled == {
        "Unique Event Key": ".id",
        "Original event ID": ".tinyId",
        "Event name": ".alias",
        "Status": ".status",
        "Message": ".message",
        "Aggregated / Correlated Event count": ".count",
        "Priority": ".priority",
        "Start Time": ".createdAt",
        "Acknowledged": ".acknowledged",
    }


def test_an_answer_becomes_events(default: FieldMapping) -> None:
    mapped = default.events({"data": [ALERT]})
    [event] = mapped.events
    assert (event.key, event.raw, mapped.bad, mapped.unmatched, mapped.doubt) == ("a1", ALERT, [], [], None)
    assert event.fields["created_at"] == datetime(2026, 5, 1, 10, tzinfo=UTC)
    assert event.fields["message"] == "[1, 2]"
    assert event.fields["tiny_id"] == "17"


def test_one_bad_event_never_stops_the_others(default: FieldMapping) -> None:
    bad = [
        {**ALERT, "count": "many"},
        "text",
        {"x": 1},
        {**ALERT, "createdAt": "soon"},
        {**ALERT, "id": ""},
        {**ALERT, "id": True},
    ]
    mapped = default.events({"data": [ALERT, *bad, ALERT]})
    assert len(mapped.events) == 2
    assert [index for index, _ in mapped.bad] == [1, 2, 3, 4, 5, 6]
    assert mapped.bad[0][1] == "count: 'many' is not a whole number"


def test_events_are_mapped_one_by_one_and_never_by_column() -> None:
    mapped = small("alias: .alias").events({"data": [{"id": 1}, {"id": 2, "alias": "b"}, {"id": 3}]})
    assert [e.fields["alias"] for e in mapped.events] == [None, "b", None]


def test_a_path_that_matches_nothing_in_the_whole_answer_is_named() -> None:
    mapped = small("a: .a\n  b: .b").events({"data": [{"id": 1, "a": 1}, {"id": 2}]})
    assert mapped.unmatched == ["b"]


def test_the_main_path_may_select_the_list_or_its_items() -> None:
    for main in ("$.data", "$.data[*]"):
        found = mapping(f"stream: a\nevents: {main}\nkey: .id\nfields: {{x: .id}}\n")
        assert [e.key for e in found.events({"data": [{"id": "1"}, {"id": "2"}]}).events] == ["1", "2"]
    whole = mapping("stream: a\nevents: $\nkey: .id\nfields: {x: .id}\n")
    assert [e.key for e in whole.events([{"id": "1"}]).events] == ["1"]


def test_a_main_path_through_an_array_gets_the_right_form() -> None:
    wrong = mapping("stream: a\nevents: $.data.id\nkey: .id\nfields: {x: .id}\n")
    assert "did you mean $.data[*].id?" in str(wrong.events({"data": [{"id": 1}]}).doubt)
    assert "matches nothing" in str(wrong.events({}).doubt)


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        ("string", 5, "5"),
        ("string", True, "true"),
        ("integer", "5", 5),
        ("integer", 5.0, 5),
        ("number", "1.5", 1.5),
        ("boolean", "true", True),
        ("datetime", 0, datetime(1970, 1, 1, tzinfo=UTC)),
        ("list", [1], [1]),
        ("map", {"a": 1}, {"a": 1}),
    ],
)
def test_types_are_read_where_they_fit(kind: str, given: Any, value: Any) -> None:
    assert small(f"x: {{path: .x, type: {kind}}}").events({"data": [{"id": 1, "x": given}]}).events[0].fields == {
        "x": value
    }


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("string", []),
        ("integer", 1.5),
        ("integer", True),
        ("integer", float("inf")),
        ("number", "x"),
        ("number", "nan"),
        ("boolean", 1),
        ("datetime", True),
        ("datetime", 1e300),
        ("list", "a"),
        ("map", []),
    ],
)
def test_what_does_not_fit_makes_a_bad_event(kind: str, given: Any) -> None:
    mapped = small(f"x: {{path: .x, type: {kind}}}").events({"data": [{"id": 1, "x": given}]})
    assert mapped.events == []
    assert mapped.bad[0][1].startswith("x: ")


def test_a_default_stands_for_what_is_absent_or_null_and_is_not_shared() -> None:
    found = small("x: {path: .x, default: []}")
    first, second = found.events({"data": [{"id": 1}, {"id": 2, "x": None}]}).events
    first.fields["x"].append("y")
    assert second.fields["x"] == []
    assert found.events({"data": [{"id": 1}]}).events[0].fields["x"] == []


def test_a_path_to_many_values_gives_a_list() -> None:
    found = small("names: .responders[*].name")
    event = found.event({"id": 1, "responders": [{"name": "a"}, {}, {"name": "b"}]})
    assert event.fields == {"names": ["a", "b"]}
    with pytest.raises(ValueError, match="2 values"):
        small("n: {path: '.r[*]', type: string}").event({"id": 1, "r": ["a", "b"]})


def test_versions_sort_as_text() -> None:
    found = mapping("stream: a\nevents: $\nkey: .id\nversion: .v\nfields: {x: .id}\n")
    times = ["2026-05-01T10:00:00Z", "2026-05-01T10:00:00.5Z", "2026-05-01T12:00:01+02:00"]
    versions = [found.event({"id": 1, "v": v}).version for v in times]
    assert versions == sorted(str(v) for v in versions)
    assert str(found.event({"id": 1, "v": 9}).version) < str(found.event({"id": 1, "v": 10}).version)
    assert found.event({"id": 1}).version is None


def test_an_override_is_merged_field_by_field(default: FieldMapping) -> None:
    override = mapping("extends: default\nfields:\n  owner: {path: .ownerTeam}\n  entity: .entity\n")
    with pytest.raises(ValueError, match="merged"):
        override.events({})
    both = merge(default, override)
    assert both.fields["owner"].written == ".ownerTeam"
    assert both.fields["entity"].written == ".entity"
    assert (both.stream, both.main_path, len(both.fields)) == ("alerts", default.main_path, 13)


def test_times_come_back_from_json(default: FieldMapping) -> None:
    assert default.typed({"created_at": "2026-05-01T10:00:00Z", "id": "x"})["created_at"] == datetime(
        2026, 5, 1, 10, tzinfo=UTC
    )


json_data = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "data", "count", "createdAt", "tags"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(json_data)
def test_no_answer_breaks_a_mapping(document: Any) -> None:
    mapping(DEFAULT.read_text(encoding="utf-8")).events(document)
    small("a: {path: '..id', type: integer}\n  b: {path: '[?@.id>1]'}").events({"data": document})
