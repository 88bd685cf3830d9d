"""What names what in the example company."""

import pytest

from connectors.opsgenie.simulator.references import renamed, users_of


@pytest.mark.parametrize(
    ("kind", "name", "users"),
    [
        ("schedule", "ops_primary", ["escalation ops_escalation", "routing rule of team payments"]),
        ("schedule", "ops_secondary", []),
        ("escalation", "ops_escalation", ["routing rule of team platform"]),
        ("team", "payments", ["service checkout"]),
        (
            "team",
            "security",
            ["escalation security_escalation", "schedule security_primary", "service login"],
        ),
        ("user", "ben@example.com", ["schedule ops_primary"]),
        ("user", "farid@example.com", []),
    ],
)
def test_everything_that_would_miss_it_is_named(opsgenie, kind, name, users):
    found = opsgenie.state.recipient({"type": kind, "name": name})
    assert users_of(opsgenie.state, kind, found["id"]) == users


def test_an_override_uses_its_person(opsgenie):
    opsgenie.has_override("ops_primary", "farid@example.com", "2026-03-28T10:00:00Z", "2026-03-28T12:00:00Z")
    assert users_of(opsgenie.state, "user", opsgenie.state.user("farid@example.com")["id"]) == ["schedule ops_primary"]


def test_a_new_name_leaves_others_alone(opsgenie):
    company = opsgenie.state
    renamed(company, "schedule", company.schedule("ops_primary").id, "new")
    assert company.escalation("ops_escalation")["rules"][0]["recipient"]["name"] == "new"
    assert company.escalation("security_escalation")["rules"][0]["recipient"]["name"] == "security_primary"
