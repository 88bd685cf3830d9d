"""Where each command comes from, and what of the vendor's description is left out: for COMMANDS.md and its tests."""

from __future__ import annotations

import re
from collections.abc import Mapping

from playbooks_engine.sdk import Command

DESCRIPTION = "API description (2021)"
GO = "Go client"

# The reference of 34 operations, in its own order.
REFERENCE: Mapping[str, int] = {
    "POST /v2/alerts": 1,
    "GET /v2/alerts": 2,
    "GET /v2/alerts/count": 3,
    "GET /v2/alerts/{}": 4,
    "DELETE /v2/alerts/{}": 5,
    "POST /v2/alerts/{}/close": 6,
    "POST /v2/alerts/{}/acknowledge": 7,
    "POST /v2/alerts/{}/snooze": 8,
    "POST /v2/alerts/{}/escalate": 9,
    "POST /v2/alerts/{}/assign": 10,
    "POST /v2/alerts/{}/notes": 11,
    "POST /v1/incidents/create": 12,
    "GET /v1/incidents/{}": 13,
    "GET /v1/incidents": 14,
    "POST /v1/incidents/{}/close": 15,
    "GET /v2/schedules": 16,
    "GET /v2/schedules/{}": 17,
    "GET /v2/schedules/{}/on-calls": 18,
    "GET /v2/schedules/{}/next-on-calls": 19,
    # Its rows 20 to 23 and 27 may each mean two calls; both are there, the likelier is marked.
    "GET /v2/escalations": 20,
    "POST /v2/escalations": 21,
    "GET /v2/teams": 22,
    "POST /v2/teams": 23,
    "GET /v2/users": 24,
    "POST /v2/users": 25,
    "DELETE /v2/users/{}": 26,
    "GET /v2/integrations": 27,
    "POST /v2/integrations/{}/enable": 28,
    "POST /v2/integrations/{}/disable": 28,
    "GET /v2/heartbeats/{}/ping": 29,
    "GET /v2/heartbeats": 30,
    "GET /v2/heartbeats/{}": 31,
    "GET /v2/policies/alert": 32,
    "POST /v2/policies": 33,
    "POST /v2/policies/{}/change-order": 34,
}

D3 = frozenset(
    {
        "fetch_event", "get_on_call_user", "get_schedules", "get_schedule_timeline", "get_single_user",
        "test_connection",
    }
)  # fmt: skip
# Two more ways to read the list of alerts, which the reference does not have.
_OF_D3_ALONE = frozenset({"fetch_event", "test_connection"})

_RULES = "/v2/users/{}/notification-rules"
NOTIFICATION_RULES = frozenset(
    {
        *(f"{method} {_RULES}" for method in ("GET", "POST")),
        *(f"{method} {_RULES}/{{}}" for method in ("GET", "PATCH", "DELETE")),
        *(f"POST {_RULES}/{{}}/{word}" for word in ("enable", "disable")),
        f"POST {_RULES}/copy-to",
    }
)
_INCIDENT_RULES = "/v1/services/{}/incident-rules"
INCIDENT_RULES = frozenset(
    {
        *(f"{method} {_INCIDENT_RULES}" for method in ("GET", "POST")),
        *(f"{method} {_INCIDENT_RULES}/{{}}" for method in ("PATCH", "DELETE")),
    }
)
NIGHTINGALE = frozenset(
    {
        "POST /v2/alerts", "POST /v2/alerts/{}/acknowledge", "POST /v2/alerts/{}/close", "POST /v2/alerts/{}/notes",
        "GET /v2/alerts/requests/{}",
    }
)  # fmt: skip

