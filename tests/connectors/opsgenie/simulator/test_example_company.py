"""The company one finds when none is given."""

from connectors.opsgenie.simulator.example_company import example_company
from tests.connectors.opsgenie.simulator.conftest import NOW


def test_it_is_the_same_every_time():
    assert example_company(NOW) == example_company(NOW)


def test_whatever_it_names_is_there(opsgenie):
    company = opsgenie.state
    for team in company.teams:
        assert all(company.user(member["user"]["id"]) for member in team["members"])
        for rule in team["routingRules"]:
            assert rule["notify"]["type"] == "none" or company.recipient(rule["notify"])
    for escalation in company.escalations:
        assert company.team(escalation["ownerTeam"]["id"])
        assert all(company.recipient(rule["recipient"]) for rule in escalation["rules"])
    assert all(company.team(service["teamId"]) for service in company.services)
    assert all(company.user(search["owner"]["id"]) for search in company.searches)
