"""What an integration does with what arrives: alerts it makes, closes, acknowledges, notes or leaves alone."""

from typing import Any

from connectors.opsgenie.simulator.accepting import done
from connectors.opsgenie.simulator.company import Thing
from connectors.opsgenie.simulator.criteria import KINDS as MATCHES
from connectors.opsgenie.simulator.fields import PRIORITIES, Fields
from connectors.opsgenie.simulator.integrations import find, meta
from connectors.opsgenie.simulator.routing import Answer, Call, Route, data

KINDS = ("ignore", "create", "close", "acknowledge", "addNote")
OPERATIONS = (
    "matches", "contains", "starts-with", "ends-with", "equals", "contains-key", "contains-value", "greater-than",
    "less-than", "is-empty", "equals-ignore-whitespace",
)  # fmt: skip
_TEXTS = ("user", "note", "source", "message", "description", "entity", "customPriority")
_FLAGS = (
    "appendAttachments", "ignoreAlertActionsFromPayload", "ignoreRecipientsFromPayload", "ignoreTeamsFromPayload",
    "ignoreTagsFromPayload", "ignoreExtraPropertiesFromPayload", "ignoreRespondersFromPayload",
)  # fmt: skip


def _actions_of(integration: Thing) -> dict[str, list[Thing]]:
    actions: dict[str, list[Thing]] = integration.setdefault("actions", {})
    for kind in KINDS:
        actions.setdefault(kind, [])
    return actions


def _shown(integration: Thing) -> Thing:
    listed = {
        kind: [{**action, "order": order} for order, action in enumerate(actions)]
        for kind, actions in _actions_of(integration).items()
    }
    return {"_parent": meta(integration), **listed}


def _judged(fields: Fields, wanted: str | None = None) -> dict[str, Any]:
    kind = fields.choice("type", (wanted,) if wanted else KINDS, required=True)
    given: dict[str, Any] = {"type": kind, "name": fields.text("name", 512, required=True), "filter": _filter(fields)}
    if kind != "ignore":
        # The official description wants user and note too; the vendor's own samples lack them.
        given["alias"] = fields.text("alias", 512, required=True)
    for name in _TEXTS:
        given[name] = fields.text(name, 25_000)
    for name in _FLAGS:
        given[name] = fields.flag(name) if name in fields else None
    if "priority" in fields:
        given["priority"] = fields.choice("priority", PRIORITIES)
    for name in ("tags", "alertActions"):
        given[name] = fields.texts(name, 20, 512) if name in fields else None
    for name in ("responders", "recipients"):
        kinds = ("user", "team", "escalation", "schedule", "all", "none", "group")
        given[name] = fields.recipients(name, 50, kinds) if name in fields else None
    if "extraProperties" in fields:
        given["extraProperties"] = fields.mapping("extraProperties", 8000)
    return {name: value for name, value in given.items() if value is not None}


def _filter(fields: Fields) -> dict[str, Any]:
    inside = fields.inside("filter", required=True)
    if inside is None:
        return {}
    kind = inside.choice("conditionMatchType", MATCHES) or "match-all"
    parts = inside.each("conditions", required=kind != "match-all")
    return {"conditionMatchType": kind, "conditions": [_condition(part) for part in parts]}


def _condition(part: Fields) -> dict[str, Any]:
    # Which fields there are depends on the type of the integration.
    return {
        "field": part.text("field", 512, required=True),
        "not": part.flag("not"),
        "operation": part.choice("operation", OPERATIONS, required=True),
        "expectedValue": part.text("expectedValue", 15_000) or "",
    }


def create(call: Call) -> Answer:
    integration, fields = find(call), Fields(call.body)
    action = _judged(fields)
    order = fields.whole("order", 0, 100_000)
    fields.done()
    others = _actions_of(integration)[action["type"]]
    others.insert(len(others) if order is None else order, action)
    return done(call, "integration actions", "Created", integration["id"], _shown(integration), 201)


def update(call: Call) -> Answer:
    """All at once: a kind that is left out has nothing afterwards."""
    integration, fields = find(call), Fields(call.body)
    actions = {kind: [_judged(part, kind) for part in fields.each(kind)] for kind in KINDS}
    fields.done()
    integration["actions"] = actions
    return done(call, "integration actions", "Updated", integration["id"], _shown(integration))


_PATH = "/v2/integrations/{id}/actions"

ROUTES = [
    Route(method, _PATH, handler, "Configuration", right, configuration=True, noun="integration")
    for method, handler, right in (
        ("GET", lambda call: data(_shown(find(call))), "R"),
        ("POST", create, "U"),
        ("PUT", update, "U"),
    )
]
