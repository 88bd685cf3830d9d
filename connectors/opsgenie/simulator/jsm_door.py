"""The door of Jira Service Management for integrations: five calls on the same alerts, under another address."""

from connectors.opsgenie.simulator.routing import Route, Router

ADDRESS = "/jsm/ops/integration"
"""What stands before /v2 at this door."""

# All that Atlassian's page on integration events describes.
OFFERED = {
    ("POST", "/v2/alerts"),
    ("POST", "/v2/alerts/{identifier}/acknowledge"),
    ("POST", "/v2/alerts/{identifier}/close"),
    ("POST", "/v2/alerts/{identifier}/notes"),
    ("GET", "/v2/alerts/requests/{requestId}"),
}


def behind(raw_path: str) -> str | None:
    """What is asked for behind the door; None where the request does not come through it."""
    return raw_path.removeprefix(ADDRESS) if raw_path.startswith(f"{ADDRESS}/") else None


def through(routes: list[Route]) -> Router:
    """A router for those of the routes that the door offers; what the real one says of others is not recorded."""
    return Router(route for route in routes if (route.method, route.path) in OFFERED)
