"""Whether messages could be sent."""

from __future__ import annotations

from playbooks_engine.sdk import Command, Result, Sender


class TestConnection(Command, route="CALL /reach", effect="read", area="messages", failure="Test Connection failed."):
    """Check each address as far as that goes without sending a message: `notes` say how far that was.

    A mail server is asked whether it is there and knows the user. Of a webhook (json://, xml://, form://) it is seen
    whether its host takes connections. Of any other service only the address is read, because the service tells
    nothing before it gets a message.
    """

    __test__ = False  # pytest collects what is called Test...

    async def run(self, sender: Sender) -> Result:
        notes = [f"{one.address}: {one.found}" for one in await sender.reach()]
        found = {"message": "Passed", "notes": notes}
        return Result(found, found)
