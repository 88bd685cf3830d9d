"""What belongs to a user: teams, schedules, escalations, forwarding rules and saved searches."""

from connectors.opsgenie.simulator.accepting import done
from connectors.opsgenie.simulator.company import Thing, named
from connectors.opsgenie.simulator.refusals import missing
from connectors.opsgenie.simulator.routing import Answer, Call, Handler, Route, data
from connectors.opsgenie.simulator.users import find


def teams(call: Call) -> Answer:
    return data([{"id": team["id"], "name": team["name"]} for team in _teams_of(call)])


def _teams_of(call: Call) -> list[Thing]:
    user = find(call)["id"]
    return [team for team in call.company.teams if user in {item["user"]["id"] for item in team.get("members", ())}]


def schedules(call: Call) -> Answer:
    """Those whose rotations name the user, or a team of theirs: not confirmed."""
    mine = {find(call)["id"], *(team["id"] for team in _teams_of(call))}
    found = [
        {"id": schedule.id, "name": schedule.name, "enabled": schedule.enabled}
        for schedule in call.company.schedules
        if mine & {who.id for rotation in schedule.rotations for who in rotation.participants}
    ]
    return data(found)


def escalations(call: Call) -> Answer:
    """Those whose rules name the user, or a team of theirs: not confirmed."""
    mine = {find(call)["id"], *(team["id"] for team in _teams_of(call))}
    found = [
        {part: value for part, value in escalation.items() if value is not None}
        for escalation in call.company.escalations
        if mine & {rule["recipient"]["id"] for rule in escalation.get("rules", ())}
    ]
    return data(found)


def forwarding_rules(call: Call) -> Answer:
    """Those that take something from the user; whether what goes to the user counts too is not confirmed."""
    user = find(call)["id"]
    return data([rule.shown() for rule in call.company.forwardings if rule.from_user.id == user])


def _search(call: Call) -> Thing:
    kind, identifier = call.choice("identifierType", ("id", "name"), "id"), call.named["searchIdentifier"]
    search = named(call.company.user_searches, identifier, kind)
    if search is None:
        raise missing("saved search", kind, identifier)
    return search


def searches(call: Call) -> Answer:
    return data([{"id": search["id"], "name": search["name"]} for search in call.company.user_searches])


def delete_search(call: Call) -> Answer:
    search = _search(call)
    call.company.user_searches.remove(search)
    return done(call, "saved searches", "Deleted", search["id"])


def _route(method: str, tail: str, handler: Handler, noun: str = "user") -> Route:
    right = {"GET": "R", "DELETE": "D"}[method]
    return Route(method, "/v2/users" + tail, handler, "Configuration", right, configuration=True, noun=noun)


ROUTES = [
    _route("GET", "/{identifier}/teams", teams),
    _route("GET", "/{identifier}/schedules", schedules),
    _route("GET", "/{identifier}/escalations", escalations),
    _route("GET", "/{identifier}/forwarding-rules", forwarding_rules, "forwarding rule"),
    # The API has no call that makes one: they come from the page.
    _route("GET", "/saved-searches", searches, "saved search"),
    _route("GET", "/saved-searches/{searchIdentifier}", lambda call: data(_search(call)), "saved search"),
    _route("DELETE", "/saved-searches/{searchIdentifier}", delete_search, "saved search"),
]
