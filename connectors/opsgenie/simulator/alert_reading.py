"""Reading alerts: lists, counts, one alert and what hangs on it."""

from collections.abc import Callable

from connectors.opsgenie.simulator import alert_searches
from connectors.opsgenie.simulator.accepting import request_status
from connectors.opsgenie.simulator.alert_actions import KINDS
from connectors.opsgenie.simulator.alert_fields import SORTS, main_text, search_fields
from connectors.opsgenie.simulator.alerts import Alert, Entry
from connectors.opsgenie.simulator.company import named
from connectors.opsgenie.simulator.instants import written
from connectors.opsgenie.simulator.paging import keyed_page, page, window
from connectors.opsgenie.simulator.refusals import Refused
from connectors.opsgenie.simulator.routing import Answer, Call, Route, data
from connectors.opsgenie.simulator.search import matcher


def _found(call: Call, sort: str, order: str) -> list[Alert]:
    company, query = call.company, alert_searches.query(call)

    def build() -> list[Alert]:
        test = matcher(query, search_fields(company), main_text)
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


def find(call: Call, parameter: str = "identifierType") -> Alert:
    """The alert a call names."""
    kind = call.choice(parameter, KINDS, "id")
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
