"""Whether the connection works."""

from __future__ import annotations

import pytest

from connectors.opsgenie.account import TestConnection as Check
from playbooks_engine.errors import UnexpectedAnswer
from playbooks_engine.testing import GivenSender, answer


async def test_the_check_reads_one_alert_and_passes() -> None:
    sender = GivenSender(answer(200, {"data": [], "took": 0.1, "requestId": "r"}))
    result = await Check().run(sender)
    assert result.output == {"message": "Passed"}
    assert [(r.method, r.target) for r in sender.sent] == [("GET", "/v2/alerts?limit=1")]


async def test_an_answer_that_is_not_opsgenies_does_not_pass() -> None:
    with pytest.raises(UnexpectedAnswer):
        await Check().run(GivenSender(answer(200, {"status": "ok"})))


def test_a_failure_is_told_in_the_words_of_d3() -> None:
    assert Check.spec.failure == "Test Connection failed. Failed to check the connector."
