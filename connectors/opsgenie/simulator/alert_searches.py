"""Saved searches: queries for alerts, kept under a name."""

from typing import Any

from connectors.opsgenie.simulator.accepting import done
from connectors.opsgenie.simulator.alert_fields import main_text, search_fields
from connectors.opsgenie.simulator.company import Company, Thing, named
from connectors.opsgenie.simulator.fields import Fields
from connectors.opsgenie.simulator.instants import written
from connectors.opsgenie.simulator.refusals import clash, missing
from connectors.opsgenie.simulator.routing import Answer, Call, Handler, Route, data
from connectors.opsgenie.simulator.search import matcher


def find(company: Company, identifier: str, kind: str) -> Thing:
    search = named(company.searches, identifier, kind)
    if search is None:
        raise missing("saved search", kind, identifier)
    return search


def query(call: Call) -> str:
    """The query of a call, narrowed by the saved search it names."""
    asked = call.query.get("query", "")
    if "searchIdentifier" not in call.query:
        return asked
    kind = call.choice("searchIdentifierType", ("id", "name"), "id")
    saved = str(find(call.company, call.query["searchIdentifier"], kind)["query"])
    # That both must hold when both are given is not confirmed.
    both = [f"({part})" for part in (saved, asked) if part.strip()]
    return " AND ".join(both)


def _asked(call: Call) -> Thing:
    return find(call.company, call.named["identifier"], call.choice("identifierType", ("id", "name"), "id"))


def _judged(call: Call, existing: Thing | None) -> dict[str, Any]:
    """A body; a change needs name, query and owner again, says the description."""
    company, fields = call.company, Fields(call.body)
    owner = fields.reference("owner", "id", "username")
    user = company.user(owner.get("id") or owner.get("username", ""))
    if owner and user is None:
        fields.refuse("owner", "There is no such user.")
    given: dict[str, Any] = {
        "name": fields.text("name", 100, required=True),
        "query": fields.text("query", 1000, required=True),
        "description": fields.text("description", 15_000) or "",
        "owner": {"id": user["id"]} if user else {},
        "teams": [],
    }
    for part in fields.each("teams", most=20):
        team = company.team(part.text("id", 130) or part.text("name", 512) or "")
        if team is None:
            part.refuse("id", "There is no such team.")
        else:
            given["teams"].append({"id": team["id"]})
    fields.done()
    matcher(given["query"], search_fields(company), main_text)
    other = named(company.searches, given["name"], "name")
    if other is not None and other is not existing:
        raise clash("saved search", "name", given["name"])
    return given


def create(call: Call) -> Answer:
    given, at = _judged(call, None), written(call.company.clock.now())
    search = {"id": call.company.new_id(), "createdAt": at, "updatedAt": at, **given}
    call.company.searches.append(search)
    return done(call, "saved searches", "Created", search["id"], _brief(search), 201)


def update(call: Call) -> Answer:
    search = _asked(call)
    search.update(_judged(call, search), updatedAt=written(call.company.clock.now()))
    return done(call, "saved searches", "Updated", search["id"], search)


def delete(call: Call) -> Answer:
    search = _asked(call)
    call.company.searches.remove(search)
    return done(call, "saved searches", "Deleted", search["id"])


def _brief(search: Thing) -> Thing:
    return {"id": search["id"], "name": search["name"]}


def _route(method: str, tail: str, handler: Handler) -> Route:
    right = {"GET": "R", "DELETE": "D"}.get(method, "U")
    # A settings key may do this: no alert is written.
    return Route(method, "/v2/alerts/saved-searches" + tail, handler, "Alert", right, noun="saved search")


ROUTES = [
    _route("GET", "", lambda call: data([_brief(search) for search in call.company.searches])),
    _route("POST", "", create),
    _route("GET", "/{identifier}", lambda call: data(_asked(call))),
    _route("PATCH", "/{identifier}", update),
    _route("DELETE", "/{identifier}", delete),
]
