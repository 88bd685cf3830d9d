"""What rules are made of: which values are refused, and how the others stand on the wire."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from connectors.opsgenie.criteria import Condition, Criteria, Named, Person, Span, TimeRestriction

HOURS = {"start_hour": 8, "start_min": 0, "end_hour": 18, "end_min": 30}
WEEK = {**HOURS, "start_day": "monday", "end_day": "friday"}


def test_the_vendors_own_criteria_stand_on_the_wire_as_in_its_sample() -> None:
    criteria = Criteria.model_validate(
        {
            "type": "match-any-condition",
            "conditions": [
                {"field": "message", "not": False, "operation": "contains", "expected_value": "expected1"},
                {"field": "alias", "not": True, "operation": "starts-with", "expected_value": "expected2"},
                {
                    "field": "extra-properties",
                    "key": "expectedKey",
                    "not": True,
                    "operation": "starts-with",
                    "expected_value": "expected3",
                },
            ],
        }
    )
    assert criteria.model_dump(mode="json", by_alias=True, exclude_none=True) == {
        "type": "match-any-condition",
        "conditions": [
            {"field": "message", "not": False, "operation": "contains", "expectedValue": "expected1"},
            {"field": "alias", "not": True, "operation": "starts-with", "expectedValue": "expected2"},
            {
                "field": "extra-properties",
                "key": "expectedKey",
                "not": True,
                "operation": "starts-with",
                "expectedValue": "expected3",
            },
        ],
    }


TEXT = {"contains", "equals", "starts-with", "ends-with", "matches", "is-empty", "equals-ignore-whitespace"}
MAP = {"contains", "contains-key", "contains-value", "is-empty"}
ALL = TEXT | MAP | {"greater-than", "less-than"}


@pytest.mark.parametrize(
    ("fields", "allowed"),
    [
        *(({"field": name}, TEXT) for name in ("message", "alias", "description", "source", "entity")),
        *(({"field": name}, {"contains", "is-empty"}) for name in ("tags", "actions", "recipients", "teams")),
        ({"field": "responders"}, {"contains", "is-empty"}),
        ({"field": "extra-properties"}, MAP),
        ({"field": "details"}, MAP),
        ({"field": "extra-properties", "key": "k"}, TEXT),
        ({"field": "details", "key": "k"}, TEXT),
        ({"field": "priority"}, {"matches", "equals", "greater-than", "less-than"}),
    ],
)
def test_each_type_of_field_has_its_operations(fields: dict[str, str], allowed: set[str]) -> None:
    for operation in ALL:
        if operation in allowed:
            Condition.model_validate({**fields, "operation": operation})
        else:
            with pytest.raises(ValidationError, match="`operation` of"):
                Condition.model_validate({**fields, "operation": operation})


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"field": "message", "key": "k"}, "`key` is for extra-properties and details, not for message"),
        ({"key": ""}, "key"),
        ({"field": "owner"}, "field"),
        ({"operation": "like"}, "operation"),
        ({"expected_value": "x" * 15_001}, "expected_value"),
        ({"order": -1}, "order"),
        ({"negate": True}, "negate"),
    ],
)
def test_a_wrong_condition_is_refused_by_name(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Condition.model_validate({"field": "extra-properties", "operation": "contains", **wrong})


@pytest.mark.parametrize("kind", ["match-any-condition", "match-all-conditions"])
@pytest.mark.parametrize("conditions", [{}, {"conditions": None}, {"conditions": []}])
def test_conditions_are_mandatory_unless_all_is_matched(kind: str, conditions: dict[str, Any]) -> None:
    Criteria.model_validate({"type": "match-all", **conditions})
    with pytest.raises(ValidationError, match="`conditions` is mandatory unless all is matched"):
        Criteria.model_validate({"type": kind, **conditions})


def test_conditions_that_would_be_ignored_are_refused() -> None:
    with pytest.raises(ValidationError, match="`conditions` means nothing with match-all"):
        Criteria.model_validate({"type": "match-all", "conditions": [{"field": "message", "operation": "is-empty"}]})


def restriction(**fields: Any) -> Any:
    adapter = TypeAdapter[Any](TimeRestriction)
    return adapter.dump_python(adapter.validate_python(fields), mode="json", by_alias=True)


def test_hours_of_each_day_stand_on_the_wire_as_in_the_vendors_sample() -> None:
    assert restriction(type="time-of-day", restriction=HOURS) == {
        "type": "time-of-day",
        "restriction": {"startHour": 8, "startMin": 0, "endHour": 18, "endMin": 30},
    }


def test_hours_of_the_week_stand_on_the_wire_as_in_the_vendors_sample() -> None:
    assert restriction(type="weekday-and-time-of-day", restrictions=[WEEK]) == {
        "type": "weekday-and-time-of-day",
        "restrictions": [
            {"startHour": 8, "startMin": 0, "endHour": 18, "endMin": 30, "startDay": "monday", "endDay": "friday"}
        ],
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [(f, v) for f in ("start_hour", "end_hour") for v in (-1, 24)]
    + [(f, v) for f in ("start_min", "end_min") for v in (-1, 60)],
)
def test_hours_and_minutes_are_those_of_a_clock(field: str, value: int) -> None:
    with pytest.raises(ValidationError, match=field):
        restriction(type="time-of-day", restriction={**HOURS, field: value})
    with pytest.raises(ValidationError, match=field):
        restriction(type="weekday-and-time-of-day", restrictions=[{**WEEK, field: value}])


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"type": "time-of-day", "restrictions": [WEEK]}, "restriction"),
        ({"type": "time-of-day", "restriction": WEEK}, "start_day"),
        ({"type": "weekday-and-time-of-day", "restriction": HOURS}, "restrictions"),
        ({"type": "weekday-and-time-of-day", "restrictions": [HOURS]}, "start_day"),
        ({"type": "weekday-and-time-of-day", "restrictions": []}, "restrictions"),
        ({"type": "weekday-and-time-of-day", "restrictions": [WEEK] * 16}, "restrictions"),
        ({"type": "weekday-and-time-of-day", "restrictions": [{**WEEK, "end_day": "Friday"}]}, "end_day"),
        ({"type": "weekly", "restrictions": [WEEK]}, "type"),
        ({"restriction": HOURS}, "type"),
    ],
)
def test_a_wrong_time_restriction_is_refused_by_name(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        restriction(**fields)


def test_a_span_of_time_is_in_minutes_unless_it_says_otherwise() -> None:
    assert Span(time_amount=5).model_dump(by_alias=True, exclude_none=True) == {"timeAmount": 5}
    with pytest.raises(ValidationError, match="time_amount"):
        Span(time_amount=-1)
    with pytest.raises(ValidationError, match="time_unit"):
        Span.model_validate({"time_amount": 1, "time_unit": "milliseconds"})


@pytest.mark.parametrize(("shape", "name"), [(Named, "name"), (Person, "username")])
def test_what_is_referred_to_is_named_once(shape: type[Named | Person], name: str) -> None:
    for wrong in ({}, {"id": "1", name: "x"}):
        with pytest.raises(ValidationError, match=f"give one of `id` and `{name}`"):
            shape.model_validate(wrong)
    assert shape.model_validate({name: "x"}).model_dump(exclude_none=True) == {name: "x"}
