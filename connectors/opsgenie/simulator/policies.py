"""What policies may say: how alerts are changed, and when nobody is told yet."""

from typing import Any

from connectors.opsgenie.simulator.company import Company
from connectors.opsgenie.simulator.criteria import judged_criteria
from connectors.opsgenie.simulator.fields import PRIORITIES, Fields
from connectors.opsgenie.simulator.restrictions import judged_restriction

TYPES = ("alert", "notification")
DELAYS = (
    "for-duration", "next-time", "next-weekday", "next-monday", "next-tuesday", "next-wednesday", "next-thursday",
    "next-friday", "next-saturday", "next-sunday",
)  # fmt: skip
UNITS = ("days", "hours", "minutes")
_FLAGS = (
    "continue", "ignoreOriginalActions", "ignoreOriginalDetails", "ignoreOriginalResponders", "ignoreOriginalTags",
    "ignoreOriginalTeams",
)  # fmt: skip


def judged_policy(fields: Fields, company: Company, kind: str | None, details: Any) -> dict[str, Any]:
    """A policy as the service keeps it; reasons are noted."""
    given: dict[str, Any] = {
        "type": kind,
        "name": fields.text("name", 512, required=True),
        "policyDescription": fields.text("policyDescription", 512) or "",
        "enabled": fields.flag("enabled"),
        "filter": judged_criteria(fields, "filter") or {"type": "match-all"},
        "timeRestrictions": judged_restriction(fields, "timeRestrictions"),
    }
    if kind == "alert":
        given.update(_alert(fields, company, details))
    if kind == "notification":
        given.update(_notification(fields))
    return {part: value for part, value in given.items() if value is not None}


def _alert(fields: Fields, company: Company, details: Any) -> dict[str, Any]:
    texts = (("alias", 512), ("description", 15_000), ("alertDescription", 15_000), ("entity", 512), ("source", 100))
    given: dict[str, Any] = {name: fields.text(name, limit) for name, limit in texts}
    # The Go client wants a message; without one the alert's own stays.
    given["message"] = fields.text("message", 130) or "{{message}}"
    given.update({name: fields.flag(name) for name in _FLAGS})
    given["actions"] = fields.texts("actions", 10, 50)
    given["tags"] = fields.texts("tags", 20, 50)
    # A map in the official description, a list of texts in what the Go client creates.
    listed = isinstance(details, list)
    given["details"] = fields.texts("details", 100, 8000) if listed else fields.mapping("details", 8000)
    given["responders"] = []
    for item in fields.recipients("responders", 50, ("user", "team", "escalation", "schedule")):
        found = company.recipient(item) if isinstance(item, dict) else None
        if found is None:
            fields.refuse("responders#id", "There is no such responder.")
        else:
            given["responders"].append(found)
    given["priority"] = fields.choice("priority", PRIORITIES)
    return given


def _notification(fields: Fields) -> dict[str, Any]:
    given: dict[str, Any] = {"suppress": fields.flag("suppress")}
    delay, close = fields.inside("delayAction"), fields.inside("autoCloseAction")
    once, restart = fields.inside("deduplicationAction"), fields.inside("autoRestartAction")
    if delay is not None:
        given["delayAction"] = _delay(delay)
    if close is not None:
        given["autoCloseAction"] = {"duration": _duration(close, required=True)}
    if once is not None:
        given["deduplicationAction"] = _deduplication(once)
    if restart is not None:
        given["autoRestartAction"] = {
            "duration": _duration(restart, required=True),
            # No upper limit is written down; the page offers 20 at most.
            "maxRepeatCount": restart.whole("maxRepeatCount", 1, 1000, required=True),
        }
    return given


def _delay(delay: Fields) -> dict[str, Any]:
    option = delay.choice("delayOption", DELAYS, required=True)
    given: dict[str, Any] = {"delayOption": option}
    if option == "for-duration":
        given["duration"] = _duration(delay, required=True)
    elif option:
        given["untilHour"] = delay.whole("untilHour", 0, 23, required=True)
        given["untilMinute"] = delay.whole("untilMinute", 0, 59, required=True)
    return given


def _deduplication(once: Fields) -> dict[str, Any]:
    kind = once.choice("deduplicationActionType", ("value-based", "frequency-based"), required=True)
    given: dict[str, Any] = {
        "deduplicationActionType": kind,
        "count": once.whole("count", 2, 100, required=True),
        "duration": _duration(once, required=kind == "frequency-based"),
    }
    return {part: value for part, value in given.items() if value is not None}


def _duration(fields: Fields, *, required: bool) -> dict[str, Any] | None:
    inside = fields.inside("duration", required=required)
    if inside is None:
        return None
    return {
        "timeAmount": inside.whole("timeAmount", 1, 1_000_000, required=True),
        "timeUnit": inside.choice("timeUnit", UNITS) or "minutes",
    }
