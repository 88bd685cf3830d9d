"""Criteria of requests."""

import pytest

from connectors.opsgenie.simulator.criteria import judged_criteria
from connectors.opsgenie.simulator.fields import Fields


def _judged(given):
    fields = Fields({"criteria": given})
    return judged_criteria(fields), list(fields.errors)


def _any(**condition):
    return {"type": "match-any-condition", "conditions": [condition]}


def test_match_all_needs_no_conditions():
    assert _judged({"type": "match-all"}) == ({"type": "match-all"}, [])
    assert _judged(None) == (None, [])


@pytest.mark.parametrize(
    "condition",
    [
        {"field": "message", "operation": "starts-with", "expectedValue": "x", "not": True, "order": 1},
        {"field": "tags", "operation": "is-empty"},
        {"field": "extra-properties", "operation": "contains-key", "expectedValue": "host"},
        # The vendor's own sample.
        {"field": "extra-properties", "key": "system", "operation": "equals", "expectedValue": "macOS"},
        {"field": "priority", "operation": "greater-than", "expectedValue": "P3"},
    ],
)
def test_a_condition_is_kept_with_its_defaults(condition):
    judged, errors = _judged(_any(**condition))
    assert errors == []
    assert judged["conditions"] == [{"not": False, "expectedValue": "", **condition}]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "criteria#type"),
        ({"type": "match-any-condition"}, "criteria#conditions"),
        (_any(field="colour", operation="equals"), "criteria#conditions#field"),
        (_any(field="tags", operation="greater-than"), "criteria#conditions#operation"),
        (_any(field="details", operation="equals"), "criteria#conditions#operation"),
        (_any(field="message"), "criteria#conditions#operation"),
        (_any(field="message", operation="equals", **{"not": "no"}), "criteria#conditions#not"),
    ],
)
def test_a_wrong_one_is_noted_by_field(given, field):
    assert _judged(given)[1][0] == field
