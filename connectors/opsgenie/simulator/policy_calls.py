"""Policies of the account and of its teams: made, shown, changed, switched, moved, removed."""

from connectors.opsgenie.simulator.accepting import done
from connectors.opsgenie.simulator.company import Thing, named
from connectors.opsgenie.simulator.fields import Fields
from connectors.opsgenie.simulator.policies import TYPES, judged_policy
from connectors.opsgenie.simulator.refusals import missing, unprocessable
from connectors.opsgenie.simulator.routing import Answer, Call, Handler, Route, data

MOST = 1000


def _team(call: Call) -> str | None:
    """The team whose policies are meant; None for those of the account."""
    identifier = call.query.get("teamId")
    if identifier is not None and named(call.company.teams, identifier, "id") is None:
        raise missing("team", "id", identifier)
    return identifier


def _asked(call: Call) -> Thing:
    """A team's policy is found only with the team, one of the account only without: not confirmed."""
    team = _team(call)
    policy = named(call.company.policies, call.named["policyId"], "id")
    if policy is None or policy.get("teamId") != team:
        raise missing("policy", "id", call.named["policyId"])
    return policy


def _beside(call: Call, policy: Thing) -> list[Thing]:
    """The policies among which one has its place, itself included."""
    own = (policy["type"], policy.get("teamId"))
    return [item for item in call.company.policies if (item["type"], item.get("teamId")) == own]


def _brief(call: Call, policy: Thing) -> Thing:
    place = next(number for number, item in enumerate(_beside(call, policy)) if item is policy)
    return {**{part: policy[part] for part in ("id", "name", "type")}, "order": place, "enabled": policy["enabled"]}


def _listing(kind: str) -> Handler:
    def listing(call: Call) -> Answer:
        team = _team(call)
        if kind == "notification" and team is None:
            raise unprocessable({"teamId": "TeamId can not be empty."})
        found = [item for item in call.company.policies if (item["type"], item.get("teamId")) == (kind, team)]
        return data([_brief(call, policy) for policy in found[:MOST]])

    return listing


def create(call: Call) -> Answer:
    team, fields = _team(call), Fields(call.body)
    kind = fields.choice("type", TYPES, required=True)
    if kind == "notification" and team is None:
        fields.refuse("teamId", "TeamId can not be empty.")
    given = judged_policy(fields, call.company, kind, call.body.get("details"))
    fields.done()
    # Two of the same name are let through: not confirmed.
    policy = {"id": call.company.new_id(), **given}
    if team:
        policy["teamId"] = team
    call.company.policies.append(policy)
    return done(call, "policies", "Created", policy["id"], _brief(call, policy), 201)


def update(call: Call) -> Answer:
    policy, fields = _asked(call), Fields(call.body)
    kind = fields.choice("type", TYPES, required=True)
    if kind and kind != policy["type"]:
        fields.refuse("type", "Type can not be changed.")
    given = judged_policy(fields, call.company, kind, call.body.get("details"))
    fields.done()
    kept: Thing = {part: policy[part] for part in ("id", "teamId") if part in policy}
    policy.clear()
    policy.update(kept | given)
    return done(call, "policies", "Updated", policy["id"], {"id": policy["id"], "name": policy["name"]})


def delete(call: Call) -> Answer:
    policy = _asked(call)
    call.company.policies.remove(policy)
    return done(call, "policies", "Deleted", policy["id"])


def _switch(call: Call, *, enabled: bool) -> Answer:
    policy = _asked(call)
    policy["enabled"] = enabled
    return done(call, "policies", "Enabled" if enabled else "Disabled", policy["id"])


def change_order(call: Call) -> Answer:
    policy, fields = _asked(call), Fields(call.body)
    target = fields.whole("targetIndex", 0, 2**31, required=True)
    fields.done()
    policies = call.company.policies
    others = [item for item in _beside(call, policy) if item is not policy]
    policies.remove(policy)
    if target is None or target >= len(others):
        policies.append(policy)
    else:
        policies.insert(next(number for number, item in enumerate(policies) if item is others[target]), policy)
    return done(call, "policies", "Updated", policy["id"])


def _route(method: str, tail: str, handler: Handler) -> Route:
    right = {"GET": "R", "DELETE": "D"}.get(method, "U")
    return Route(method, "/v2/policies" + tail, handler, "Configuration", right, configuration=True, noun="policy")


ROUTES = [
    _route("GET", "/alert", _listing("alert")),
    _route("GET", "/notification", _listing("notification")),
    _route("POST", "", create),
    _route("GET", "/{policyId}", lambda call: data(_asked(call))),
    _route("PUT", "/{policyId}", update),
    _route("DELETE", "/{policyId}", delete),
    _route("POST", "/{policyId}/enable", lambda call: _switch(call, enabled=True)),
    _route("POST", "/{policyId}/disable", lambda call: _switch(call, enabled=False)),
    _route("POST", "/{policyId}/change-order", change_order),
]
