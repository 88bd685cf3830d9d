"""What became of a change that was accepted: read by its request id."""

from __future__ import annotations

from pydantic import Field

from connectors.opsgenie.connection import PENDING
from connectors.opsgenie.shapes import Get
from playbooks_engine.errors import NotFound
from playbooks_engine.sdk import Result, Sender


class StatusOf(Get):
    """The status of one request; one that is still queued has `isSuccess: null`."""

    request_id: str = Field(examples=["c5b8b8a4-2e9c-4c31-9fd4-2b0b4f0a6c11"])
    """The request id, as the answer to a change gives it."""

    async def run(self, sender: Sender) -> Result:
        answer = await sender.send(self.request(), expect={404})
        if answer.status < 400:
            return self.result(answer.json)
        document = answer.json
        said = str(document.get("message") if isinstance(document, dict) else "") or "There is no such request."
        name, value = PENDING
        if answer.headers.get(name) != value:
            # The vendor forgets requests after a while; without the header it is not one that is still queued.
            raise NotFound(said, status_code=404, hint="Look at the request id; old ones are forgotten.")
        waiting = {"isSuccess": None, "success": None, "status": said, "requestId": self.request_id}
        return Result(waiting, {**document, "data": waiting})
