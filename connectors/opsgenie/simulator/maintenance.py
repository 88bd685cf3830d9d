"""Maintenance: times at which integrations rest and policies are switched. Kept and shown, without that effect."""

from datetime import datetime, timedelta
from typing import Any

from connectors.opsgenie.simulator.accepting import done
from connectors.opsgenie.simulator.company import Company, Thing, named
from connectors.opsgenie.simulator.fields import Fields
from connectors.opsgenie.simulator.instants import read, written
from connectors.opsgenie.simulator.refusals import missing, unprocessable
from connectors.opsgenie.simulator.routing import Answer, Call, Handler, Route, data

MINUTES = {"for-5-minutes": 5, "for-30-minutes": 30, "for-1-hour": 60}
TYPES = (*MINUTES, "indefinitely", "schedule")


def _asked(call: Call) -> Thing:
    found = named(call.company.maintenances, call.named["id"], "id")
    if found is None:
        raise missing("maintenance", "id", call.named["id"])
    return found


def _status(maintenance: Thing, now: datetime) -> str:
    if maintenance.get("cancelled"):
        return "cancelled"
    start, end = maintenance["time"].get("startDate"), maintenance["time"].get("endDate")
    if start and now < read(start):
        return "planned"
    return "past" if end and read(end) <= now else "active"


def _shown(call: Call, maintenance: Thing) -> Thing:
    status = _status(maintenance, call.company.clock.now())
    return {**{part: value for part, value in maintenance.items() if part != "cancelled"}, "status": status}


def _brief(call: Call, maintenance: Thing) -> Thing:
    return {part: value for part, value in _shown(call, maintenance).items() if part != "rules"}


def _judged(call: Call) -> dict[str, Any]:
    company, fields = call.company, Fields(call.body)
    time = fields.inside("time", required=True)
    given = {
        "description": fields.text("description", 10_000) or "",
        "time": _time(time, company.clock.now()) if time else {},
        "rules": [_rule(part, company) for part in fields.each("rules", required=True)],
    }
    fields.done()
    return given


def _time(time: Fields, now: datetime) -> dict[str, Any]:
    kind = time.choice("type", TYPES, required=True)
    if kind == "schedule":
        start, end = time.moment("startDate", required=True), time.moment("endDate", required=True)
        if start and end and end <= start:
            time.refuse("endDate", "EndDate must be after startDate.")
        return {"type": kind, "startDate": written(start), "endDate": written(end)} if start and end else {}
    shown: dict[str, Any] = {"type": kind, "startDate": written(now)}
    if kind in MINUTES:
        shown["endDate"] = written(now + timedelta(minutes=MINUTES[kind]))
    return shown


def _rule(part: Fields, company: Company) -> dict[str, Any]:
    entity = part.inside("entity", required=True)
    if entity is None:
        return {}
    kind = entity.choice("type", ("policy", "integration"), required=True)
    identifier = entity.text("id", 130, required=True)
    things = company.policies if kind == "policy" else company.integrations
    if kind and identifier and named(things, identifier, "id") is None:
        entity.refuse("id", f"There is no such {kind}.")
    state = part.choice("state", ("enabled", "disabled"), required=kind == "policy")
    if kind == "integration" and state == "enabled":
        part.refuse("state", "An integration can only be disabled.")
    return {"state": state or "disabled", "entity": {"id": identifier, "type": kind}}


def listing(call: Call) -> Answer:
    # Which type holds when none is named is not confirmed.
    kind, now = call.choice("type", ("all", "past", "non-expired"), "all"), call.company.clock.now()

    def wanted(maintenance: Thing) -> bool:
        over = _status(maintenance, now) in {"past", "cancelled"}
        return kind == "all" or over == (kind == "past")

    return data([_brief(call, item) for item in call.company.maintenances if wanted(item)])


def create(call: Call) -> Answer:
    maintenance = {"id": call.company.new_id(), **_judged(call)}
    call.company.maintenances.append(maintenance)
    return done(call, "maintenance", "Created", maintenance["id"], _brief(call, maintenance), 201)


def _open(call: Call) -> Thing:
    """One that is not over; what the vendor says to a change of one that is over is not recorded."""
    maintenance = _asked(call)
    status = _status(maintenance, call.company.clock.now())
    if status in {"past", "cancelled"}:
        raise unprocessable({"id": f"The maintenance is {status}."})
    return maintenance


def update(call: Call) -> Answer:
    maintenance = _open(call)
    maintenance.update(_judged(call))
    return done(call, "maintenance", "Updated", maintenance["id"], _brief(call, maintenance))


def change_end(call: Call) -> Answer:
    maintenance, fields = _open(call), Fields(call.body)
    end, start = fields.moment("endDate", required=True), maintenance["time"]["startDate"]
    if end and end <= read(start):
        fields.refuse("endDate", "EndDate must be after startDate.")
    fields.done()
    if end:
        maintenance["time"] = {"type": "schedule", "startDate": start, "endDate": written(end)}
    return done(call, "maintenance", "Updated", maintenance["id"], _brief(call, maintenance))


def cancel(call: Call) -> Answer:
    maintenance = _open(call)
    maintenance["cancelled"] = True
    return done(call, "maintenance", "Cancelled", maintenance["id"])


def delete(call: Call) -> Answer:
    maintenance = _asked(call)
    call.company.maintenances.remove(maintenance)
    return done(call, "maintenance", "Deleted", maintenance["id"])


def _route(method: str, tail: str, handler: Handler) -> Route:
    # That configuration access is needed here too is not confirmed.
    right = {"GET": "R", "DELETE": "D"}.get(method, "U")
    path = "/v1/maintenance" + tail
    return Route(method, path, handler, "Configuration", right, configuration=True, noun="maintenance")


ROUTES = [
    _route("GET", "", listing),
    _route("POST", "", create),
    _route("GET", "/{id}", lambda call: data(_shown(call, _asked(call)))),
    _route("PUT", "/{id}", update),
    _route("DELETE", "/{id}", delete),
    _route("POST", "/{id}/cancel", cancel),
    _route("POST", "/{id}/change-end-date", change_end),
]
