"""The company one finds when none is given: its people, schedules and services."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from connectors.opsgenie.simulator.instants import milliseconds, written

Json = dict[str, Any]

_TEAMS = {
    "platform": ("Keeps the machines running", ("ana", "ben", "chloe", "dmitri")),
    "payments": ("Card and bank traffic", ("elif", "farid")),
    "security": ("Watches logins and leaks", ("grace", "hiro", "ana")),
}
_PEOPLE = {
    "ana": ("Ana Example", "Europe/Berlin", "Admin"),
    "ben": ("Ben Carter", "Europe/London", "User"),
    "chloe": ("Chloé Martin", "Europe/Paris", "User"),
    "dmitri": ("Dmitri Volkov", "Europe/Berlin", "User"),
    "elif": ("Elif Kaya", "Europe/Istanbul", "User"),
    "farid": ("Farid Rahman", "Asia/Dhaka", "User"),
    "grace": ("Grace Okafor", "America/New_York", "Admin"),
    "hiro": ("Hiro Tanaka", "Asia/Tokyo", "User"),
}
_SERVICES = {
    "checkout": ("payments", "Paying for a basket"),
    "login": ("security", "Signing in and out"),
    "search": ("platform", "Finding things in the shop"),
    "status-page": ("platform", "What customers see when we are down"),
}


def identifier(kind: str, name: str) -> str:
    """The same id for the same thing in every run."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://example.com/{kind}/{name}"))


def log_file(moment: datetime) -> Json:
    """A file of the account's log, named after the time of its making."""
    name = moment.strftime("%Y-%m-%d-%H-%M-%S")
    return {"filename": f"{name}.json", "date": milliseconds(moment), "size": 1_637}


def keys() -> list[Json]:
    api, monitoring = identifier("integration", "API"), identifier("integration", "Prometheus")
    return [
        {
            "value": "11111111-aaaa-4111-8111-111111111111",
            "name": "integration key, every right",
            "integration_id": api,
        },
        {
            "value": "22222222-bbbb-4222-8222-222222222222",
            "name": "settings key, no alert writes",
            "kind": "settings",
        },
        {
            "value": "33333333-cccc-4333-8333-333333333333",
            "name": "integration key, read only",
            "rights": "R",
            "integration_id": monitoring,
        },
    ]


def example_company(now: datetime) -> Json:
    """Everything but alerts and incidents, in the JSON of the wire."""
    return {
        "keys": keys(),
        "users": [_user(name, number) for number, name in enumerate(_PEOPLE)],
        "teams": [_team(name) for name in _TEAMS],
        "escalations": [_escalation("ops", "platform"), _escalation("security", "security")],
        "schedules": _schedules(now),
        "forwardings": [
            {
                "id": identifier("forwarding", "ben"),
                "fromUser": _person("ben"),
                "toUser": _person("chloe"),
                # Over long ago, so that it says nothing about today.
                "startDate": written(now - timedelta(days=45)),
                "endDate": written(now - timedelta(days=40)),
            }
        ],
        "searches": [
            {
                "id": identifier("search", "open and urgent"),
                "name": "open and urgent",
                "query": "status: open AND priority: P1",
                "description": "What should not wait",
                "owner": {"id": identifier("user", "ana")},
                "teams": [{"id": identifier("team", "platform")}],
                "createdAt": "2023-03-01T10:00:00Z",
                "updatedAt": "2023-03-01T10:00:00Z",
            }
        ],
        "user_searches": [
            {
                "id": identifier("user search", "in Berlin"),
                "name": "in Berlin",
                "query": "timezone: Europe/Berlin",
                "description": "",
                "owner": {"id": identifier("user", "ana")},
                "createdAt": "2023-03-01T10:00:00Z",
                "updatedAt": "2023-03-01T10:00:00Z",
            }
        ],
        "policies": [],
        "roles": [
            {
                "id": identifier("role", "Night watch"),
                "name": "Night watch",
                "extendedRole": "user",
                "grantedRights": ["alert-update-priority"],
                "disallowedRights": [],
            }
        ],
        "maintenances": [],
        "deployments": [],
        "log_files": [log_file(now - timedelta(hours=hours)) for hours in (3, 2, 1)],
        "templates": [
            {
                "id": identifier("template", "outage"),
                "name": "outage",
                "message": "A service is down",
                "description": "",
                "tags": ["outage"],
                "details": {},
                "priority": "P1",
                "impactedServices": [identifier("service", "checkout")],
                "stakeholderProperties": {"enable": True, "message": "We are looking into it", "description": ""},
            }
        ],
        "services": [_service(name) for name in _SERVICES],
        "integrations": [
            _integration("API", "API", "platform"),
            _integration("Prometheus", "Prometheus", "platform"),
        ],
        "heartbeats": [
            {
                # Not pinged yet, so that its day has not begun and time that passes raises no alert unasked.
                "name": "nightly-backup",
                "description": "The backup tells us that it ran",
                "interval": 1,
                "intervalUnit": "days",
                "enabled": True,
                "expired": False,
                "ownerTeam": _named("team", "platform"),
                "alertMessage": "nightly-backup is expired",
                "alertTags": ["backup"],
                "alertPriority": "P3",
            }
        ],
    }


