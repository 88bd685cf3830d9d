"""What alerts can be searched by and sorted by."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from connectors.opsgenie.simulator.alerts import Alert
from connectors.opsgenie.simulator.company import Company
from connectors.opsgenie.simulator.instants import milliseconds
from connectors.opsgenie.simulator.search import Field


def _maybe(value: Any) -> tuple[Any, ...]:
    return () if value in (None, "") else (value,)


def _moment(value: datetime | None) -> tuple[int, ...]:
    return () if value is None else (milliseconds(value),)


def search_fields(company: Company) -> dict[str, Field[Alert]]:
    """Every field the query may name."""

    def names(recipients: Iterable[dict[str, str]]) -> list[str]:
        return [company.recipient_name(recipient) for recipient in recipients]

    def team_names(alert: Alert) -> list[str]:
        return names({"type": "team", "id": team} for team in alert.teams)

    def usernames(alert: Alert) -> list[str]:
        return names(responder for responder in alert.responders if responder["type"] == "user")

    return {
        "createdAt": Field("number", lambda alert: _moment(alert.created_at)),
        "updatedAt": Field("number", lambda alert: _moment(alert.updated_at)),
        "lastOccurredAt": Field("number", lambda alert: _moment(alert.last_occurred_at)),
        "snoozedUntil": Field("number", lambda alert: _moment(alert.snoozed_until)),
        "alertId": Field("exact", lambda alert: (alert.id,)),
        "tinyId": Field("exact", lambda alert: (alert.tiny_id,)),
        "alias": Field("exact", lambda alert: (alert.alias,) if alert.status == "open" else ()),
        "count": Field("number", lambda alert: (alert.count,)),
        "message": Field("text", lambda alert: (alert.message,)),
        "description": Field("text", lambda alert: _maybe(alert.description)),
        "source": Field("text", lambda alert: _maybe(alert.source)),
        "entity": Field("text", lambda alert: _maybe(alert.entity)),
        "status": Field("exact", lambda alert: (alert.status,), ("open", "closed")),
        "owner": Field("exact", lambda alert: _maybe(alert.owner)),
        "acknowledgedBy": Field("exact", lambda alert: _maybe(alert.acknowledged_by)),
        "closedBy": Field("exact", lambda alert: _maybe(alert.closed_by)),
        "recipients": Field("exact", usernames),
        "isSeen": Field("flag", lambda alert: (alert.seen,)),
        "acknowledged": Field("flag", lambda alert: (alert.acknowledged,)),
        "snoozed": Field("flag", lambda alert: (alert.snoozed,)),
        "teams": Field("exact", team_names),
        "responders": Field("exact", lambda alert: names(alert.responders)),
        "integration.name": Field("text", lambda alert: _maybe(alert.integration.get("name"))),
        "integration.type": Field("text", lambda alert: _maybe(alert.integration.get("type"))),
        "tag": Field("exact", lambda alert: alert.tags),
        "tags": Field("exact", lambda alert: alert.tags),
        "actions": Field("exact", lambda alert: alert.actions),
        "details.key": Field("exact", lambda alert: alert.details),
        "details.value": Field("text", lambda alert: alert.details.values()),
        "priority": Field("exact", lambda alert: (alert.priority,), ("p1", "p2", "p3", "p4", "p5")),
    }


def main_text(alert: Alert) -> tuple[Any, ...]:
    # Which fields a bare word searches is not confirmed.
    return (alert.message, alert.description, alert.alias, alert.entity, alert.source, *alert.tags)


def _or_earliest(value: datetime | None) -> int:
    return -1 if value is None else milliseconds(value)


SORTS: dict[str, Callable[[Alert], Any]] = {
    "createdAt": lambda alert: alert.created_at,
    "updatedAt": lambda alert: alert.updated_at,
    "tinyId": lambda alert: (len(alert.tiny_id), alert.tiny_id),
    "alias": lambda alert: alert.alias,
    "message": lambda alert: alert.message,
    "status": lambda alert: alert.status,
    "acknowledged": lambda alert: alert.acknowledged,
    "isSeen": lambda alert: alert.seen,
    "snoozed": lambda alert: alert.snoozed,
    "snoozedUntil": lambda alert: _or_earliest(alert.snoozed_until),
    "count": lambda alert: alert.count,
    "lastOccurredAt": lambda alert: alert.last_occurred_at,
    "source": lambda alert: alert.source,
    "owner": lambda alert: alert.owner,
    "integration.name": lambda alert: alert.integration.get("name", ""),
    "integration.type": lambda alert: alert.integration.get("type", ""),
    "report.ackTime": lambda alert: alert.report().get("ackTime", -1),
    "report.closeTime": lambda alert: alert.report().get("closeTime", -1),
    "report.acknowledgedBy": lambda alert: alert.acknowledged_by,
    "report.closedBy": lambda alert: alert.closed_by,
}
