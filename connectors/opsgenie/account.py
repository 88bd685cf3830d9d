"""The account as a whole: what it is, and whether the connection works."""

from __future__ import annotations

from typing import Any

from connectors.opsgenie.alerts.reading import GetRequestStatus
from connectors.opsgenie.shapes import Get, payload
from playbooks_engine.errors import CommandFailed, Forbidden, InvalidInput
from playbooks_engine.sdk import Result, Sender


class GetAccount(
    Get, route="GET /v2/account", area="account", limits="configuration", right="Read and Configuration access"
):
    """Retrieve the account's name, its plan, and how many users it has."""


class TestConnection(
    Get,
    route="GET /v2/alerts?limit=1",
    area="account",
    limits="search",
    failure="Test Connection failed. Failed to check the connector.",
):
    """Check that the address answers and takes the key, and what the key may read. Changes nothing."""

    __test__ = False  # pytest collects what is called Test...
    patient = False

    async def run(self, sender: Sender) -> Result:
        """Read one alert, which fails in the words of what is wrong, then the account, which may be closed to the key.

        Whether it may change alerts is seen when it first does: only a change tells, and a check changes nothing.
        """
        try:
            document = (await sender.send(self.request())).json
        except InvalidInput:
            return await _at_the_door(sender)
        payload(document)
        return _passed({"read_alerts": "yes", **await _configuration(sender)}, document)


async def _at_the_door(sender: Sender) -> Result:
    """The door of Jira Service Management lists no alerts: a request that cannot exist tells a key that is taken."""
    unknown = GetRequestStatus(request_id="00000000-0000-0000-0000-000000000000")
    document = (await sender.send(unknown.request(), expect={404})).json
    return _passed({"read_alerts": "no: not offered here"}, document)


def _passed(found: dict[str, Any], document: Any) -> Result:
    """The result of a check, with `notes` for people: how far it went."""
    found = {**found, "change_alerts": "not tested"}
    notes = [f"{name.replace('_', ' ')}: {word}" for name, word in found.items()]
    return Result({"message": "Passed", **found, "notes": notes}, document)


async def _configuration(sender: Sender) -> dict[str, Any]:
    """Whether the key reads the configuration: what fails here leaves the connection as good as it is."""
    try:
        account = payload((await sender.send(GetAccount().request())).json)
    except Forbidden:
        return {"read_configuration": "no: the key lacks Configuration access"}
    except CommandFailed as error:
        return {"read_configuration": f"not known: {error.message}"}
    return {"read_configuration": "yes", "account": account.get("name") if isinstance(account, dict) else None}
