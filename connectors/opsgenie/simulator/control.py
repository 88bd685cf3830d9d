"""The control door: how a test or a person at a shell looks behind the service and turns its knobs."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from connectors.opsgenie.simulator.company import PLANS, Company
from connectors.opsgenie.simulator.faults import Fault
from connectors.opsgenie.simulator.founding import founder
from connectors.opsgenie.simulator.instants import after_milliseconds, read, written
from connectors.opsgenie.simulator.placing import alter_alert, place_alert, place_incident
from connectors.opsgenie.simulator.writes import LateFailure

DOOR = "/_simulator/"
Json = dict[str, Any]


def answer(company: Company, method: str, path: str, raw_body: bytes) -> tuple[int, Json]:
    """What the door says to one request."""
    name = path.removeprefix(DOOR).strip("/")
    try:
        body = json.loads(raw_body) if raw_body else {}
        if method == "GET" and name in _LOOKS:
            return 200, _LOOKS[name](company)
        if method == "POST" and name in _TURNS:
            return 200, _TURNS[name](company, body)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as problem:
        return 400, {"message": f"{type(problem).__name__}: {problem}"}
    return 404, {"message": f"GET {', '.join(_LOOKS)}; POST {', '.join(_TURNS)}"}


def state(company: Company) -> Json:
    """The company in numbers, and how the knobs stand."""
    alerts = list(company.alerts)
    return {
        "now": written(company.clock.now()),
        "frozen": company.clock.frozen,
        "alerts": {
            "total": len(alerts),
            "open": sum(alert.status == "open" for alert in alerts),
            "closed": sum(alert.status == "closed" for alert in alerts),
        },
        "incidents": {"total": len(company.incidents)},
        "users": len(company.users),
        "schedules": [schedule.name for schedule in company.schedules],
        "writes_waiting": company.writes.waiting(),
        "requests": len(company.ledger),
        "applied": len(company.applied),
        "settings": _settings(company),
        "faults": _faults(company)["faults"],
    }


def turn_settings(company: Company, wanted: Json) -> Json:
    """Each knob that is named; the others stay."""
    for name, value in wanted.items():
        if name == "process_after":
            company.settings.process_after = float(value)
        elif name == "visible_after":
            company.settings.visible_after = float(value)
        elif name == "plan" and value in PLANS:
            company.settings.plan = value
        elif name == "overlong" and value in ("reject", "truncate"):
            company.settings.overlong = value
        elif name == "limits":
            for domain, sizes in value.items():
                company.limits.set(domain, **sizes)
        elif name == "fail_later":
            company.writes.late_failures.append(LateFailure(**value))
        elif name == "keys":
            for key_name, changes in value.items():
                change_key(company, key_name, **changes)
        else:
            raise ValueError(f"no setting {name!r} with value {value!r}")
    return _settings(company)


def change_key(company: Company, name_or_value: str, *, rights: str | None = None, enabled: bool | None = None) -> None:
    """Give a key other rights, or switch its integration off or on."""
    for key in company.keys:
        if name_or_value in (key.name, key.value):
            key.rights = key.rights if rights is None else rights
            key.enabled = key.enabled if enabled is None else enabled
            return
    raise ValueError(f"no key {name_or_value!r}; there are {', '.join(key.name for key in company.keys)}")


def _settings(company: Company) -> Json:
    return {
        "process_after": company.settings.process_after,
        "visible_after": company.settings.visible_after,
        "overlong": company.settings.overlong,
        "plan": company.settings.plan,
        "limits": company.limits.sizes(),
        "fail_later": [vars(failure) for failure in company.writes.late_failures if failure.times > 0],
        "keys": {key.name: {"rights": key.rights, "enabled": key.enabled} for key in company.keys},
    }


def _faults(company: Company, body: Any = None) -> Json:
    if isinstance(body, dict) and body.get("clear"):
        company.faults.clear()
    elif body:
        faults = [_fault(item) for item in (body if isinstance(body, list) else [body])]
        for fault in faults:
            company.faults.add(fault)
    return {"faults": [fault.as_json() for fault in company.faults.coming]}


def _fault(given: Json) -> Fault:
    options = {name: value for name, value in given.items() if name not in {"kind", "times", "match"}}
    return Fault(given["kind"], given.get("times", 1), **given.get("match", {}), options=options)


def _turn_clock(company: Company, wanted: Json) -> Json:
    clock = company.clock
    unknown = set(wanted) - {"set", "advance", "frozen"}
    if unknown:
        raise ValueError(f"no {', '.join(sorted(unknown))}; there are set, advance, frozen")
    if "set" in wanted:
        moment = wanted["set"]
        clock.set(after_milliseconds(moment) if isinstance(moment, int) else read(moment))
    if "advance" in wanted:
        clock.advance(float(wanted["advance"]))
    if "frozen" in wanted:
        (clock.freeze if wanted["frozen"] else clock.run)()
    company.catch_up()
    return {"now": written(clock.now()), "frozen": clock.frozen}


def _put_alerts(company: Company, given: Any) -> Json:
    placed = []
    for item in given if isinstance(given, list) else [given]:
        existing = company.alerts.find(item.get("id", ""))
        if existing is None:
            if "visible_after" in item:
                hidden = timedelta(seconds=item["visible_after"])
                item = {**item, "visible_at": company.clock.now() + hidden}  # noqa: PLW2901  # the same item, read
                del item["visible_after"]
            existing = place_alert(company, item)
        else:
            alter_alert(company, existing, {name: value for name, value in item.items() if name != "id"})
            company.alerts.changed(existing)
        placed.append(existing.full())
    return {"alerts": placed}


def _put_incidents(company: Company, given: Any) -> Json:
    items = given if isinstance(given, list) else [given]
    return {"incidents": [place_incident(company, item).shown() for item in items]}


def _turn_webhook(company: Company, wanted: Json) -> Json:
    company.webhook.turn(wanted["url"], wanted.get("actions"))
    return company.webhook.as_json()


def _seed(company: Company, given: Any) -> Json:
    company.refound(founder(given, None if "keys" in given else company.keys[0].value))
    return state(company)


def _reset(company: Company, _: Any) -> Json:
    company.reset()
    return state(company)


_LOOKS: dict[str, Callable[[Company], Json]] = {
    "ledger": lambda company: {"ledger": [entry.as_json() for entry in company.ledger]},
    "applied": lambda company: {"applied": [effect.as_json() for effect in company.applied]},
    "state": state,
    "faults": _faults,
    "settings": _settings,
    "clock": lambda company: _turn_clock(company, {}),
    "webhook": lambda company: company.webhook.as_json(),
    "notifications": lambda company: {"notifications": [notice.as_json() for notice in company.notices.told]},
}

_TURNS: dict[str, Callable[[Company, Any], Json]] = {
    "faults": _faults,
    "clock": _turn_clock,
    "settings": turn_settings,
    "alerts": _put_alerts,
    "incidents": _put_incidents,
    "webhook": _turn_webhook,
    "seed": _seed,
    "reset": _reset,
}
