"""Heartbeats: systems that must say regularly that they are alive, and the alert when one does not."""

import re
from datetime import datetime, timedelta
from typing import Any

from connectors.opsgenie.simulator.accepting import done
from connectors.opsgenie.simulator.alert_creating import open_alert
from connectors.opsgenie.simulator.company import Company, Thing, named
from connectors.opsgenie.simulator.fields import PRIORITIES, Fields
from connectors.opsgenie.simulator.instants import read, written
from connectors.opsgenie.simulator.ledger import Effect
from connectors.opsgenie.simulator.references import judged_owner
from connectors.opsgenie.simulator.refusals import Refused, clash
from connectors.opsgenie.simulator.routing import Answer, Call, Handler, Route, data

UNITS = {"minutes": 60, "hours": 3600, "days": 86_400}
_NAME = re.compile(r"[A-Za-z0-9_.-]+")
DEFAULTS: Thing = {
    "description": "",
    "interval": 10,
    "intervalUnit": "minutes",
    "enabled": True,
    "expired": False,
    "alertMessage": "",
    "alertTags": [],
    "alertPriority": "P3",
}


def watch(company: Company, now: datetime) -> None:
    """Expire every heartbeat whose time has run out, and raise its alert as of then."""
    for heartbeat in company.heartbeats:
        if not heartbeat["enabled"] or heartbeat["expired"] or not heartbeat.get("lastPingTime"):
            continue
        end = read(heartbeat["lastPingTime"]) + _interval(heartbeat)
        if end <= now:
            heartbeat["expired"] = True
            _raise(company, heartbeat, end)


def _interval(heartbeat: Thing) -> timedelta:
    return timedelta(seconds=heartbeat["interval"] * UNITS[heartbeat["intervalUnit"]])


def _alias(heartbeat: Thing) -> str:
    # What the vendor takes as alias and source of such an alert is not recorded.
    return f"heartbeat-{heartbeat['name']}"


def _raise(company: Company, heartbeat: Thing, at: datetime) -> None:
    team = heartbeat.get("ownerTeam")
    given: dict[str, Any] = {
        "message": heartbeat.get("alertMessage") or f"{heartbeat['name']} is expired",
        "alias": _alias(heartbeat),
        "description": heartbeat.get("description", ""),
        "responders": [{"type": "team", "id": team["id"]}] if team else [],
        "visible_to": [],
        "actions": [],
        "tags": heartbeat.get("alertTags", []),
        "details": {},
        "entity": heartbeat["name"],
        "source": "Heartbeat",
        "priority": heartbeat.get("alertPriority", "P3"),
        "user": "System",
        "note": "",
    }
    known = company.alerts.find(given["alias"], "alias")
    if known is None:
        alert = open_alert(company, given, "", at)
        alert.integration = {"id": "", "name": "Heartbeat", "type": "Heartbeat"}
        company.webhook.tell("Create", alert, given, at)
        for listen in company.listeners:
            listen(company, "Create", alert, given, at)
    else:
        known.count += 1
        known.last_occurred_at = at
        company.alerts.changed(known, at)


def _calm(company: Company, heartbeat: Thing, at: datetime) -> None:
    """Close the alert of a heartbeat that is back, as its page promises."""
    alert = company.alerts.find(_alias(heartbeat), "alias")
    if alert is not None:
        alert.status, alert.closed_at, alert.closed_by = "closed", at, "System"
        alert.write_log("Closed alert", "System", at)
        company.alerts.changed(alert, at)
        company.webhook.tell("Close", alert, {"user": "System"}, at)


def ping(call: Call) -> Answer:
    """Always welcome: whether there is such a heartbeat is not looked at."""
    company, at = call.company, call.company.clock.now()
    heartbeat = named(company.heartbeats, call.named["name"], "name")
    if heartbeat is not None and heartbeat["enabled"]:
        if heartbeat["expired"]:
            _calm(company, heartbeat, at)
        heartbeat["lastPingTime"] = written(at)
        heartbeat["expired"] = False
        company.note(Effect(at, call.request_id, "heartbeats", "Ping", heartbeat["name"], "", False, {}))
    return Answer({"result": "PONG - Heartbeat received"}, status=202)


