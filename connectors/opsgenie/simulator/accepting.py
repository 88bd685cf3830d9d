"""Answers to writes: done at once; or the 202, and how it went."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from connectors.opsgenie.simulator.instants import written
from connectors.opsgenie.simulator.ledger import Effect
from connectors.opsgenie.simulator.refusals import Refused
from connectors.opsgenie.simulator.routing import Answer, Call, data
from connectors.opsgenie.simulator.writes import Outcome

# The words are the same for a request that waits and for one nobody knows; only the header differs. The
# words of the second case are not recorded.
NOT_FOUND = "Request not found. It might not be processed, yet."
PENDING = {"X-Opsgenie-Errortype": "RequestNotProcessed"}


def accepted(call: Call, area: str, action: str, given: dict[str, Any], apply: Callable[[datetime], Outcome]) -> Answer:
    """Queue a change and promise to look at it."""
    call.company.accept(area, call.request_id, action, given=given, integration_id=call.key.integration_id, apply=apply)
    return Answer({"result": "Request will be processed"}, status=202)


def done(call: Call, area: str, result: str, subject_id: str, shown: Any = None, status: int = 200) -> Answer:
    """A change made on the spot: noted, and said in one word, with `shown` as data."""
    at = call.company.clock.now()
    # The ledger says what was done, as the request status does for what is processed later: Create, Update, Delete.
    action = result.removesuffix("d") if result.endswith("ed") else result
    call.company.note(Effect(at, call.request_id, area, action, subject_id, "", False, dict(call.body)))
    body = {"result": result} if shown is None else {"result": result, "data": shown}
    return Answer(body, status=status)


def request_status(call: Call, area: str, subject: str) -> Answer:
    """How a write went; a 404 with a header while it is still queued, one without for a stranger."""
    write = call.company.writes.find(area, call.named["requestId"])
    if write is None:
        raise Refused(404, NOT_FOUND)
    if write.outcome is None or write.processed_at is None:
        raise Refused(404, NOT_FOUND, headers=PENDING)
    outcome = write.outcome
    status = {
        "success": outcome.success,
        "action": write.action,
        "processedAt": written(write.processed_at),
        "integrationId": write.integration_id,
        "isSuccess": outcome.success,
        "status": outcome.text,
        subject: outcome.subject_id if outcome.success else "",
    }
    if area == "alerts":
        status["alias"] = outcome.alias if outcome.success else ""
    return data(status)
