"""Users made, changed and removed."""

import re
from dataclasses import replace
from typing import Any

from connectors.opsgenie.simulator.accepting import done
from connectors.opsgenie.simulator.company import Company, Thing, named
from connectors.opsgenie.simulator.fields import Fields
from connectors.opsgenie.simulator.instants import written
from connectors.opsgenie.simulator.references import users_of
from connectors.opsgenie.simulator.refusals import clash, in_use
from connectors.opsgenie.simulator.rotations import Participant
from connectors.opsgenie.simulator.routing import Answer, Call, Handler, Route
from connectors.opsgenie.simulator.users import find

BUILT_IN_ROLES = ("Owner", "Admin", "User", "Observer", "Stakeholder")
ADDRESS = ("country", "state", "city", "line", "zipCode")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+")


def _judged(call: Call, existing: Thing | None) -> dict[str, Any]:
    """What the body names, as on the wire."""
    company, fields, new = call.company, Fields(call.body), existing is None
    given: dict[str, Any] = {
        "username": _username(fields, required=new or "username" in fields),
        "fullName": fields.text("fullName", 512, required=new or "fullName" in fields),
        "role": _role(fields, company, required=new or "role" in fields),
        "skypeUsername": fields.text("skypeUsername", 512) or "",
        # Without a zone or locale the account's are taken, which are these here.
        "timeZone": fields.zone("timeZone") or "UTC",
        "locale": fields.text("locale", 100) or "en_US",
        "userAddress": _address(fields),
        "tags": fields.texts("tags", 100, 512),
        "details": _details(fields, call.body.get("details")),
    }
    fields.flag("invitationDisabled")  # nobody is invited
    fields.done()
    other = company.user(given["username"]) if "username" in fields else None
    if other is not None and other is not existing:
        raise clash("user", "username", given["username"])
    return {name: value for name, value in given.items() if name in fields}


def _username(fields: Fields, *, required: bool) -> str | None:
    username = fields.text("username", 100, required=required)
    if username and username != username.lower():
        fields.refuse("username", "Username must be in lower case.")
    elif username and not _MAIL.fullmatch(username):
        fields.refuse("username", "Username must be an e-mail address.")
    return username


def _role(fields: Fields, company: Company, *, required: bool) -> dict[str, str]:
    inside = fields.inside("role", required=required)
    if inside is None:
        return {}
    wanted = inside.text("id", 512) or inside.text("name", 512) or ""
    for name in BUILT_IN_ROLES:
        if wanted.lower() == name.lower():
            return {"id": name, "name": name}
    role = named(company.roles, wanted, "id") or named(company.roles, wanted, "name")
    if role is None:
        fields.refuse("role", f"There is no role [{wanted}].")
        return {}
    return {"id": role["id"], "name": role["name"]}


def _address(fields: Fields) -> dict[str, str]:
    inside = fields.inside("userAddress")
    return {part: (inside.text(part, 512) if inside else None) or "" for part in ADDRESS}


def _details(fields: Fields, value: Any) -> dict[str, list[str]]:
    if value is None:
        return {}
    lists = value.values() if isinstance(value, dict) else [None]
    if not all(isinstance(item, list) and all(isinstance(text, str) for text in item) for item in lists):
        fields.refuse("details", "Details must be a map of lists of strings.")
        return {}
    return dict(value)


def create(call: Call) -> Answer:
    """Verified only once somebody has taken up the invitation, which does not happen here."""
    company, given = call.company, _judged(call, None)
    contact = {"to": given["username"], "id": company.new_id(), "contactMethod": "email", "enabled": True}
    user = {
        "blocked": False,
        "verified": False,
        "id": company.new_id(),
        "timeZone": "UTC",
        "locale": "en_US",
        "tags": [],
        "userAddress": dict.fromkeys(ADDRESS, ""),
        "details": {},
        **given,
        "createdAt": written(company.clock.now()),
        "userContacts": [contact],
    }
    company.users.append(user)
    return done(call, "users", "Created", user["id"], {"id": user["id"], "name": user["username"]}, 201)


def update(call: Call) -> Answer:
    user = find(call)
    user.update(_judged(call, user))
    _rename(call.company, user["id"], user["username"])
    return done(call, "users", "Updated", user["id"])


def delete(call: Call) -> Answer:
    """Refused while on call or in an escalation; teams and forwarding rules let go of whoever leaves: not confirmed."""
    company, user = call.company, find(call)
    if users := users_of(company, "user", user["id"]):
        raise in_use("user", users)
    company.users.remove(user)
    for team in company.teams:
        team["members"] = [member for member in team.get("members", ()) if member["user"]["id"] != user["id"]]
    company.forwardings[:] = [rule for rule in company.forwardings if user["id"] not in _both(rule)]
    return done(call, "users", "Deleted", user["id"])


def _both(rule: Any) -> tuple[str, str]:
    return rule.from_user.id, rule.to_user.id


def _rename(company: Company, identifier: str, username: str) -> None:
    """Carry a username to wherever it was copied."""

    def called(who: Participant) -> Participant:
        return replace(who, name=username) if (who.type, who.id) == ("user", identifier) else who

    for team in company.teams:
        for member in team.get("members", ()):
            if member["user"]["id"] == identifier:
                member["user"]["username"] = username
    for escalation in company.escalations:
        for rule in escalation.get("rules", ()):
            if rule["recipient"].get("id") == identifier:
                rule["recipient"]["username"] = username
    for schedule in company.schedules:
        for number, rotation in enumerate(schedule.rotations):
            participants = tuple(called(who) for who in rotation.participants)
            schedule.rotations[number] = replace(rotation, participants=participants)
        for place, override in enumerate(schedule.overrides):
            schedule.overrides[place] = replace(override, participant=called(override.participant))
    for forwarding in company.forwardings:
        forwarding.from_user, forwarding.to_user = called(forwarding.from_user), called(forwarding.to_user)


def _route(method: str, tail: str, handler: Handler) -> Route:
    right = {"DELETE": "D"}.get(method, "U")
    return Route(method, "/v2/users" + tail, handler, "Configuration", right, configuration=True, noun="user")


ROUTES = [
    _route("POST", "", create),
    _route("PATCH", "/{identifier}", update),
    _route("DELETE", "/{identifier}", delete),
]
