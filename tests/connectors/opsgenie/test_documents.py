"""Each command names the document it comes from, and nothing of the documents is missing."""

from __future__ import annotations

import pytest

from connectors.opsgenie import connector
from connectors.opsgenie.documents import (
    BEYOND,
    D3,
    DESCRIPTION,
    INCIDENT_RULES,
    LEFT_OUT,
    NIGHTINGALE,
    NOTIFICATION_RULES,
    bare,
    document_of,
    number_of,
)

COMMANDS = connector.commands
ROUTES = {bare(command.spec.route) for command in COMMANDS.values()}


def test_all_34_operations_of_the_reference_are_there() -> None:
    assert {number_of(command) for command in COMMANDS.values()} - {None} == set(range(1, 35))


@pytest.mark.parametrize("routes", [NOTIFICATION_RULES, INCIDENT_RULES, NIGHTINGALE])
def test_every_call_of_a_seed_is_there(routes: frozenset[str]) -> None:
    assert routes <= ROUTES
    assert (len(NOTIFICATION_RULES), len(INCIDENT_RULES)) == (8, 4)


def test_every_command_of_d3_is_there() -> None:
    assert COMMANDS.keys() >= D3


def test_no_route_is_excused_that_nobody_declares() -> None:
    assert set(BEYOND) <= ROUTES


def test_what_is_left_out_is_declared_by_nobody() -> None:
    assert {bare(route) for route in LEFT_OUT} & ROUTES == set()


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("create_alert", "reference of 34: #1, Nightingale push"),
        ("list_alerts", "reference of 34: #2"),
        ("fetch_event", "D3 integration"),
        ("test_connection", "D3 integration"),
        ("get_schedules", "reference of 34: #16, D3 integration"),
        ("enable_integration", "reference of 34: #28"),
        ("disable_integration", "reference of 34: #28"),
        ("create_notification_rule", "Notification Rule API"),
        ("create_notification_rule_step", DESCRIPTION),
        ("create_incident_rule", "Service Incident Rules API"),
        ("change_maintenance_end_date", "Go client"),
        ("get_account", DESCRIPTION),
    ],
)
def test_a_command_names_its_documents(name: str, document: str) -> None:
    assert document_of(COMMANDS[name]) == document
