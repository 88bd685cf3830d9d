"""The operations that the five documents name, found by what the declarations say of their documents."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.opsgenie import connector
from connectors.opsgenie.documents import D3, INCIDENT_RULES, NIGHTINGALE, NOTIFICATION_RULES, bare, number_of

# The steps of a notification rule, which the document of notification rules shows inside the rule.
_STEPS = "/v2/users/{}/notification-rules/{}/"
_ROUTES = {name: bare(command.spec.route) for name, command in connector.commands.items()}

BY_DOCUMENT: Mapping[str, frozenset[str]] = {
    "d3_integration": D3,
    "reference_of_34": frozenset(name for name, command in connector.commands.items() if number_of(command)),
    "notification_rules": frozenset(n for n, r in _ROUTES.items() if r in NOTIFICATION_RULES or _STEPS in r),
    "incident_rules": frozenset(name for name, route in _ROUTES.items() if route in INCIDENT_RULES),
    "nightingale_push": frozenset(name for name, route in _ROUTES.items() if route in NIGHTINGALE),
}
"""The names of the commands of each document."""

OPERATIONS = tuple(name for name in connector.commands if any(name in names for names in BY_DOCUMENT.values()))
"""All of them, in the order of declaration."""