def _named(kind: str, name: str) -> Json:
    return {"id": identifier(kind, name), "name": name}


def _person(name: str) -> Json:
    return {"id": identifier("user", name), "username": f"{name}@example.com"}


def _user(name: str, number: int) -> Json:
    full_name, zone, role = _PEOPLE[name]
    person = _person(name)
    return {
        "blocked": False,
        "verified": True,
        **person,
        "fullName": full_name,
        "role": {"id": role, "name": role},
        "timeZone": zone,
        "locale": "en_US",
        "tags": ["oncall"],
        "userAddress": {
            "country": "",
            "state": "",
            "city": zone.split("/")[1].replace("_", " "),
            "line": "",
            "zipCode": "",
        },
        "details": {"team": [team for team, (_, members) in _TEAMS.items() if name in members]},
        "createdAt": f"2023-02-{number + 10}T09:11:05.4Z",
        "userContacts": [
            {
                "to": person["username"],
                "id": identifier("contact", name),
                "contactMethod": "email",
                "enabled": True,
            }
        ],
        "notificationRules": [_notification_rule(name, person["username"])],
    }


def _notification_rule(name: str, address: str) -> Json:
    return {
        "id": identifier("notification rule", name),
        "name": "New Alert",
        "actionType": "create-alert",
        "criteria": {"type": "match-all"},
        "steps": [
            {
                "id": identifier("notification rule step", name),
                "contact": {"method": "email", "to": address},
                "sendAfter": {"timeAmount": 0, "timeUnit": "minutes"},
                "enabled": True,
            }
        ],
        "repeat": {"loopAfter": 0, "enabled": False},
        "enabled": True,
    }


def _team(name: str) -> Json:
    description, members = _TEAMS[name]
    own = identifier("team", name)
    return {
        "id": own,
        "name": name,
        "description": description,
        "links": {
            "web": f"https://example.app.opsgenie.com/teams/dashboard/{own}/main",
            "api": f"https://api.opsgenie.com/v2/teams/{own}",
        },
        "members": [
            {"user": _person(member), "role": "admin" if number == 0 else "user"}
            for number, member in enumerate(members)
        ],
        "roles": [_role("observer")] if name == "security" else [],
        "routingRules": _routing_rules(name),
    }


def _role(name: str) -> Json:
    return {"id": identifier("role", name), "name": name, "rights": [{"right": "edit-team-roles", "granted": False}]}


