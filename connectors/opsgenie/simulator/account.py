"""The account: its name, its plan, and how many users it has."""

from connectors.opsgenie.simulator.routing import Answer, Call, Route, data


def account(call: Call) -> Answer:
    plan = {"maxUserCount": 100, "name": call.company.settings.plan, "isYearly": True}
    return data({"name": call.company.name, "userCount": len(call.company.users), "plan": plan})


ROUTES = [Route("GET", "/v2/account", account, "Configuration", "R", configuration=True, noun="account")]
