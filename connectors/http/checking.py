"""Whether a service answers and takes the key."""

from __future__ import annotations

from typing import Any

from playbooks_engine.sdk import Command, Result, Sender

# Many services have nothing at their address itself: any answer but these says that somebody is there.
_REFUSALS = frozenset({401, 403, 407, 429})
_ANSWERS = frozenset(range(300, 500)) - _REFUSALS


class TestConnection(Command, route="GET /", area="requests", failure="Test Connection failed."):
    """Check that the service answers at its address and does not refuse the key. Changes nothing."""

    __test__ = False  # pytest collects what is called Test...
    patient = False

    async def run(self, sender: Sender) -> Result:
        answer = await sender.send(self.request(), expect=_ANSWERS)
        found: dict[str, Any] = {"message": "Passed", "status": answer.status}
        return Result(found, found)
