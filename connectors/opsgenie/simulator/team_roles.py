"""Roles that a team has made up for its members."""

from typing import Any

from connectors.opsgenie.simulator.accepting import done
from connectors.opsgenie.simulator.company import Thing, named
from connectors.opsgenie.simulator.fields import Fields
from connectors.opsgenie.simulator.refusals import clash, in_use, missing
from connectors.opsgenie.simulator.routing import Answer, Call, Handler, Route, data
from connectors.opsgenie.simulator.team_calls import BUILT_IN_ROLES, find, write_log


def _roles(call: Call) -> tuple[Thing, list[Thing]]:
    team = find(call, "teamIdentifierType")
    return team, team.setdefault("roles", [])


def _found(call: Call) -> tuple[Thing, Thing]:
    team, roles = _roles(call)
    kind = call.choice("identifierType", ("id", "name"), "id")
    role = named(roles, call.named["roleIdentifier"], kind)
    if role is None:
        raise missing("team role", kind, call.named["roleIdentifier"])
    return team, role


def _judged(call: Call, roles: list[Thing], existing: Thing | None) -> dict[str, Any]:
    fields, new = Fields(call.body), existing is None
    name = fields.text("name", 100, required=new or "name" in fields)
    # Which rights there are is not listed anywhere public; any name is taken.
    rights = [
        {"right": part.text("right", 100, required=True), "granted": part.flag("granted", default=True)}
        for part in fields.each("rights", required=new or "rights" in fields)
    ]
    fields.done()
    other = named(roles, name or "", "name")
    if "name" in fields and (name in BUILT_IN_ROLES or (other is not None and other is not existing)):
        raise clash("team role", "name", str(name))
    given = {"name": name, "rights": rights}
    return {part: value for part, value in given.items() if part in fields}


def _brief(role: Thing) -> Thing:
    return {"id": role["id"], "name": role["name"]}


def create(call: Call) -> Answer:
    team, roles = _roles(call)
    given = _judged(call, roles, None)
    role = {"id": call.company.new_id(), **given}
    roles.append(role)
    write_log(call, team, f"Created role {role['name']}")
    return done(call, "team roles", "Created", role["id"], _brief(role), 201)


def update(call: Call) -> Answer:
    team, role = _found(call)
    before = role["name"]
    role.update(_judged(call, team["roles"], role))
    for member in team.get("members", ()):
        if member["role"] == before:
            member["role"] = role["name"]
    write_log(call, team, f"Updated role {role['name']}")
    return done(call, "team roles", "Updated", role["id"], _brief(role))


def delete(call: Call) -> Answer:
    team, role = _found(call)
    holders = [item["user"]["username"] for item in team.get("members", ()) if item["role"] == role["name"]]
    if holders:
        raise in_use("team role", holders)
    team["roles"].remove(role)
    write_log(call, team, f"Deleted role {role['name']}")
    return done(call, "team roles", "Deleted", role["id"])


def _route(method: str, tail: str, handler: Handler) -> Route:
    right = {"GET": "R", "DELETE": "D"}.get(method, "U")
    path = "/v2/teams/{identifier}/roles" + tail
    return Route(method, path, handler, "Configuration", right, configuration=True, noun="team")


ROUTES = [
    _route("GET", "", lambda call: data(_roles(call)[1])),
    _route("POST", "", create),
    _route("GET", "/{roleIdentifier}", lambda call: data(_found(call)[1])),
    _route("PATCH", "/{roleIdentifier}", update),
    _route("DELETE", "/{roleIdentifier}", delete),
]