def _routing_rules(team: str) -> list[Json]:
    escalation = {"platform": "ops_escalation", "security": "security_escalation"}.get(team)
    notify = {"type": "escalation", **_named("escalation", escalation)} if escalation else {"type": "none"}
    default = {
        "id": identifier("routing rule", f"{team}/default"),
        "name": "Default Routing Rule",
        "isDefault": True,
        "notify": notify,
    }
    if team != "payments":
        return [default]
    urgent = {
        "id": identifier("routing rule", "payments/urgent"),
        "name": "Urgent",
        "isDefault": False,
        "criteria": {
            "type": "match-all-conditions",
            "conditions": [{"field": "priority", "not": False, "operation": "equals", "expectedValue": "P1"}],
        },
        "timezone": "Europe/Istanbul",
        "notify": {"type": "schedule", **_named("schedule", "ops_primary")},
    }
    return [urgent, default]


def _escalation(area: str, team: str) -> Json:
    name = f"{area}_escalation"
    first = {"type": "schedule", "id": identifier("schedule", f"{area}_primary"), "name": f"{area}_primary"}
    second = {"type": "team", **_named("team", team)}
    return {
        "id": identifier("escalation", name),
        "name": name,
        "description": f"Who is woken for {area}, and who after ten minutes",
        "rules": [_rule(first, 0), _rule(second, 10)],
        "ownerTeam": _named("team", team),
        "repeat": {"waitInterval": 0, "count": 1, "resetRecipientStates": False, "closeAlertAfterAll": False},
    }


def _rule(recipient: Json, minutes: int) -> Json:
    delay = {"timeAmount": minutes, "timeUnit": "minutes"}
    return {"condition": "if-not-acked", "notifyType": "default", "delay": delay, "recipient": recipient}


def _service(name: str) -> Json:
    team, description = _SERVICES[name]
    return {
        "id": identifier("service", name),
        "name": name,
        "description": description,
        "teamId": identifier("team", team),
        "visibility": "TEAM_MEMBERS",
        "tags": [team],
    }


def _integration(name: str, kind: str, team: str) -> Json:
    return {
        "id": identifier("integration", name),
        "name": name,
        "enabled": True,
        "type": kind,
        "teamId": identifier("team", team),
    }


def _schedules(now: datetime) -> list[Json]:
    # Begun long before anybody may look back to, on a Monday.
    monday = (now - timedelta(days=364 + now.weekday())).strftime("%Y-%m-%d")
    return [
        _schedule(
            "ops_primary", "platform", "Europe/Berlin",
            _rotation("Weekly", f"{monday}T08:00:00Z", "weekly", "ana", "ben", "chloe"),
        ),
        _schedule(
            "ops_secondary", "platform", "Europe/Berlin",
            _rotation(
                "Office hours", f"{monday}T06:00:00Z", "daily", "dmitri", "ana", None,
                restriction={
                    "type": "weekday-and-time-of-day",
                    "restrictions": [
                        {"startDay": day, "startHour": 8, "startMin": 0, "endDay": day, "endHour": 18, "endMin": 30}
                        for day in ("monday", "tuesday", "wednesday", "thursday", "friday")
                    ],
                },
            ),
        ),
        _schedule(
            "security_primary", "security", "America/New_York",
            _rotation("Daily", f"{monday}T13:00:00Z", "daily", "grace", "hiro"),
            _rotation(
                "Night watch", f"{monday}T13:00:00Z", "weekly", "ana", "grace",
                restriction={
                    "type": "time-of-day",
                    "restriction": {"startHour": 22, "startMin": 0, "endHour": 6, "endMin": 0},
                },
            ),
        ),
    ]  # fmt: skip


def _schedule(name: str, team: str, zone: str, *rotations: Json) -> Json:
    own = [{**rotation, "id": identifier("rotation", f"{name}/{rotation['name']}")} for rotation in rotations]
    return {
        "id": identifier("schedule", name),
        "name": name,
        "description": "",
        "timezone": zone,
        "enabled": True,
        "ownerTeam": _named("team", team),
        "rotations": own,
    }


def _rotation(name: str, start: str, kind: str, *people: str | None, restriction: Json | None = None) -> Json:
    participants = [{"type": "user", **_person(who)} if who else {"type": "none"} for who in people]
    rotation: Json = {"name": name, "startDate": start, "type": kind, "length": 1, "participants": participants}
    return {**rotation, "timeRestriction": restriction} if restriction else rotation
