"""Opsgenie: alerts, incidents, schedules, users, and who is on call."""

from connectors.opsgenie import account, alerts, events, incidents, schedules, users
from connectors.opsgenie.connection import OpsgenieConnection
from playbooks_engine.sdk import Connector, commands_of

connector = Connector(
    name="opsgenie",
    title="Atlassian Opsgenie",
    connection=OpsgenieConnection,
    commands=commands_of((events, schedules, users, account, *alerts.MODULES, incidents)),
    test="test_connection",
    streams={"alerts": events.ALERTS},
    module="connectors.opsgenie",
    example="ops",
)
