"""What became of a change: done, refused, still queued, or not known."""

from __future__ import annotations

import pytest

from connectors.opsgenie.alerts.reading import GetRequestStatus
from connectors.opsgenie.statuses import StatusOf
from playbooks_engine.errors import NotFound
from playbooks_engine.testing import GivenSender, answer

STATUS = GetRequestStatus(request_id="r-1")


@pytest.mark.parametrize("success", [True, False])
async def test_a_processed_request_says_what_became_of_it(success: bool) -> None:
    data = {"isSuccess": success, "status": "Created alert"}
    assert (await STATUS.run(GivenSender(answer(200, {"data": data})))).output == data


async def test_a_queued_request_is_neither_done_nor_refused() -> None:
    queued = answer(
        404, {"message": "It might not be processed, yet."}, {"x-opsgenie-errortype": "RequestNotProcessed"}
    )
    result = await STATUS.run(GivenSender(queued))
    assert (result.output["isSuccess"], result.output["requestId"]) == (None, "r-1")
    assert result.output["status"] == "It might not be processed, yet."


async def test_an_unknown_request_is_not_found() -> None:
    with pytest.raises(NotFound, match="Request not found") as caught:
        await STATUS.run(GivenSender(answer(404, {"message": "Request not found."})))
    assert caught.value.status_code == 404


def test_every_status_is_asked_for_by_request_id() -> None:
    assert list(StatusOf.model_fields) == ["request_id"]
