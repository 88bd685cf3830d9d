"""Whether criteria hold for an alert."""

import pytest

from connectors.opsgenie.simulator.matching import holds


@pytest.fixture
def alert(opsgenie):
    return opsgenie.has_alert(
        message="Disk full on db-01",
        tags=["disk", "prod"],
        details={"mount": "/var"},
        priority="P2",
        teams=["platform"],
        entity="",
    )


def condition(field, operation, expected="", **more):
    return {"field": field, "operation": operation, "expectedValue": expected, "not": False, **more}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (condition("message", "contains", "full"), True),
        (condition("message", "starts-with", "Disk"), True),
        (condition("message", "ends-with", "db-02"), False),
        (condition("message", "equals", "Disk"), False),
        (condition("message", "equals-ignore-whitespace", "Diskfull on db-01"), True),
        (condition("message", "matches", r"Disk .* db-\d+"), True),
        (condition("message", "matches", "("), False),
        (condition("message", "contains", "full", **{"not": True}), False),
        (condition("entity", "is-empty"), True),
        (condition("tags", "contains", "disk"), True),
        (condition("tags", "contains", "dis"), False),
        (condition("tags", "matches", "pr.*"), True),
        (condition("teams", "contains", "platform"), True),
        (condition("responders", "contains", "platform"), True),
        (condition("recipients", "is-empty"), False),
        (condition("details", "contains-key", "mount"), True),
        (condition("details", "contains-value", "mount"), False),
        (condition("details", "contains", "/var"), True),
        (condition("extra-properties", "starts-with", "/v", key="mount"), True),
        (condition("extra-properties", "starts-with", "/v", key="other"), False),
        (condition("priority", "equals", "P2"), True),
        (condition("priority", "less-than", "P3"), True),
        (condition("priority", "greater-than", "P3"), False),
    ],
)
def test_a_condition_compares_by_the_kind_of_its_field(opsgenie, alert, given, expected):
    criteria = {"type": "match-all-conditions", "conditions": [given]}
    assert holds(opsgenie.state, alert, criteria) is expected


def test_any_condition_is_enough_or_all_are_needed(opsgenie, alert):
    conditions = [condition("message", "contains", "full"), condition("message", "contains", "empty")]
    assert holds(opsgenie.state, alert, {"type": "match-any-condition", "conditions": conditions})
    assert not holds(opsgenie.state, alert, {"type": "match-all-conditions", "conditions": conditions})


def test_without_criteria_every_alert_is_meant(opsgenie, alert):
    assert holds(opsgenie.state, alert, None)
    assert holds(opsgenie.state, alert, {"type": "match-all"})
