"""Teams, their members, and what was done to them."""

import re
from typing import Any

from connectors.opsgenie.simulator.accepting import done
from connectors.opsgenie.simulator.alert_creating import NOBODY
from connectors.opsgenie.simulator.alerts import Entry
from connectors.opsgenie.simulator.company import Thing, named
from connectors.opsgenie.simulator.fields import Fields
from connectors.opsgenie.simulator.instants import written
from connectors.opsgenie.simulator.paging import keyed_page
from connectors.opsgenie.simulator.references import renamed, users_of
from connectors.opsgenie.simulator.refusals import Refused, clash, in_use, missing
from connectors.opsgenie.simulator.routing import Answer, Call, Handler, Route, data

BUILT_IN_ROLES = ("user", "admin")
_NAME = re.compile(r"[\w .-]+")
_ASIDE = ("roles", "routingRules")
"""Kept with a team and shown by calls of their own."""


def find(call: Call, parameter: str = "identifierType") -> Thing:
    """The team a call names."""
    kind, identifier = call.choice(parameter, ("id", "name"), "id"), call.named["identifier"]
    team = named(call.company.teams, identifier, kind)
    if team is None:
        raise missing("team", kind, identifier)
    return team


def write_log(call: Call, team: Thing, text: str) -> None:
    logs = call.company.team_logs.setdefault(team["id"], [])
    logs.append(Entry(text, NOBODY, call.company.clock.now(), "team", len(logs)))


def _judged_member(call: Call, part: Fields, team: Thing | None) -> dict[str, Any] | None:
    """A member of a request, as {user, role}; None when that is noted as wrong."""
    wanted = part.reference("user", "id", "username")
    user = call.company.user(wanted.get("id") or wanted.get("username", ""))
    if user is None:
        if wanted:
            part.refuse("user", "There is no such user.")
        return None
    role = part.text("role", 100) or "user"
    if role not in (*BUILT_IN_ROLES, *(item["name"] for item in (team or {}).get("roles", ()))):
        part.refuse("role", f"There is no role [{role}] in the team.")
    return {"user": {"id": user["id"], "username": user["username"]}, "role": role}


def _judged(call: Call, existing: Thing | None) -> dict[str, Any]:
    fields = Fields(call.body)
    name = fields.text("name", 100, required=existing is None or "name" in fields)
    if name and not _NAME.fullmatch(name):
        fields.refuse("name", "Name can have letters, digits, dots, spaces, hyphens and underscores.")
    members = [_judged_member(call, part, existing) for part in fields.each("members")]
    given = {"name": name, "description": fields.text("description", 10_000) or "", "members": members}
    fields.done()
    other = named(call.company.teams, name or "", "name") if "name" in fields else None
    if other is not None and other is not existing:
        raise clash("team", "name", str(name))
    return {part: value for part, value in given.items() if part in fields}


def listing(call: Call) -> Answer:
    expand = call.choice("expand", ("", "member"), "")
    return data([_shown(team, with_members=expand == "member") for team in call.company.teams], expandable=["member"])


def _shown(team: Thing, *, with_members: bool) -> Thing:
    hidden = _ASIDE if with_members else (*_ASIDE, "members")
    return {part: value for part, value in team.items() if part not in hidden}


def _brief(team: Thing) -> Thing:
    return {"id": team["id"], "name": team["name"]}


def create(call: Call) -> Answer:
    """A team and nothing else: a schedule and an escalation that the vendor may make with it are not confirmed."""
    given, identifier = _judged(call, None), call.company.new_id()
    links = {
        "web": f"https://example.app.opsgenie.com/teams/dashboard/{identifier}/main",
        "api": f"https://api.opsgenie.com/v2/teams/{identifier}",
    }
    team = {"id": identifier, "description": "", "members": [], **given, "links": links}
    call.company.teams.append(team)
    write_log(call, team, f"Created team {team['name']}")
    return done(call, "teams", "Created", identifier, _brief(team), 201)


def update(call: Call) -> Answer:
    team = named(call.company.teams, call.named["identifier"], "id")
    if team is None:
        # By id only, say the documents, and no identifierType beside it.
        raise missing("team", "id", call.named["identifier"])
    team.update(_judged(call, team))
    renamed(call.company, "team", team["id"], team["name"])
    write_log(call, team, "Updated team")
    return done(call, "teams", "Updated", team["id"], _brief(team))


def delete(call: Call) -> Answer:
    team = find(call)
    if users := users_of(call.company, "team", team["id"]):
        raise in_use("team", users)
    call.company.teams.remove(team)
    call.company.team_logs.pop(team["id"], None)
    return done(call, "teams", "Deleted", team["id"])


def logs(call: Call) -> Answer:
    """A page whose `offset` leads on; it is empty on the last one."""
    team = find(call)
    answer = keyed_page(call, call.company.team_logs.get(team["id"], []), lambda entry: entry)
    entries: list[Entry] = answer.body["data"]
    more = "next" in answer.body.get("paging", {})
    shown = [{"log": item.text, "owner": item.owner, "createdDate": written(item.created_at)} for item in entries]
    return data({"offset": entries[-1].offset if more else "", "logs": shown})


def add_member(call: Call) -> Answer:
    """Somebody who is in already gets the role given: not confirmed."""
    team, fields = find(call, "teamIdentifierType"), Fields(call.body)
    member = _judged_member(call, fields, team)
    fields.done()
    if member is not None:
        others = [item for item in team.get("members", ()) if item["user"]["id"] != member["user"]["id"]]
        team["members"] = [*others, member]
        write_log(call, team, f"Added member {member['user']['username']}")
    return done(call, "teams", "Updated", team["id"], _brief(team))


def remove_member(call: Call) -> Answer:
    team, wanted = find(call, "teamIdentifierType"), call.named["memberIdentifier"]
    for member in team.get("members", ()):
        if wanted in (member["user"]["id"], member["user"]["username"]):
            team["members"].remove(member)
            write_log(call, team, f"Removed member {member['user']['username']}")
            return done(call, "teams", "Removed", team["id"], _brief(team))
    raise Refused(404, f"User not found with identifier [{wanted}]")


def _route(method: str, tail: str, handler: Handler) -> Route:
    right = {"GET": "R", "DELETE": "D"}.get(method, "U")
    return Route(method, "/v2/teams" + tail, handler, "Configuration", right, configuration=True, noun="team")


ROUTES = [
    _route("GET", "", listing),
    _route("POST", "", create),
    _route("GET", "/{identifier}", lambda call: data(_shown(find(call), with_members=True))),
    _route("PATCH", "/{identifier}", update),
    _route("DELETE", "/{identifier}", delete),
    _route("GET", "/{identifier}/logs", logs),
    _route("POST", "/{identifier}/members", add_member),
    _route("DELETE", "/{identifier}/members/{memberIdentifier}", remove_member),
]