# What the description of 2021 does not have, and where it comes from instead.
BEYOND: Mapping[str, str] = {
    "POST /v2/users/{}/notification-rules/copy-to": "the vendor's page, which shows PATCH; its Go client posts",
    "GET /v2/users/saved-searches": GO,
    "GET /v2/users/saved-searches/{}": GO,
    "DELETE /v2/users/saved-searches/{}": GO,
    "POST /v1/maintenance/{}/change-end-date": GO,
    "GET /v1/services": GO,
    "GET /v1/services/{}": GO,
    "POST /v1/services": GO,
    "PATCH /v1/services/{}": GO,
    "DELETE /v1/services/{}": GO,
    "GET /v1/services/{}/incident-rules": "the vendor's page",
    "POST /v1/services/{}/incident-rules": "the vendor's page",
    "PATCH /v1/services/{}/incident-rules/{}": "the vendor's page; its Go client puts",
    "DELETE /v1/services/{}/incident-rules/{}": "the vendor's page",
    "GET /v1/services/{}/incident-templates": GO,
    "POST /v1/services/{}/incident-templates": GO,
    "PUT /v1/services/{}/incident-templates/{}": GO,
    "DELETE /v1/services/{}/incident-templates/{}": GO,
    "GET /v1/services/{}/audience-templates": GO,
    "PATCH /v1/services/{}/audience-templates": GO,
    "POST /v1/incidents/{}/resolve": GO,
    "POST /v1/incidents/{}/reopen": "the vendor's pages name it; its path is not confirmed",
    "POST /v1/incidents/{}/notes": GO,
    "GET /v1/incidents/{}/notes": GO,
    "POST /v1/incidents/{}/tags": GO,
    "DELETE /v1/incidents/{}/tags": GO,
    "POST /v1/incidents/{}/details": GO,
    "DELETE /v1/incidents/{}/details": GO,
    "POST /v1/incidents/{}/responders": GO,
    "PUT /v1/incidents/{}/priority": GO,
    "POST /v1/incidents/{}/message": GO,
    "POST /v1/incidents/{}/description": GO,
    "GET /v1/incidents/{}/logs": GO,
    "GET /v1/incidents/{}/responder-alert-ids": GO,
    "GET /v1/incident-templates": GO,
    "POST /v1/incident-templates": GO,
    "PUT /v1/incident-templates/{}": GO,
    "DELETE /v1/incident-templates/{}": GO,
    "POST /v2/incident-timelines/{}/entries": "the vendor's page of incident timelines",
    "GET /v2/incident-timelines/{}/entries": "the vendor's page of incident timelines",
    "POST /v2/deployments": GO,
    "GET /v2/deployments/{}": GO,
    "PUT /v2/deployments/{}/updateState": GO,
    "GET /v2/deployments/requests/{}": GO,
    "GET /v2/logs/list/{}": "the vendor's page of logs",
    "GET /v2/logs/download/{}": "the vendor's page of logs",
}

_OLD_POLICIES = "deprecated by the vendor: the commands for policies use /v2/policies"
LEFT_OUT: Mapping[str, str] = {
    "GET /v1/policies": _OLD_POLICIES,
    "POST /v1/policies": _OLD_POLICIES,
    "GET /v1/policies/{policyId}": _OLD_POLICIES,
    "PUT /v1/policies/{policyId}": _OLD_POLICIES,
    "DELETE /v1/policies/{policyId}": _OLD_POLICIES,
    "POST /v1/policies/{policyId}/enable": _OLD_POLICIES,
    "POST /v1/policies/{policyId}/disable": _OLD_POLICIES,
    "POST /v1/policies/{policyId}/change-order": _OLD_POLICIES,
}


def bare(route: str) -> str:
    """A route without the names of its parts."""
    return re.sub(r"\{\w+\}", "{}", route)


def number_of(command: type[Command]) -> int | None:
    """The command's number in the reference of 34 operations."""
    return None if command.spec.name in _OF_D3_ALONE else REFERENCE.get(bare(command.spec.route))


def document_of(command: type[Command]) -> str:
    """The documents that name this command, the most telling first."""
    route = bare(command.spec.route)
    named = [
        *([f"reference of 34: #{number}"] if (number := number_of(command)) else []),
        *(["D3 integration"] if command.spec.name in D3 else []),
        *(["Notification Rule API"] if route in NOTIFICATION_RULES else []),
        *(["Service Incident Rules API"] if route in INCIDENT_RULES else []),
        *(["Nightingale push"] if route in NIGHTINGALE else []),
    ]
    return ", ".join(named) or (BEYOND.get(route) or DESCRIPTION)
