"""How a user is reached: by mail, text message, call or app."""

import re

from connectors.opsgenie.simulator.accepting import done
from connectors.opsgenie.simulator.company import Thing, named
from connectors.opsgenie.simulator.fields import Fields
from connectors.opsgenie.simulator.refusals import clash, missing
from connectors.opsgenie.simulator.routing import Answer, Call, Handler, Route, data
from connectors.opsgenie.simulator.users import find

METHODS = ("email", "sms", "voice", "mobile")
_SHAPES = {
    "email": re.compile(r"[^@\s]+@[^@\s]+"),
    # The country's code and the number, most often with a hyphen between; how strict the vendor is is not confirmed.
    "sms": re.compile(r"\+?[0-9][0-9 -]{4,29}"),
    "voice": re.compile(r"\+?[0-9][0-9 -]{4,29}"),
}


def contacts_of(user: Thing) -> list[Thing]:
    contacts: list[Thing] = user.setdefault("userContacts", [])
    return contacts


def _asked(call: Call) -> tuple[Thing, Thing]:
    user = find(call)
    contact = named(contacts_of(user), call.named["contactId"], "id")
    if contact is None:
        raise missing("contact", "id", call.named["contactId"])
    return user, contact


def _judged_address(fields: Fields, method: str | None) -> str:
    to = fields.text("to", 511, required=True)
    if to and method in _SHAPES and not _SHAPES[method].fullmatch(to):
        fields.refuse("to", f"To is no address for {method}.")
    return to or ""


def _shown(contact: Thing) -> Thing:
    # Beside a user the same parts have other names.
    status = {part: contact[part] for part in ("enabled", "disabledReason") if part in contact}
    return {"id": contact["id"], "method": contact["contactMethod"], "to": contact["to"], "status": status}


def listing(call: Call) -> Answer:
    # That the order counts from 0 is not confirmed.
    return data([{**_shown(contact), "applyOrder": place} for place, contact in enumerate(contacts_of(find(call)))])


def create(call: Call) -> Answer:
    user, fields = find(call), Fields(call.body)
    method = fields.choice("method", METHODS, required=True)
    to = _judged_address(fields, method)
    fields.done()
    if any((item["contactMethod"], item["to"]) == (method, to) for item in contacts_of(user)):
        raise clash("contact", "address", to)
    contact: Thing = {"to": to, "id": call.company.new_id(), "contactMethod": method, "enabled": True}
    contacts_of(user).append(contact)
    return done(call, "contacts", "Created", contact["id"], {"id": contact["id"]}, 201)


def update(call: Call) -> Answer:
    user, contact = _asked(call)
    fields = Fields(call.body)
    to = _judged_address(fields, contact["contactMethod"])
    fields.done()
    for item in contacts_of(user):
        if item is not contact and (item["contactMethod"], item["to"]) == (contact["contactMethod"], to):
            raise clash("contact", "address", to)
    contact["to"] = to
    return done(call, "contacts", "Updated", contact["id"], {"id": contact["id"]})


def delete(call: Call) -> Answer:
    user, contact = _asked(call)
    contacts_of(user).remove(contact)
    return done(call, "contacts", "Deleted", contact["id"])


def _switch(call: Call, *, enabled: bool) -> Answer:
    _, contact = _asked(call)
    contact["enabled"] = enabled
    if enabled:
        contact.pop("disabledReason", None)
    else:
        contact["disabledReason"] = "Disabled by API"  # the vendor's words are not recorded
    return done(call, "contacts", "Enabled" if enabled else "Disabled", contact["id"], {"id": contact["id"]})


def _route(method: str, tail: str, handler: Handler) -> Route:
    right = {"GET": "R", "DELETE": "D"}.get(method, "U")
    path = "/v2/users/{identifier}/contacts" + tail
    return Route(method, path, handler, "Configuration", right, configuration=True, noun="contact")


ROUTES = [
    _route("GET", "", listing),
    _route("POST", "", create),
    _route("GET", "/{contactId}", lambda call: data(_shown(_asked(call)[1]))),
    _route("PATCH", "/{contactId}", update),
    _route("DELETE", "/{contactId}", delete),
    _route("POST", "/{contactId}/enable", lambda call: _switch(call, enabled=True)),
    _route("POST", "/{contactId}/disable", lambda call: _switch(call, enabled=False)),
]
