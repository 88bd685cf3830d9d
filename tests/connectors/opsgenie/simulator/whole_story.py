"""Every route of the simulator, asked for in an order that makes sense: what test_official_answers.py judges."""

from collections.abc import Callable
from typing import Any

from tests.connectors.opsgenie.simulator.story_of_settings import SETTINGS

Tell = Callable[..., Any]

ANA = {"username": "ana@example.com"}
HOURS = {"startHour": 8, "startMin": 0, "endHour": 18, "endMin": 30}
DAILY = {"type": "time-of-day", "restriction": HOURS}
WEEKLY = {"type": "weekday-and-time-of-day", "restrictions": [{"startDay": "monday", "endDay": "friday", **HOURS}]}
DATES = {"startDate": "2026-03-27T12:00:00Z", "endDate": "2026-03-29T12:00:00.25Z"}
BY_NAME = {"identifierType": "name"}


def alerts(tell: Tell) -> None:
    body = {
        "message": "Disk full",
        "alias": "disk",
        "responders": [
            {"type": kind, "name": name} for kind, name in (("team", "platform"), ("schedule", "ops_primary"))
        ],
        "actions": ["Restart"],
        "details": {"mount": "/var"},
        "note": "Again",
    }
    request = tell("POST", "/v2/alerts", body)["requestId"]
    path = f"/v2/alerts/{tell('GET', f'/v2/alerts/requests/{request}')['data']['alertId']}"
    for tail, change in {
        "acknowledge": {"user": "ana@example.com"},
        "unacknowledge": {"note": "Not me"},
        "snooze": {"endTime": "2026-03-28T10:00:00Z"},
        "escalate": {"escalation": {"name": "ops_escalation"}},
        "assign": {"owner": ANA},
        "responders": {"responder": {"type": "user", **ANA}},
        "teams": {"team": {"name": "payments"}},
        "actions/Restart": {},
        "notes": {"note": "Seen"},
        "tags": {"tags": ["a", "b"]},
        "details": {"details": {"a": "b"}},
    }.items():
        tell("POST", f"{path}/{tail}", change)
    tell("DELETE", f"{path}/tags", tags="a")
    tell("DELETE", f"{path}/details", keys="a")
    tell("PUT", f"{path}/message", {"message": "Disk nearly full"})
    tell("PUT", f"{path}/description", {"description": "Better"})
    tell("PUT", f"{path}/priority", {"priority": "P1"})
    tell("GET", path)
    for tail in ("recipients", "logs", "notes"):
        tell("GET", f"{path}/{tail}", limit=2)
    tell("POST", f"{path}/close", {})
    tell("GET", path)
    tell("GET", "/v2/alerts", limit=30, offset=5)
    tell("GET", "/v2/alerts/count", query="status: open")
    attachment = tell("POST", f"{path}/attachments", files={"file": ("a.txt", b"x")})["data"]["id"]
    tell("GET", f"{path}/attachments")
    url = tell("GET", f"{path}/attachments/{attachment}")["data"]["url"]
    tell("GET", "/" + url.split("/", 3)[3])
    tell("DELETE", f"{path}/attachments/{attachment}")
    tell("DELETE", path)


def saved_searches(tell: Tell) -> None:
    path = "/v2/alerts/saved-searches"
    body = {"name": "disks", "query": "tag: disk", "owner": ANA, "teams": [{"name": "platform"}]}
    tell("POST", path, body)
    tell("GET", path)
    tell("GET", f"{path}/disks", **BY_NAME)
    tell("PATCH", f"{path}/disks", body, **BY_NAME)
    tell("DELETE", f"{path}/disks", **BY_NAME)


def incidents(tell: Tell) -> None:
    service = tell("GET", "/v1/services", limit=2)["data"][0]["id"]
    tell("GET", f"/v1/services/{service}")
    responders = [{"type": "team", "name": "platform"}]
    body = {"message": "Down", "impactedServices": [service], "responders": responders, "details": {"a": "b"}}
    request = tell("POST", "/v1/incidents/create", body)["requestId"]
    identifier = tell("GET", f"/v1/incidents/requests/{request}")["data"]["incidentId"]
    path = f"/v1/incidents/{identifier}"
    for tail, change in {
        "resolve": {},
        "close": {},
        "reopen": {},
        "notes": {"note": "Seen"},
        "tags": {"tags": ["a", "b"]},
        "details": {"details": {"c": "d"}},
        "responders": {"responder": [{"type": "user", **ANA}]},
        "message": {"message": "Slow"},
        "description": {"description": "Since noon"},
    }.items():
        tell("POST", f"{path}/{tail}", change)
    tell("PUT", f"{path}/priority", {"priority": "P1"})
    tell("DELETE", f"{path}/tags", tags="a")
    tell("DELETE", f"{path}/details", keys="a")
    tell("GET", path)
    tell("GET", "/v1/incidents", limit=4)
    for tail in ("notes", "logs", "responder-alert-ids"):
        tell("GET", f"{path}/{tail}", limit=1)
    tell("POST", f"/v2/incident-timelines/{identifier}/entries", {"description": {"content": "x"}})
    tell("GET", f"/v2/incident-timelines/{identifier}/entries", limit=2)
    tell("DELETE", path)
    template = {"name": "x", "message": "x", "priority": "P1", "stakeholderProperties": {"message": "x"}}
    made = tell("POST", "/v1/incident-templates", template)["data"]["id"]
    tell("GET", "/v1/incident-templates")
    tell("PUT", f"/v1/incident-templates/{made}", template)
    tell("DELETE", f"/v1/incident-templates/{made}")


