"""What a policy may say."""

import pytest

from connectors.opsgenie.simulator.fields import Fields
from connectors.opsgenie.simulator.policies import judged_policy

TEN = {"duration": {"timeAmount": 10}}


@pytest.fixture
def judged(opsgenie):
    def judge(kind, **body):
        fields = Fields({"name": "x", **body})
        policy = judged_policy(fields, opsgenie.state, kind, body.get("details"))
        return policy, fields.errors

    return judge


def test_without_a_filter_a_policy_is_about_all_alerts(judged):
    policy, errors = judged("alert")
    assert (policy["filter"], policy["message"], errors) == ({"type": "match-all"}, "{{message}}", {})


@pytest.mark.parametrize("details", [{"a": "b"}, ["a", "b"]])
def test_details_are_a_map_or_a_list(judged, details):
    policy, errors = judged("alert", details=details)
    assert (policy["details"], errors) == (details, {})


def test_responders_are_known_ones(judged):
    policy, errors = judged("alert", responders=[{"type": "team", "name": "platform"}])
    assert ([item["type"] for item in policy["responders"]], errors) == (["team"], {})
    assert list(judged("alert", responders=[{"type": "team", "name": "nobody"}])[1]) == ["responders#id"]


def test_a_notification_policy_says_nothing_of_the_alert_itself(judged):
    policy, _ = judged("notification", message="x", suppress=True)
    assert policy["suppress"] is True
    assert "message" not in policy


@pytest.mark.parametrize(
    ("kind", "body", "fields"),
    [
        ("alert", {"name": ""}, {"name"}),
        ("alert", {"name": "x" * 513}, {"name"}),
        ("alert", {"policyDescription": "x" * 513}, {"policyDescription"}),
        ("alert", {"priority": "P0"}, {"priority"}),
        ("alert", {"continue": "yes"}, {"continue"}),
        ("alert", {"filter": {"type": "match-any-condition"}}, {"filter#conditions"}),
        ("alert", {"timeRestrictions": {"type": "never"}}, {"timeRestrictions#type"}),
        ("notification", {"delayAction": {}}, {"delayAction#delayOption"}),
        ("notification", {"delayAction": {"delayOption": "for-duration"}}, {"delayAction#duration"}),
        (
            "notification",
            {"delayAction": {"delayOption": "next-monday", "untilHour": 24}},
            {"delayAction#untilHour", "delayAction#untilMinute"},
        ),
        (
            "notification",
            {"deduplicationAction": {"deduplicationActionType": "value-based", "count": 1}},
            {"deduplicationAction#count"},
        ),
        (
            "notification",
            {"deduplicationAction": {"deduplicationActionType": "frequency-based", "count": 101, **TEN}},
            {"deduplicationAction#count"},
        ),
        ("notification", {"autoCloseAction": {}}, {"autoCloseAction#duration"}),
        (
            "notification",
            {"autoCloseAction": {"duration": {"timeAmount": 0}}},
            {"autoCloseAction#duration#timeAmount"},
        ),
        ("notification", {"autoRestartAction": TEN}, {"autoRestartAction#maxRepeatCount"}),
    ],
)
def test_what_is_wrong_is_noted_by_field(judged, kind, body, fields):
    assert set(judged(kind, **body)[1]) == fields
