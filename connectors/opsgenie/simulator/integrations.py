"""Integrations, and the keys that come and go with them."""

import re
from typing import Any

from connectors.opsgenie.simulator.accepting import done
from connectors.opsgenie.simulator.company import Company, Thing, named
from connectors.opsgenie.simulator.fields import Fields
from connectors.opsgenie.simulator.keys import Key
from connectors.opsgenie.simulator.references import judged_owner
from connectors.opsgenie.simulator.refusals import Refused, clash, missing
from connectors.opsgenie.simulator.routing import Answer, Call, Handler, Route, data

META = ("id", "name", "enabled", "type", "teamId")
# Over two hundred types are known, and more come: any word will do.
_TYPE = re.compile(r"[A-Za-z0-9]{1,100}")
_INPUTS = ("type", "name", "enabled", "ownerTeam", "isGlobal")
_RIGHTS = {"R": "allowReadAccess", "U": "allowWriteAccess", "D": "allowDeleteAccess", "C": "allowConfigurationAccess"}
_MADE_BY_US = ("id", "_readOnly", "emailAddress", "apiKey")


def find(call: Call) -> Thing:
    """The integration a call names."""
    integration = named(call.company.integrations, call.named["id"], "id")
    if integration is None:
        raise missing("integration", "id", call.named["id"])
    return integration


def meta(integration: Thing) -> Thing:
    return {part: integration[part] for part in META if integration.get(part) is not None}


def _settings_of(integration: Thing) -> Thing:
    settings: Thing = integration.setdefault("settings", {})
    return settings


def _keys_of(company: Company, integration: Thing) -> list[Key]:
    return [key for key in company.keys if key.integration_id == integration["id"]]


def listing(call: Call) -> Answer:
    chosen = call.company.integrations
    for parameter, part in (("type", "type"), ("teamId", "teamId")):
        if parameter in call.query:
            chosen = [item for item in chosen if item.get(part) == call.query[parameter]]
    if "teamName" in call.query:
        team = named(call.company.teams, call.query["teamName"], "name") or {}
        chosen = [item for item in chosen if item.get("teamId") == team.get("id", "?")]
    return data([meta(item) for item in chosen])


def one(call: Call) -> Answer:
    """What all types have, and what was set beside; the rest of a type's many settings is not imitated."""
    company, integration = call.company, find(call)
    team = named(company.teams, integration.get("teamId") or "", "id")
    rights = {name: right in key.rights for key in _keys_of(company, integration) for right, name in _RIGHTS.items()}
    shown = {
        "id": integration["id"],
        "name": integration["name"],
        "enabled": integration["enabled"],
        "type": integration["type"],
        "isGlobal": team is None,
        **({"ownerTeam": {"id": team["id"], "name": team["name"]}} if team else {}),
        "suppressNotifications": False,
        **rights,
        **_settings_of(integration),
        "_readOnly": ["id", "type"],
    }
    return data(shown)


def _judged(call: Call, existing: Thing | None) -> dict[str, Any]:
    company, fields = call.company, Fields(call.body)
    kind = fields.text("type", 100, required=True)
    if kind and not _TYPE.fullmatch(kind):
        fields.refuse("type", f"Invalid type [{kind}].")
    if existing and kind and kind != existing["type"]:
        fields.refuse("type", "Type can not be changed.")
    name = fields.text("name", 250, required=True)
    team = judged_owner(fields, company)
    for setting in _RIGHTS.values():
        fields.flag(setting)
    given: dict[str, Any] = {
        "name": name,
        "enabled": fields.flag("enabled", default=True),
        "type": kind,
        "teamId": team["id"] if team else None,
        "settings": {part: value for part, value in call.body.items() if part not in (*_INPUTS, *_MADE_BY_US)},
    }
    fields.flag("isGlobal")
    fields.done()
    other = named(company.integrations, name or "", "name")
    if other is not None and other is not existing:
        raise clash("integration", "name", str(name))
    return given


def _rights(settings: Thing) -> str:
    # Reading, writing and deleting unless refused; configuration only when granted.
    return "".join(right for right, name in _RIGHTS.items() if settings.get(name, right != "C"))


def create(call: Call) -> Answer:
    company = call.company
    integration = {"id": company.new_id(), **_judged(call, None)}
    company.integrations.append(integration)
    shown = meta(integration)
    if integration["type"].endswith("Email"):
        shown["emailAddress"] = f"{integration['id'][:8]}@example.opsgenie.net"
    else:
        rights = _rights(_settings_of(integration))
        key = Key(company.new_id(), f"integration {integration['name']}", "integration", rights)
        key.integration_id, key.enabled = integration["id"], integration["enabled"]
        company.keys.append(key)
        shown["apiKey"] = key.value
    return done(call, "integrations", "Created", integration["id"], shown, 201)


def update(call: Call) -> Answer:
    integration = find(call)
    integration.update(_judged(call, integration))
    for key in _keys_of(call.company, integration):
        key.enabled = integration["enabled"]
        if set(_RIGHTS.values()) & set(call.body):
            key.rights = _rights(_settings_of(integration))
    return done(call, "integrations", "Updated", integration["id"], meta(integration))


def delete(call: Call) -> Answer:
    integration = find(call)
    call.company.integrations.remove(integration)
    for key in _keys_of(call.company, integration):
        call.company.keys.remove(key)
    return done(call, "integrations", "Deleted", integration["id"])


def _switch(call: Call, *, enabled: bool) -> Answer:
    """The keys of a disabled integration are not authenticated any more, the caller's own too."""
    integration = find(call)
    integration["enabled"] = enabled
    for key in _keys_of(call.company, integration):
        key.enabled = enabled
    # 201 in the official description; recordings have `"code": 200` in the body.
    return done(
        call, "integrations", "Enabled" if enabled else "Disabled", integration["id"], meta(integration), status=201
    )


def authenticate(call: Call) -> Answer:
    """Whether the key is of an integration of that type; the answer to one that is not is not recorded."""
    fields = Fields(call.body)
    kind = fields.text("type", 100, required=True)
    fields.done()
    integration = named(call.company.integrations, call.key.integration_id, "id")
    if integration is None or integration["type"] != kind:
        raise Refused(401, "Could not authenticate")
    return Answer({"result": "Authenticated"})


def _route(method: str, tail: str, handler: Handler, domain: str = "Configuration", right: str | None = None) -> Route:
    if right is None:
        right = {"GET": "R", "DELETE": "D"}.get(method, "U")
    return Route(method, "/v2/integrations" + tail, handler, domain, right, configuration=True, noun="integration")


_CHANGES = "Integration Configuration"

ROUTES = [
    _route("GET", "", listing),
    _route("POST", "", create, _CHANGES),
    _route("POST", "/authenticate", authenticate, right=""),
    _route("GET", "/{id}", one),
    _route("PUT", "/{id}", update, _CHANGES),
    _route("DELETE", "/{id}", delete, _CHANGES),
    _route("POST", "/{id}/enable", lambda call: _switch(call, enabled=True), _CHANGES),
    _route("POST", "/{id}/disable", lambda call: _switch(call, enabled=False), _CHANGES),
]
