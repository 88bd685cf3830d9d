"""Criteria in a request: which alerts a rule is about."""

from typing import Any

from connectors.opsgenie.simulator.fields import Fields

KINDS = ("match-all", "match-any-condition", "match-all-conditions")

_TEXT = ("matches", "contains", "starts-with", "ends-with", "equals", "is-empty", "equals-ignore-whitespace")
_LIST = ("contains", "is-empty", "matches")  # `matches` on a list is not confirmed
_MAP = ("contains", "contains-key", "contains-value", "is-empty")
_NUMBER = ("matches", "equals", "greater-than", "less-than")
OPERATIONS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("message", "alias", "description", "source", "entity"), _TEXT),
    **dict.fromkeys(("tags", "actions", "recipients", "teams", "responders"), _LIST),
    **dict.fromkeys(("extra-properties", "details"), _MAP),
    # The documents call priority neither text nor number; the operations of both are let through.
    "priority": (*_NUMBER, *_TEXT),
}


def judged_criteria(fields: Fields, name: str = "criteria") -> dict[str, Any] | None:
    """The criteria as the service keeps them; None when there are none, or wrong ones, which is noted."""
    inside = fields.inside(name)
    if inside is None:
        return None
    kind = inside.choice("type", KINDS, required=True)
    conditions = [_condition(part) for part in inside.each("conditions", required=kind not in {None, "match-all"})]
    if kind is None:
        return None
    return {"type": kind, "conditions": conditions} if kind != "match-all" else {"type": kind}


def _condition(part: Fields) -> dict[str, Any]:
    field = part.choice("field", OPERATIONS, required=True)
    key = part.text("key", 512)
    # The vendor's own sample has an operation of texts on a map, with the key of the text beside it.
    operations = _TEXT if key and field in {"extra-properties", "details"} else OPERATIONS.get(field or "", _TEXT)
    operation = part.choice("operation", operations, required=True)
    condition: dict[str, Any] = {"field": field, "not": part.flag("not"), "operation": operation}
    condition["expectedValue"] = part.text("expectedValue", 15_000) or ""
    if key:
        condition["key"] = key
    order = part.whole("order", 0, 10_000)
    return condition if order is None else {**condition, "order": order}
