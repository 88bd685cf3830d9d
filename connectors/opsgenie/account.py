"""The account as a whole: whether the connection works."""

from __future__ import annotations

from typing import Any

from connectors.opsgenie.shapes import Get
from playbooks_engine.sdk import Result


class TestConnection(
    Get,
    route="GET /v2/alerts?limit=1",
    area="account",
    limits="search",
    failure="Test Connection failed. Failed to check the connector.",
):
    """Check that the address answers and takes the key. Reads one alert, changes nothing."""

    __test__ = False  # pytest collects what is called Test...

    def result(self, document: Any) -> Result:
        super().result(document)
        return Result({"message": "Passed"}, document)
