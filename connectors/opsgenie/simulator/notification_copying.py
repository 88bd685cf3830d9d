"""Notification rules of one user given to others."""

from copy import deepcopy

from connectors.opsgenie.simulator.accepting import done
from connectors.opsgenie.simulator.company import Company, Thing
from connectors.opsgenie.simulator.contacts import contacts_of
from connectors.opsgenie.simulator.fields import Fields
from connectors.opsgenie.simulator.notification_rules import rules_of
from connectors.opsgenie.simulator.routing import Answer, Call, Route
from connectors.opsgenie.simulator.users import find

EVERYTHING = "all"
# Here the alert that is new has a name of its own.
TYPES = {
    "new-alert": "create-alert",
    **dict.fromkeys((EVERYTHING, "acknowledged-alert", "renotified-alert", "closed-alert"), ""),
    **dict.fromkeys(("schedule-start", "assigned-alert", "add-note"), ""),
}


def copy(call: Call) -> Answer:
    """The word of the answer says that it goes on for a while; here it is over at once."""
    company, user, fields = call.company, find(call), Fields(call.body)
    usernames = fields.texts("toUsers", 1000, 100, required=True)
    wanted = fields.texts("ruleTypes", 20, 100, required=True)
    for kind in wanted:
        if kind not in TYPES:
            fields.refuse("ruleTypes", f"Invalid rule type [{kind}]; must be one of {', '.join(TYPES)}.")
    targets: list[Thing] = []
    for username in usernames:
        other = company.user(username)
        if username == EVERYTHING:
            targets = [item for item in company.users if item is not user]
            break
        if other is None:
            fields.refuse("toUsers", f"User not found with identifier [{username}]")
        elif other is not user:
            targets.append(other)
    fields.done()
    kinds = {TYPES[kind] or kind for kind in wanted}
    for target in targets:
        _give(company, user, target, kinds)
    # PATCH in the page's sample, POST in the Go client: both are taken. 200 or 202 is not confirmed.
    return done(call, "notification rules", "Started copying notification rules", user["id"], status=202)


def _give(company: Company, user: Thing, target: Thing, kinds: set[str]) -> None:
    """Those of the same types that the other user had are gone afterwards: not confirmed."""

    def meant(rule: Thing) -> bool:
        return EVERYTHING in kinds or rule["actionType"] in kinds

    copies = [deepcopy(rule) for rule in rules_of(user) if meant(rule)]
    for rule in copies:
        rule["id"] = company.new_id()
        rule["steps"] = [_readdressed(company, step, target) for step in rule["steps"] if _address(step, target)]
    target["notificationRules"] = [rule for rule in rules_of(target) if not meant(rule)] + copies


def _readdressed(company: Company, step: Thing, target: Thing) -> Thing:
    return {**step, "id": company.new_id(), "contact": {**step["contact"], "to": _address(step, target)}}


def _address(step: Thing, target: Thing) -> str:
    """The other user's own address for the same method; a step without one is left out."""
    mine = [contact["to"] for contact in contacts_of(target) if contact["contactMethod"] == step["contact"]["method"]]
    return mine[0] if mine else ""


ROUTES = [
    Route(
        method,
        "/v2/users/{identifier}/notification-rules/copy-to",
        copy,
        "Configuration",
        "U",
        configuration=True,
        noun="notification rule",
    )
    for method in ("POST", "PATCH")
]
