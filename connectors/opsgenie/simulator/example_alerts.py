"""Three days of made-up alerts and incidents."""

import random
from datetime import datetime, timedelta
from typing import Any

Json = dict[str, Any]

# message, alias, team, source, tags
_KINDS: list[tuple[str, str, str, str, list[str]]] = [
    ("Disk almost full on {host}", "{host}/disk", "platform", "prometheus", ["disk", "prod"]),
    ("CPU above 95 percent on {host}", "{host}/cpu", "platform", "prometheus", ["cpu", "prod"]),
    ("Pods of {host} restart again and again", "{host}/restarts", "platform", "kubernetes", ["kubernetes", "prod"]),
    ("Certificate of {host}.example.com ends soon", "{host}/certificate", "platform", "cert-check", ["tls"]),
    ("Replication on {host} lags behind", "{host}/lag", "platform", "prometheus", ["database", "prod"]),
    (
        "Card payments on {host} fail more than usual",
        "{host}/card-failures",
        "payments",
        "checkout",
        ["payments", "prod"],
    ),
    ("Bank answers {host} slowly", "{host}/bank-latency", "payments", "checkout", ["payments", "latency"]),
    ("Too many failed logins from {host}", "{host}/failed-logins", "security", "siem", ["suspicious-login", "auth"]),
    ("Secret found in a commit on {host}", "{host}/secret", "security", "git-watch", ["leak"]),
    ("Staging deploy of {host} failed", "{host}/deploy", "platform", "ci", ["staging", "deploy"]),
]
_HOSTS = ("db-01", "db-02", "web-01", "web-02", "web-03", "queue-01", "cache-01", "api-01", "api-02", "search-01")
_OWNERS = {
    "platform": ("ana@example.com", "ben@example.com", "chloe@example.com"),
    "payments": ("elif@example.com", "farid@example.com"),
    "security": ("grace@example.com", "hiro@example.com"),
}
_LOGINS = (
    ("203.0.113.77", "elif@example.com", "P1", 25),
    ("198.51.100.14", "ben@example.com", "P2", 47),
    ("192.0.2.201", "hiro@example.com", "P2", 130),
    ("203.0.113.90", "chloe@example.com", "P3", 300),
)


def example_alerts(now: datetime, chance: random.Random) -> list[Json]:
    """Sixty alerts of the three days before now, the oldest first."""
    alerts = [*_urgent(now), *_logins(now)]
    pairs = [(kind, host) for kind in _KINDS for host in _HOSTS]
    for kind, host in chance.sample(pairs, 60 - len(alerts)):
        alerts.append(_ordinary(now, chance, kind, host))
    return sorted(alerts, key=lambda alert: alert["created_at"])


def _ordinary(now: datetime, chance: random.Random, kind: tuple[str, str, str, str, list[str]], host: str) -> Json:
    message, alias, team, source, tags = kind
    created = now - timedelta(minutes=chance.randint(3, 3 * 24 * 60), milliseconds=chance.randint(0, 999))
    age = now - created
    # What is a day old has mostly been dealt with.
    closed = chance.random() < (0.9 if age > timedelta(days=1) else 0.5)
    acknowledged = closed or chance.random() < 0.5
    owner = chance.choice(_OWNERS[team]) if acknowledged else ""
    alert: Json = {
        "message": message.format(host=host),
        "alias": alias.format(host=host),
        "teams": [team],
        "source": source,
        "tags": tags,
        "entity": host,
        "priority": chance.choice(["P1", "P2", "P3", "P3", "P3", "P4", "P4", "P5"]),
        "details": {"host": host, "runbook": f"https://wiki.example.com/{alias.split('/')[1]}"},
        "description": f"Seen by {source}.",
        "created_at": created,
        "acknowledged": acknowledged,
        "owner": owner,
        "count": chance.choice([1, 1, 1, 2, 3, 8]),
    }
    if acknowledged:
        alert["acknowledged_at"] = created + age * chance.uniform(0.05, 0.3)
        alert["acknowledged_by"] = owner
    if closed:
        alert["status"] = "closed"
        alert["closed_at"] = created + age * chance.uniform(0.35, 0.9)
        alert["closed_by"] = owner
        alert["notes"] = ["Gone after a restart."] if chance.random() < 0.3 else []
    return alert


def _urgent(now: datetime) -> list[Json]:
    """Open, nobody has looked, and the ten minutes are over."""
    rows = [
        ("Checkout answers with errors", "checkout/errors", "payments", "P1", 14, ["payments", "prod"], "checkout"),
        (
            "Disk full on db-primary",
            "db-primary/disk",
            "platform",
            "P1",
            33,
            ["disk", "prod", "database"],
            "db-primary",
        ),
        ("Queue of orders grows", "orders/queue", "platform", "P2", 21, ["queue", "prod"], "orders"),
        ("Login page is slow", "login/latency", "platform", "P2", 95, ["latency", "prod"], "login"),
    ]
    return [
        {
            "message": message,
            "alias": alias,
            "teams": [team],
            "source": "prometheus",
            "tags": tags,
            "entity": entity,
            "priority": priority,
            "created_at": now - timedelta(minutes=minutes, milliseconds=140),
            "actions": ["Restart"],
        }
        for message, alias, team, priority, minutes, tags, entity in rows
    ]


def _logins(now: datetime) -> list[Json]:
    return [
        {
            "message": f"Suspicious login of {user} from {address}",
            "alias": f"suspicious-login/{user}",
            "teams": ["security"],
            "source": "siem",
            "tags": ["suspicious-login", "auth"],
            "entity": user,
            "priority": priority,
            "created_at": now - timedelta(minutes=minutes, milliseconds=870),
            "details": {"ip": address, "user": user, "country": "unknown"},
            "description": "A login from a country where this user has never been.",
        }
        for address, user, priority, minutes in _LOGINS
    ]


def example_incidents(now: datetime) -> list[Json]:
    """Three incidents: one open, one resolved, one closed."""
    rows = [
        ("Login did not work for an hour", "login", "closed", "P1", 60),
        ("Search shows old prices", "search", "resolved", "P3", 20),
        ("Checkout loses every tenth payment", "checkout", "open", "P1", 0.5),
    ]
    return [
        {
            "message": message,
            "services": [service],
            "status": status,
            "priority": priority,
            "created_at": now - timedelta(hours=hours),
            "updated_at": now - timedelta(hours=hours * (0.5 if status != "open" else 1)),
            "tags": [service],
            "description": "Opened by the team that owns the service.",
        }
        for message, service, status, priority, hours in rows
    ]
