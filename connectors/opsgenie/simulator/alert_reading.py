"""Reading alerts: lists, counts, one alert and what hangs on it."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from connectors.opsgenie.simulator.accepting import request_status
from connectors.opsgenie.simulator.alert_actions import KINDS
from connectors.opsgenie.simulator.alerts import Alert, Entry
from connectors.opsgenie.simulator.company import Company, named
from connectors.opsgenie.simulator.instants import milliseconds, written
from connectors.opsgenie.simulator.paging import keyed_page, page, window
from connectors.opsgenie.simulator.refusals import Refused, unprocessable
from connectors.opsgenie.simulator.routing import Answer, Call, Route, data
from connectors.opsgenie.simulator.search import Field, matcher


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


def _main_text(alert: Alert) -> tuple[Any, ...]:
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


def _found(call: Call, sort: str, order: str) -> list[Alert]:
    if "searchIdentifier" in call.query:
        # Saved searches are not simulated; saying so is better than a list that ignores the search.
        raise unprocessable({"searchIdentifier": "The simulator has no saved searches; use query."})
    company, query = call.company, call.query.get("query", "")

    def build() -> list[Alert]:
        test = matcher(query, search_fields(company), _main_text)
        shown = (alert for alert in company.alerts if alert.visible_at is None and test(alert))
        found = sorted(shown, key=lambda alert: alert.id)
        return sorted(found, key=SORTS[sort], reverse=order == "desc")

    return company.listed((query, sort, order), build)


def listing(call: Call) -> Answer:
    sort = call.choice("sort", SORTS, "createdAt")
    order = call.choice("order", ("asc", "desc"), "desc")
    window(call)
    return page(call, _found(call, sort, order), Alert.brief, sort=sort, order=order)


def count(call: Call) -> Answer:
    return data({"count": len(_found(call, "createdAt", "desc"))})


def find(call: Call) -> Alert:
    kind = call.choice("identifierType", KINDS, "id")
    alert = call.company.alerts.find(call.named["identifier"], kind)
    if alert is None:
        raise Refused(404, "Alert does not exist")  # the vendor's words for a read are not recorded
    return alert


def recipients(call: Call) -> Answer:
    alert, company = find(call), call.company
    users: dict[str, None] = {}
    for responder in alert.responders:
        if responder["type"] == "user":
            users[responder["id"]] = None
        elif responder["type"] == "team":
            team = named(company.teams, responder["id"], "id") or {}
            users.update((member["user"]["id"], None) for member in team.get("members", ()))
    shown = []
    for identifier in users:
        user = company.user(identifier)
        if user is not None:
            acted = alert.acknowledged_by == user["username"]
            shown.append(
                {
                    "user": {"id": user["id"], "username": user["username"]},
                    "state": "action" if acted else "notactive",
                    "method": "Acknowledge" if acted else "",
                    "createdAt": written(alert.created_at),
                    "updatedAt": written(
                        alert.acknowledged_at if acted and alert.acknowledged_at else alert.created_at
                    ),
                }
            )
    return data(shown)


def _route(path: str, handler: Callable[[Call], Answer], domain: str = "Alert") -> Route:
    return Route("GET", path, handler, domain, "R")


ROUTES = [
    _route("/v2/alerts", listing, "Search"),
    _route("/v2/alerts/count", count),  # which domain a count spends is not confirmed
    _route("/v2/alerts/{identifier}", lambda call: data(find(call).full())),
    _route("/v2/alerts/{identifier}/recipients", recipients),
    _route("/v2/alerts/{identifier}/logs", lambda call: keyed_page(call, find(call).logs, Entry.as_log)),
    _route("/v2/alerts/{identifier}/notes", lambda call: keyed_page(call, find(call).notes, Entry.as_note)),
    _route("/v2/alerts/requests/{requestId}", lambda call: request_status(call, "alerts", "alertId")),
]
