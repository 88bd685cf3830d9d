"""Opsgenie: alerts, incidents, schedules, users, and who is on call."""

from connectors.opsgenie import (
    account,
    alerts,
    contacts,
    events,
    forwarding_rules,
    heartbeats,
    incident_templates,
    incident_timelines,
    incidents,
    integrations,
    maintenance,
    notification_rules,
    policies,
    roles,
    schedules,
    service_templates,
    services,
    users,
)
from connectors.opsgenie.connection import OpsgenieConnection
from playbooks_engine.sdk import Connector, commands_of

connector = Connector(
    name="opsgenie",
    title="Atlassian Opsgenie",
    connection=OpsgenieConnection,
    commands=commands_of(
        (
            events,
            schedules,
            users,
            account,
            *alerts.MODULES,
            incidents,
            incident_timelines,
            incident_templates,
            contacts,
            forwarding_rules,
            notification_rules,
            heartbeats,
            policies,
            integrations,
            services,
            service_templates,
            maintenance,
            roles,
        )
    ),
    test="test_connection",
    streams={"alerts": events.ALERTS},
    module="connectors.opsgenie",
    example="ops",
)
