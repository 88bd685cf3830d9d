"""Whether criteria hold for an alert."""

import re
from collections.abc import Callable
from typing import Any

from connectors.opsgenie.simulator.alerts import Alert
from connectors.opsgenie.simulator.company import Company, Thing, named

# What the vendor compares when a text is asked to be greater is not confirmed: the digits in it, as of P1 and P3.
_DIGITS = re.compile(r"\d+")


def holds(company: Company, alert: Alert, criteria: Thing | None) -> bool:
    """Criteria are of one of three types; none at all hold for every alert."""
    kind = (criteria or {}).get("type", "match-all")
    if criteria is None or kind == "match-all":
        return True
    results = (_condition(company, alert, condition) for condition in criteria["conditions"])
    return any(results) if kind == "match-any-condition" else all(results)


def _condition(company: Company, alert: Alert, condition: Thing) -> bool:
    value = _value(company, alert, condition["field"])
    if isinstance(value, dict) and condition.get("key"):
        value = value.get(condition["key"], "")
    wanted = str(condition.get("expectedValue", ""))
    found = _compare(value, condition["operation"], wanted)
    return not found if condition.get("not") else found


def _value(company: Company, alert: Alert, field: str) -> str | list[str] | dict[str, str]:
    if field == "teams":
        return [str((named(company.teams, team, "id") or {}).get("name", "")) for team in alert.teams]
    if field in {"recipients", "responders"}:
        return [company.recipient_name(responder) for responder in alert.responders]
    value: Any = getattr(alert, "details" if field == "extra-properties" else field)
    return value if isinstance(value, dict) else list(value) if isinstance(value, list) else str(value)


def _compare(value: str | list[str] | dict[str, str], operation: str, wanted: str) -> bool:
    if operation == "is-empty":
        return not value
    if isinstance(value, dict):
        keys = operation in {"contains", "contains-key"} and wanted in value
        return keys or (operation in {"contains", "contains-value"} and wanted in value.values())
    if isinstance(value, list):
        return wanted in value if operation == "contains" else any(_compare(item, operation, wanted) for item in value)
    return _TEXT[operation](value, wanted)


def _number(text: str) -> int:
    found = _DIGITS.search(text)
    return int(found.group()) if found else 0


def _matches(value: str, wanted: str) -> bool:
    try:
        return re.fullmatch(wanted, value) is not None
    except re.error:
        return False


_TEXT: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda value, wanted: wanted.lower() in value.lower(),
    "equals": lambda value, wanted: value == wanted,
    "starts-with": lambda value, wanted: value.startswith(wanted),
    "ends-with": lambda value, wanted: value.endswith(wanted),
    "matches": _matches,
    "equals-ignore-whitespace": lambda value, wanted: "".join(value.split()) == "".join(wanted.split()),
    "greater-than": lambda value, wanted: _number(value) > _number(wanted),
    "less-than": lambda value, wanted: _number(value) < _number(wanted),
}
