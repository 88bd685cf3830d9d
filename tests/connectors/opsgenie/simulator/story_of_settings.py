"""The settings of an account, asked for in an order that makes sense: part of the story that is told whole."""

from collections.abc import Callable
from typing import Any

Tell = Callable[..., Any]

ANA = "/v2/users/ana@example.com"
BY_NAME = {"identifierType": "name"}
CONDITIONS = [{"field": "message", "operation": "contains", "expectedValue": "disk"}]
DAILY = {"type": "time-of-day", "restriction": {"startHour": 8, "startMin": 0, "endHour": 18, "endMin": 30}}
PROPERTIES = {"message": "Down", "priority": "P1", "stakeholderProperties": {"message": "We look into it"}}


def users(tell: Tell) -> None:
    made = tell("POST", "/v2/users", {"username": "x@example.com", "fullName": "X", "role": {"name": "User"}})
    path = f"/v2/users/{made['data']['id']}"
    tell("PATCH", path, {"fullName": "Xenia", "details": {"a": ["b"]}, "timeZone": "Europe/Berlin"})
    tell("GET", path, expand="contact")
    for tail in ("teams", "schedules", "escalations", "forwarding-rules"):
        tell("GET", f"{ANA}/{tail}")
    tell("GET", "/v2/users/ben@example.com/forwarding-rules")
    search = tell("GET", "/v2/users/saved-searches")["data"][0]["id"]
    tell("GET", f"/v2/users/saved-searches/{search}")
    tell("DELETE", f"/v2/users/saved-searches/{search}")
    contact = tell("POST", f"{path}/contacts", {"method": "sms", "to": "1-5550100"})["data"]["id"]
    tell("PATCH", f"{path}/contacts/{contact}", {"to": "1-5550101"})
    tell("POST", f"{path}/contacts/{contact}/disable")
    tell("GET", f"{path}/contacts")
    tell("GET", f"{path}/contacts/{contact}")
    tell("GET", path, expand="contact")
    tell("POST", f"{path}/contacts/{contact}/enable")
    tell("DELETE", f"{path}/contacts/{contact}")
    tell("DELETE", path)


def notification_rules(tell: Tell) -> None:
    step = {"contact": {"method": "email", "to": "ana@example.com"}, "sendAfter": {"timeAmount": 1}, "enabled": True}
    body = {
        "name": "Disks",
        "actionType": "create-alert",
        "enabled": True,
        "criteria": {"type": "match-all-conditions", "conditions": CONDITIONS},
        "timeRestriction": DAILY,
        "steps": [step],
        "repeat": {"loopAfter": 2},
        "order": 0,
    }
    rules = f"{ANA}/notification-rules"
    rule = f"{rules}/{tell('POST', rules, body)['data']['id']}"
    about = {"actionType": "schedule-start", "notificationTime": ["1-hour-ago"]}
    shifts = {"name": "Shifts", "enabled": True, "schedules": [{"type": "schedule", "name": "ops_primary"}], **about}
    tell("GET", f"{rules}/{tell('POST', rules, shifts)['data']['id']}")
    tell("GET", rules)
    tell("GET", rule)
    tell("PATCH", rule, {"name": "All disks"})
    tell("POST", f"{rule}/disable")
    tell("POST", f"{rule}/enable")
    tell("POST", f"{rule}/change-order", {"order": 1})
    made = f"{rule}/steps/{tell('POST', f'{rule}/steps', step)['data']['id']}"
    tell("GET", f"{rule}/steps")
    tell("GET", made)
    tell("PATCH", made, {"sendAfter": {"timeAmount": 5}})
    tell("POST", f"{made}/disable")
    tell("POST", f"{made}/enable")
    tell("DELETE", made)
    for method in ("POST", "PATCH"):
        tell(method, f"{rules}/copy-to", {"toUsers": ["ben@example.com"], "ruleTypes": ["new-alert"]})
    tell("DELETE", rule)


def integrations(tell: Tell) -> None:
    body = {"type": "API", "name": "x", "ownerTeam": {"name": "payments"}, "allowWriteAccess": False}
    path = f"/v2/integrations/{tell('POST', '/v2/integrations', body)['data']['id']}"
    tell("GET", "/v2/integrations")
    tell("GET", path)
    tell("POST", f"{path}/disable")
    tell("POST", f"{path}/enable")
    tell("PUT", path, {"type": "API", "name": "y"})
    tell("POST", "/v2/integrations/authenticate", {"type": "API"})
    chosen = {"conditionMatchType": "match-any-condition", "conditions": CONDITIONS}
    action = {"name": "x", "type": "create", "alias": "{{alias}}", "user": "u", "note": "n", "filter": chosen}
    tell("POST", f"{path}/actions", {**action, "priority": "P1", "tags": ["a"]})
    tell("PUT", f"{path}/actions", {"create": [action], "ignore": [{"name": "x", "type": "ignore", "filter": chosen}]})
    tell("GET", f"{path}/actions")
    tell("DELETE", path)


