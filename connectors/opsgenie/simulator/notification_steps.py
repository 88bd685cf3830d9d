"""The steps of notification rules: by which contact a user is told, and after how long."""

from typing import Any

from connectors.opsgenie.simulator.company import Thing
from connectors.opsgenie.simulator.contacts import METHODS
from connectors.opsgenie.simulator.fields import Fields

UNITS = ("days", "hours", "minutes", "seconds", "miliseconds", "micros", "nanos")
_AFTER_A_WHILE = ("create-alert", "assigned-alert")
"""The action types whose steps must say after how long."""


def judged_step(fields: Fields, kind: str | None, *, new: bool) -> dict[str, Any]:
    """What the body of a step names, as on the wire. Reasons are noted; who asked refuses."""
    contact = fields.inside("contact", required=new or "contact" in fields)
    after = fields.inside("sendAfter", required=kind in _AFTER_A_WHILE and (new or "sendAfter" in fields))
    given: dict[str, Any] = {}
    if contact is not None:
        # Whether it must be one of the user's own contacts is not confirmed.
        method = contact.choice("method", METHODS, required=True)
        given["contact"] = {"method": method, "to": contact.text("to", 511, required=True)}
    if after is not None:
        amount = after.whole("timeAmount", 0, 1_000_000, required=True)
        given["sendAfter"] = {"timeAmount": amount, "timeUnit": after.choice("timeUnit", UNITS) or "minutes"}
    if new and "enabled" not in fields:
        fields.refuse("enabled", "Enabled can not be empty.")
    if "enabled" in fields:
        given["enabled"] = fields.flag("enabled")
    return given


def shown_step(step: Thing, rule: Thing | None = None) -> Thing:
    """A step as on the wire, with its rule when asked for alone."""
    parent = {"_parent": {"id": rule["id"], "name": rule["name"]}} if rule else {}
    return {**parent, **step}
