"""Roles that the company made for itself, beside those every account has."""

from typing import Any

from connectors.opsgenie.simulator.accepting import done
from connectors.opsgenie.simulator.company import Thing, named
from connectors.opsgenie.simulator.fields import Fields
from connectors.opsgenie.simulator.refusals import clash, in_use, missing
from connectors.opsgenie.simulator.routing import Answer, Call, Handler, Route, data

EXTENDED = ("user", "observer", "stakeholder")


def _asked(call: Call) -> Thing:
    kind, identifier = call.choice("identifierType", ("id", "name"), "id"), call.named["identifier"]
    role = named(call.company.roles, identifier, kind)
    if role is None:
        raise missing("custom user role", kind, identifier)
    return role


def _judged(call: Call, existing: Thing | None) -> dict[str, Any]:
    fields, new = Fields(call.body), existing is None
    given: dict[str, Any] = {
        "name": fields.text("name", 512, required=new or "name" in fields),
        "extendedRole": fields.choice("extendedRole", EXTENDED) or "user",
        # Which rights there are is not in the documents at hand: any word will do.
        "grantedRights": fields.texts("grantedRights", 100, 100),
        "disallowedRights": fields.texts("disallowedRights", 100, 100),
    }
    if set(given["grantedRights"]) & set(given["disallowedRights"]):
        fields.refuse("disallowedRights", "A right can not be granted and disallowed.")
    fields.done()
    other = named(call.company.roles, given["name"], "name") if "name" in fields else None
    if other is not None and other is not existing:
        raise clash("custom user role", "name", given["name"])
    return given if new else {part: value for part, value in given.items() if part in fields}


def _brief(role: Thing) -> Thing:
    return {"id": role["id"], "name": role["name"]}


def create(call: Call) -> Answer:
    role = {"id": call.company.new_id(), **_judged(call, None)}
    call.company.roles.append(role)
    return done(call, "roles", "Created", role["id"], _brief(role), 201)


def update(call: Call) -> Answer:
    role = _asked(call)
    role.update(_judged(call, role))
    for user in call.company.users:
        if user["role"]["id"] == role["id"]:
            user["role"]["name"] = role["name"]
    return done(call, "roles", "Updated", role["id"], _brief(role))


def delete(call: Call) -> Answer:
    role = _asked(call)
    holders = [user["username"] for user in call.company.users if user["role"]["id"] == role["id"]]
    if holders:
        raise in_use("custom user role", holders)
    call.company.roles.remove(role)
    return done(call, "roles", "Deleted", role["id"])


def _route(method: str, tail: str, handler: Handler) -> Route:
    # That configuration access is needed here too is not confirmed.
    right = {"GET": "R", "DELETE": "D"}.get(method, "U")
    return Route(method, "/v2/roles" + tail, handler, "Configuration", right, configuration=True, noun="role")


ROUTES = [
    _route("GET", "", lambda call: data(call.company.roles)),
    _route("POST", "", create),
    _route("GET", "/{identifier}", lambda call: data(_asked(call))),
    _route("PUT", "/{identifier}", update),
    _route("DELETE", "/{identifier}", delete),
]
