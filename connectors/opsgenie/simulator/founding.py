"""Founding a company: the example one, with parts replaced or added by a seed."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from connectors.opsgenie.simulator import heartbeats, notifying
from connectors.opsgenie.simulator.company import Company
from connectors.opsgenie.simulator.example_alerts import example_alerts, example_incidents
from connectors.opsgenie.simulator.example_company import example_company
from connectors.opsgenie.simulator.keys import Key
from connectors.opsgenie.simulator.placing import place_alert, place_incident
from connectors.opsgenie.simulator.schedule_making import make_forwarding, make_schedule

PLAIN = (
    "users", "teams", "escalations", "services", "integrations", "heartbeats", "searches", "templates",
    "user_searches", "policies", "roles", "maintenances", "deployments",
    "log_files",
)  # fmt: skip
PARTS = (*PLAIN, "keys", "schedules", "forwardings", "alerts", "incidents")


def founder(seed: Mapping[str, Any], first_key: str | None = None) -> Callable[[Company], None]:
    """What fills a new company. A part named in the seed replaces the example's, or is added if `extend` lists it."""
    unknown = set(seed) - {*PARTS, "extend", "name"}
    if unknown:
        raise ValueError(f"a seed has no {', '.join(sorted(unknown))}; it may have {', '.join(PARTS)}, extend, name")

    def found(company: Company) -> None:
        parts = _parts(company, seed)
        company.name = seed.get("name", company.name)
        if not parts["keys"]:
            raise ValueError("a company without a key answers nobody")
        if first_key:
            parts["keys"][0]["value"] = first_key
        company.keys = [Key(**item) for item in parts["keys"]]
        for name in PLAIN:
            getattr(company, name).extend(parts[name])
        company.heartbeats[:] = [{**heartbeats.DEFAULTS, **item} for item in company.heartbeats]
        company.watches += [heartbeats.watch, notifying.watch]
        company.listeners.append(notifying.hear)
        company.forwardings.extend(make_forwarding(company, item) for item in parts["forwardings"])
        company.schedules.extend(make_schedule(company, item) for item in parts["schedules"])
        for item in parts["alerts"]:
            place_alert(company, item)
        for item in parts["incidents"]:
            place_incident(company, item)

    return found


def _parts(company: Company, seed: Mapping[str, Any]) -> dict[str, list[Any]]:
    now, extended = company.clock.now(), seed.get("extend", ())
    example = example_company(now)
    # Many, and made only when they are wanted: most tests bring their own.
    if "alerts" not in seed or "alerts" in extended:
        example["alerts"] = example_alerts(now, company.random)
    if "incidents" not in seed or "incidents" in extended:
        example["incidents"] = example_incidents(now)
    # A copy: what happens to the company must not happen to its seed, or a reset would keep it.
    given = {name: deepcopy(list(seed[name])) for name in PARTS if name in seed}
    return {
        name: [*(example[name] if name in extended or name not in given else ()), *given.get(name, ())]
        for name in PARTS
    }