def find(call: Call) -> Thing:
    found = named(call.company.heartbeats, call.named["name"], "name")
    if found is None:
        raise Refused(404, f"Heartbeat with name [{call.named['name']}] does not exist")  # words not recorded
    return found


def _judged(call: Call, *, new: bool) -> dict[str, Any]:
    fields = Fields(call.body)
    name = fields.text("name", 200, required=new)
    if name and not _NAME.fullmatch(name):
        fields.refuse("name", "Name can have letters, digits, dots, hyphens and underscores.")
    given: dict[str, Any] = {
        "name": name,
        "description": fields.text("description", 10_000) or "",
        "interval": fields.whole("interval", 1, 1_000_000, required=new or "interval" in fields),
        "intervalUnit": fields.choice("intervalUnit", UNITS, required=new or "intervalUnit" in fields),
        "enabled": fields.flag("enabled"),
        "ownerTeam": judged_owner(fields, call.company),
        "alertMessage": fields.text("alertMessage", 130) or "",
        "alertTags": fields.texts("alertTags", 20, 50),
        "alertPriority": fields.choice("alertPriority", PRIORITIES) or "P3",
    }
    if new and "enabled" not in fields:
        fields.refuse("enabled", "Enabled can not be empty.")
    fields.done()
    if not new:
        del given["name"]
    return {part: value for part, value in given.items() if part in fields}


def _shown(heartbeat: Thing) -> Thing:
    return {part: value for part, value in heartbeat.items() if value is not None}


def _brief(heartbeat: Thing) -> Thing:
    return {part: heartbeat[part] for part in ("name", "enabled", "expired")}


def create(call: Call) -> Answer:
    heartbeat = {**DEFAULTS, **_judged(call, new=True)}
    if named(call.company.heartbeats, heartbeat["name"], "name"):
        raise clash("heartbeat", "name", heartbeat["name"])
    call.company.heartbeats.append(heartbeat)
    return done(call, "heartbeats", "Created", heartbeat["name"], _shown(heartbeat), 201)


def update(call: Call) -> Answer:
    heartbeat = find(call)
    heartbeat.update(_judged(call, new=False))
    return done(call, "heartbeats", "Updated", heartbeat["name"], _brief(heartbeat))


def _switch(call: Call, *, enabled: bool) -> Answer:
    """One that is enabled again waits for a first ping: not confirmed."""
    heartbeat = find(call)
    if enabled and not heartbeat["enabled"]:
        heartbeat.pop("lastPingTime", None)
        heartbeat["expired"] = False
    heartbeat["enabled"] = enabled
    return done(call, "heartbeats", "Enabled" if enabled else "Disabled", heartbeat["name"], _brief(heartbeat))


def delete(call: Call) -> Answer:
    heartbeat = find(call)
    call.company.heartbeats.remove(heartbeat)
    return done(call, "heartbeats", "Deleted", heartbeat["name"])


def _route(method: str, tail: str, handler: Handler) -> Route:
    right = {"GET": "R", "DELETE": "D"}.get(method, "U")
    return Route(method, "/v2/heartbeats" + tail, handler, "Heartbeat", right, configuration=True, noun="heartbeat")


ROUTES = [
    _route("GET", "", lambda call: data({"heartbeats": [_shown(item) for item in call.company.heartbeats]})),
    _route("POST", "", create),
    _route("GET", "/{name}", lambda call: data(_shown(find(call)))),
    _route("PATCH", "/{name}", update),
    _route("DELETE", "/{name}", delete),
    _route("POST", "/{name}/enable", lambda call: _switch(call, enabled=True)),
    _route("POST", "/{name}/disable", lambda call: _switch(call, enabled=False)),
    *(
        Route(method, "/v2/heartbeats/{name}/ping", ping, "Heartbeat", "", noun="heartbeat")
        for method in ("GET", "POST", "PUT", "PATCH")
    ),
]
