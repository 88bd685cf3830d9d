"""Users: one, or a searched list."""

from collections.abc import Callable
from typing import Any

from connectors.opsgenie.simulator.company import Thing
from connectors.opsgenie.simulator.instants import milliseconds, read
from connectors.opsgenie.simulator.paging import page, window
from connectors.opsgenie.simulator.refusals import Refused
from connectors.opsgenie.simulator.routing import Answer, Call, Route, data
from connectors.opsgenie.simulator.search import Field, matcher


def _moments(user: Thing, part: str) -> list[int]:
    return [milliseconds(read(user[part]))] if user.get(part) else []


FIELDS: dict[str, Field[Thing]] = {
    "id": Field("exact", lambda user: (user["id"],)),
    "username": Field("exact", lambda user: (user["username"],)),
    "fullName": Field("text", lambda user: (user["fullName"],)),
    "blocked": Field("flag", lambda user: (user["blocked"],)),
    "verified": Field("flag", lambda user: (user["verified"],)),
    "role": Field("exact", lambda user: (user["role"]["name"],)),
    "timezone": Field("exact", lambda user: (user["timeZone"],)),
    "locale": Field("exact", lambda user: (user["locale"],)),
    "muteUntil": Field("number", lambda user: _moments(user, "mutedUntil")),
    "createdAt": Field("number", lambda user: _moments(user, "createdAt")),
}

ASIDE = ("notificationRules",)
"""Kept with a user and shown by calls of their own."""

_SORTS: dict[str, Callable[[Thing], Any]] = {
    "username": lambda user: user["username"],
    "fullName": lambda user: user["fullName"],
    "insertedAt": lambda user: milliseconds(read(user["createdAt"])),
}


def shown(user: Thing, *, with_contacts: bool = False) -> Thing:
    hidden = ASIDE if with_contacts else (*ASIDE, "userContacts")
    return {part: value for part, value in user.items() if part not in hidden}


def find(call: Call) -> Thing:
    """The user a call names, by id or username."""
    identifier = call.named["identifier"]
    user = call.company.user(identifier)
    if user is None:
        raise Refused(404, f"User not found with identifier [{identifier}]")
    return user


def listing(call: Call) -> Answer:
    # OAS names the parameter sortField; the live links say sort.
    name = "sort" if "sort" in call.query or "sortField" not in call.query else "sortField"
    sort = call.choice(name, _SORTS, "username")
    order = call.choice("order", ("asc", "desc"), "asc")
    window(call, default=100)
    query = call.query.get("query", "")
    test = matcher(query, FIELDS, lambda user: (user["username"], user["fullName"]))
    found = sorted(filter(test, call.company.users), key=_SORTS[sort], reverse=order == "desc")
    return page(call, found, shown, sort=sort, order=order, default=100, totalCount=len(found))


def one(call: Call) -> Answer:
    expand = call.choice("expand", ("", "contact"), "")
    return data(shown(find(call), with_contacts=expand == "contact"), expandable=["contact"])


ROUTES = [
    Route("GET", "/v2/users", listing, "Search", "R", configuration=True, noun="user"),
    Route("GET", "/v2/users/{identifier}", one, "Configuration", "R", configuration=True, noun="user"),
]