def heartbeats(tell: Tell) -> None:
    body = {"name": "x", "interval": 10, "intervalUnit": "minutes", "enabled": True, "ownerTeam": {"name": "platform"}}
    tell("POST", "/v2/heartbeats", body)
    for method in ("GET", "POST", "PUT", "PATCH"):
        tell(method, "/v2/heartbeats/x/ping")
    tell("GET", "/v2/heartbeats")
    tell("GET", "/v2/heartbeats/x")
    tell("PATCH", "/v2/heartbeats/x", {"interval": 1, "intervalUnit": "days"})
    tell("POST", "/v2/heartbeats/x/disable")
    tell("POST", "/v2/heartbeats/x/enable")
    tell("DELETE", "/v2/heartbeats/x")


def policies(tell: Tell) -> None:
    team = {"teamId": tell("GET", "/v2/teams/platform", **BY_NAME)["data"]["id"]}
    shared = {"enabled": True, "filter": {"type": "match-all-conditions", "conditions": CONDITIONS}}
    restricted = {**shared, "timeRestrictions": DAILY, "policyDescription": "x"}
    changes = {"message": "{{message}}!", "tags": ["a"], "details": {"a": "b"}, "priority": "P1", "continue": True}
    alert = {"type": "alert", "name": "Disks", **restricted, **changes}
    ten = {"duration": {"timeAmount": 10}}
    notification = {
        "type": "notification",
        "name": "Quiet",
        **restricted,
        "delayAction": {"delayOption": "for-duration", **ten},
        "deduplicationAction": {"deduplicationActionType": "frequency-based", "count": 2, **ten},
        "autoCloseAction": ten,
        "autoRestartAction": {**ten, "maxRepeatCount": 3},
    }
    for body, query in ((alert, {}), (notification, team)):
        path = f"/v2/policies/{tell('POST', '/v2/policies', body, **query)['data']['id']}"
        tell("GET", path, **query)
        tell("GET", f"/v2/policies/{body['type']}", **query)
        tell("PUT", path, {**body, "name": "x"}, **query)
        tell("POST", f"{path}/disable", **query)
        tell("POST", f"{path}/enable", **query)
        tell("POST", f"{path}/change-order", {"targetIndex": 0}, **query)
        tell("DELETE", path, **query)


def services(tell: Tell) -> None:
    team = tell("GET", "/v2/teams/platform", **BY_NAME)["data"]["id"]
    path = f"/v1/services/{tell('POST', '/v1/services', {'name': 'x', 'teamId': team})['data']['id']}"
    tell("PATCH", path, {"description": "x"})
    tell("GET", path)
    tell("GET", "/v1/services", limit=2)
    rule = {
        "conditionMatchType": "match-any-condition",
        "conditions": CONDITIONS,
        "incidentProperties": PROPERTIES,
    }
    made = f"{path}/incident-rules/{tell('POST', f'{path}/incident-rules', rule)['data']['id']}"
    tell("PATCH", made, {"incidentProperties": PROPERTIES})
    tell("PUT", made, rule)
    tell("GET", f"{path}/incident-rules")
    tell("DELETE", made)
    template = {"name": "x", "incidentProperties": PROPERTIES}
    created = tell("POST", f"{path}/incident-templates", {"incidentTemplate": template})["data"]["id"]
    tell("PUT", f"{path}/incident-templates/{created}", template)
    tell("GET", f"{path}/incident-templates")
    tell("DELETE", f"{path}/incident-templates/{created}")
    tell("PATCH", f"{path}/audience-templates", {"responder": {"teams": [team]}})
    tell("GET", f"{path}/audience-templates")
    tell("DELETE", path)


def account(tell: Tell) -> None:
    tell("GET", "/v2/account")
    tell("POST", "/v2/roles", {"name": "x", "extendedRole": "observer", "grantedRights": ["a"]})
    tell("PUT", "/v2/roles/x", {"disallowedRights": ["b"]}, **BY_NAME)
    tell("GET", "/v2/roles")
    tell("GET", "/v2/roles/x", **BY_NAME)
    tell("DELETE", "/v2/roles/x", **BY_NAME)
    integration = tell("GET", "/v2/integrations")["data"][1]["id"]
    rules = [{"state": "disabled", "entity": {"id": integration, "type": "integration"}}]
    body = {"time": {"type": "for-1-hour"}, "rules": rules}
    path = f"/v1/maintenance/{tell('POST', '/v1/maintenance', body)['data']['id']}"
    dates = {"startDate": "2026-04-01T12:00:00Z", "endDate": "2026-04-01T13:00:00Z"}
    tell("PUT", path, {"time": {"type": "schedule", **dates}, "rules": rules})
    tell("POST", f"{path}/change-end-date", {"endDate": "2026-04-01T14:00:00Z"})
    tell("GET", "/v1/maintenance", type="non-expired")
    tell("GET", path)
    tell("POST", f"{path}/cancel")
    tell("DELETE", path)


def deployments_and_logs(tell: Tell) -> None:
    body = {"message": "x", "state": "started", "environment": {"type": "Production", "id": "eu-1"}}
    made = tell("POST", "/v2/deployments", body)["requestId"]
    path = f"/v2/deployments/{tell('GET', f'/v2/deployments/requests/{made}')['data']['deploymentId']}"
    tell("PUT", f"{path}/updateState", {"state": "successful"})
    tell("GET", path)
    name = tell("GET", "/v2/logs/list/2020-01-01-00-00-00")["data"][0]["filename"]
    tell("GET", f"/v2/logs/download/{name}")
    tell("GET", f"/files/logs/{name}")


SETTINGS = (users, notification_rules, integrations, heartbeats, policies, services, account, deployments_and_logs)
