"""The story of an incident, entry by entry."""

from connectors.opsgenie.simulator.accepting import done
from connectors.opsgenie.simulator.alert_creating import NOBODY
from connectors.opsgenie.simulator.fields import Fields
from connectors.opsgenie.simulator.incidents import Incident, Told
from connectors.opsgenie.simulator.refusals import Refused, unprocessable
from connectors.opsgenie.simulator.routing import Answer, Call, Handler, Route, data


def _incident(call: Call) -> Incident:
    incident = call.company.incidents.find(call.named["incidentId"])
    if incident is None:
        raise Refused(404, "Incident does not exist")  # the vendor's words are not recorded
    return incident


def listing(call: Call) -> Answer:
    """Paged by a number here: what the vendor takes as offset is not confirmed."""
    incident = _incident(call)
    order = call.choice("order", ("asc", "desc"), "desc")
    limit = call.number("limit", 20, 1, 100)
    try:
        offset = int(call.query.get("offset") or 0)
    except ValueError:
        raise unprocessable({"offset": f"Invalid offset [{call.query['offset'][:100]}]"}) from None
    entries = sorted(incident.timeline, key=lambda entry: entry.at, reverse=order == "desc")
    chosen = entries[max(0, offset) :][:limit]
    shown: dict[str, object] = {"entries": [entry.shown() for entry in chosen]}
    if chosen and chosen[-1] is not entries[-1]:
        shown["nextOffset"] = str(offset + limit)
    return data(shown)


def add(call: Call) -> Answer:
    incident, company = _incident(call), call.company
    fields = Fields(call.body)
    at = fields.moment("time") or company.clock.now()
    content = ""
    inside = fields.inside("description", required=True)
    if inside is not None:
        inside.choice("type", ("plain_text",))
        content = inside.text("content", 25_000, required=True) or ""
    fields.done()
    entry = Told(company.new_id(), "CustomUserEntry", content, NOBODY, at, "custom")
    incident.timeline.append(entry)
    return done(call, "timelines", "Created", entry.id, entry.shown(), 201)


def _route(method: str, handler: Handler) -> Route:
    path, right = "/v2/incident-timelines/{incidentId}/entries", "R" if method == "GET" else "U"
    # Which domain these spend is not confirmed.
    return Route(method, path, handler, "Configuration", right, noun="incident", incidents=True)


ROUTES = [_route("GET", listing), _route("POST", add)]
