"""The company's furniture: services, integrations, heartbeats, the account."""

from connectors.opsgenie.simulator.company import Thing, named
from connectors.opsgenie.simulator.instants import written
from connectors.opsgenie.simulator.paging import page, window
from connectors.opsgenie.simulator.refusals import Refused, missing
from connectors.opsgenie.simulator.routing import Answer, Call, Handler, Route, data


def _found(call: Call, things: list[Thing], noun: str) -> Thing:
    kind = call.choice("identifierType", ("id", "name"), "id")
    identifier = call.named["identifier"]
    thing = named(things, identifier, kind)
    if thing is None:
        raise missing(noun, kind, identifier)
    return thing


def services(call: Call) -> Answer:
    sort = call.choice("sort", ("name",), "name")
    order = call.choice("order", ("asc", "desc"), "asc")
    window(call)
    wanted = call.query.get("query", "").lower()
    chosen = [service for service in call.company.services if wanted in service["name"].lower()]
    found = sorted(chosen, key=lambda service: str(service["name"]), reverse=order == "desc")
    return page(call, found, dict, sort=sort, order=order)


def service(call: Call) -> Answer:
    call.query.pop("identifierType", None)
    return data(_found(call, call.company.services, "service"))


def account(call: Call) -> Answer:
    plan = {"maxUserCount": 100, "name": call.company.settings.plan, "isYearly": True}
    return data({"name": call.company.name, "userCount": len(call.company.users), "plan": plan})


def integrations(call: Call) -> Answer:
    chosen = call.company.integrations
    for parameter, part in (("type", "type"), ("teamId", "teamId")):
        if parameter in call.query:
            chosen = [item for item in chosen if item.get(part) == call.query[parameter]]
    if "teamName" in call.query:
        team = named(call.company.teams, call.query["teamName"], "name") or {}
        chosen = [item for item in chosen if item.get("teamId") == team.get("id", "?")]
    return data(chosen)


def ping(call: Call) -> Answer:
    """Always welcome: whether there is such a heartbeat is not looked at."""
    heartbeat = named(call.company.heartbeats, call.named["name"], "name")
    if heartbeat is not None and heartbeat["enabled"]:
        heartbeat["lastPingTime"] = written(call.company.clock.now())
        heartbeat["expired"] = False
    return Answer({"result": "PONG - Heartbeat received"}, status=202)


def heartbeat(call: Call) -> Answer:
    found = named(call.company.heartbeats, call.named["name"], "name")
    if found is None:
        raise Refused(404, f"Heartbeat with name [{call.named['name']}] does not exist")  # words not recorded
    return data(found)


def _route(path: str, handler: Handler, noun: str, domain: str = "Configuration") -> Route:
    return Route("GET", path, handler, domain, "R", configuration=True, noun=noun)


ROUTES = [
    _route("/v1/services", services, "service"),
    _route("/v1/services/{identifier}", service, "service"),
    _route("/v2/integrations", integrations, "integration"),
    _route("/v2/heartbeats", lambda call: data({"heartbeats": call.company.heartbeats}), "heartbeat", "Heartbeat"),
    _route("/v2/heartbeats/{name}", heartbeat, "heartbeat", "Heartbeat"),
    Route("GET", "/v2/account", account, "Configuration", "R", noun="account"),
    *(
        Route(method, "/v2/heartbeats/{name}/ping", ping, "Heartbeat", "", noun="heartbeat")
        for method in ("GET", "POST", "PUT", "PATCH")
    ),
]