def schedules(tell: Tell) -> None:
    participants = [{"type": "user", **ANA}, {"type": "none"}, {"type": "team", "name": "payments"}]
    participants.append({"type": "escalation", "name": "ops_escalation"})
    rotation = {"name": "x", "startDate": "2026-01-01T00:00:00Z", "type": "daily", "participants": participants}
    weekly = {**rotation, "endDate": "2027-01-01T00:00:00Z", "timeRestriction": WEEKLY}
    body = {"name": "nights", "ownerTeam": {"name": "payments"}, "rotations": [weekly], "description": "Dark"}
    path = f"/v2/schedules/{tell('POST', '/v2/schedules', body)['data']['id']}"
    tell("PATCH", path, {"timezone": "Europe/Paris"})
    rule = {"fromUser": ANA, "toUser": {"username": "hiro@example.com"}, "alias": "away", **DATES}
    tell("POST", "/v2/forwarding-rules", rule)
    tell("GET", "/v2/forwarding-rules")
    tell("GET", "/v2/forwarding-rules/away", identifierType="alias")
    tell("PUT", "/v2/forwarding-rules/away", rule, identifierType="alias")
    added = tell("POST", f"{path}/rotations", {**rotation, "timeRestriction": DAILY})["data"]["id"]
    tell("PATCH", f"{path}/rotations/{added}", {"length": 2})
    tell("GET", f"{path}/rotations")
    tell("GET", f"{path}/rotations/{added}")
    override = {"alias": "swap", "user": {"type": "user", **ANA}, "rotations": [{"id": added}], **DATES}
    tell("POST", f"{path}/overrides", override)
    tell("PUT", f"{path}/overrides/swap", {**override, "user": {"type": "none"}})
    tell("GET", f"{path}/overrides")
    tell("GET", f"{path}/overrides/swap")
    tell("GET", "/v2/schedules", expand="rotation")
    tell("GET", path)
    tell("GET", f"{path}/timeline", expand="base,forwarding,override", intervalUnit="months", interval=2)
    tell("GET", "/v2/schedules/ops_primary/timeline", expand="forwarding", date="2026-03-30T00:00:00Z", **BY_NAME)
    for flat in ("true", "false"):
        for number in range(4):
            tell("GET", f"{path}/on-calls", flat=flat, date=f"2026-03-2{5 + number}T09:00:00Z")
        tell("GET", f"{path}/next-on-calls", flat=flat)
        tell("GET", "/v2/schedules/on-calls", flat=flat, date="2026-03-28T01:00:00Z")
    tell("GET", f"{path}.ics")
    tell("GET", "/v2/schedules/on-calls/ana@example.com.ics")
    tell("DELETE", f"{path}/overrides/swap")
    tell("DELETE", f"{path}/rotations/{added}")
    tell("DELETE", "/v2/forwarding-rules/away", identifierType="alias")
    tell("DELETE", path)


def escalations(tell: Tell) -> None:
    path = "/v2/escalations"
    rule = {"delay": {"timeAmount": 5}, "recipient": {"type": "user", **ANA}}
    tell("POST", path, {"name": "x", "rules": [rule], "ownerTeam": {"name": "payments"}, "repeat": {"count": 2}})
    tell("GET", path)
    tell("GET", f"{path}/x", **BY_NAME)
    tell("PATCH", f"{path}/x", {"description": "x"}, **BY_NAME)
    tell("DELETE", f"{path}/x", **BY_NAME)


def teams(tell: Tell) -> None:
    path = f"/v2/teams/{tell('POST', '/v2/teams', {'name': 'x', 'members': [{'user': ANA}]})['data']['id']}"
    tell("PATCH", path, {"description": "x"})
    tell("POST", f"{path}/members", {"user": {"username": "ben@example.com"}})
    tell("DELETE", f"{path}/members/ben@example.com")
    for expand in ("", "member"):
        tell("GET", "/v2/teams", expand=expand)
    tell("GET", path)
    tell("GET", f"{path}/logs", limit=2)
    tell("POST", f"{path}/roles", {"name": "x", "rights": [{"right": "x"}]})
    tell("GET", f"{path}/roles")
    tell("GET", f"{path}/roles/x", **BY_NAME)
    tell("PATCH", f"{path}/roles/x", {"rights": [{"right": "y", "granted": False}]}, **BY_NAME)
    tell("DELETE", f"{path}/roles/x", **BY_NAME)
    conditions = [{"field": "tags", "operation": "contains", "expectedValue": "x"}]
    rule = {
        "notify": {"type": "schedule", "name": "ops_primary"},
        "criteria": {"type": "match-any-condition", "conditions": conditions},
        "timeRestriction": DAILY,
    }
    made = tell("POST", f"{path}/routing-rules", rule)["data"]["id"]
    tell("GET", f"{path}/routing-rules")
    tell("GET", f"{path}/routing-rules/{made}")
    tell("PATCH", f"{path}/routing-rules/{made}", {"notify": {"type": "none"}})
    tell("POST", f"{path}/routing-rules/{made}/change-order", {"order": 0})
    tell("DELETE", f"{path}/routing-rules/{made}")
    tell("DELETE", path)


def users(tell: Tell) -> None:
    tell("GET", "/v2/users", limit=2)
    tell("GET", "/v2/users/ana@example.com", expand="contact")


AREAS = (alerts, saved_searches, incidents, schedules, escalations, teams, users, *SETTINGS)
