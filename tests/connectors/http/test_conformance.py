"""The http connector holds to what every connector must, also against a service that answers whatever it is asked."""

from __future__ import annotations

from typing import Any, ClassVar

from connectors.http import connector as http
from playbooks_engine.sdk import Command
from playbooks_engine.testing import ConnectorConformance, SimulatedConformance


class TestHttp(ConnectorConformance):
    connector = http


class TestHttpThatReads(SimulatedConformance):
    connector = http
    METHOD: ClassVar[str] = "GET"
    # Whoever answers this is there, and did not refuse the key.
    TAKEN: ClassVar = {"test_connection": frozenset({404, 422})}

    def inputs(self, command: type[Command]) -> dict[str, Any]:
        more = {"method": self.METHOD, "path_values": {"name": "ana"}} if command.spec.name == "request" else {}
        return {**super().inputs(command), **more, **({"path": "/users/{name}"} if more else {})}


class TestHttpThatWrites(TestHttpThatReads):
    METHOD = "POST"


class TestHttpThatDestroys(TestHttpThatReads):
    METHOD = "DELETE"
