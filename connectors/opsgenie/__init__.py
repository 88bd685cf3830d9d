"""Opsgenie: alerts, incidents, schedules, users, who is on call, and everything else its API offers."""

from connectors.opsgenie.connection import OpsgenieConnection
from connectors.opsgenie.events import ALERTS
from connectors.opsgenie.index import AREAS, INDEX
from playbooks_engine.sdk import Connector, LazyCommands

connector = Connector(
    name="opsgenie",
    title="Atlassian Opsgenie",
    connection=OpsgenieConnection,
    commands=LazyCommands("connectors.opsgenie", INDEX),
    test="test_connection",
    streams={"alerts": ALERTS},
    module="connectors.opsgenie",
    example="ops",
    declared_areas=AREAS,
)
