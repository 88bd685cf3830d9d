"""The opsgenie connector holds to what every connector must, also against its simulator."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from connectors.opsgenie import connector as opsgenie
from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.testing import ConnectorConformance, SimulatedConformance


class TestOpsgenie(ConnectorConformance):
    connector = opsgenie


class TestOpsgenieSimulated(SimulatedConformance):
    connector = opsgenie
    NO_SUCH_ROUTE = "no handler"

    @contextmanager
    def simulator(self) -> Iterator[Simulator]:
        with Simulator() as simulator:
            simulator.process_after(0)
            for domain in simulator.state.limits.sizes():
                simulator.limit(domain, per_second=1e6, per_minute=1e6)
            yield simulator

    def settings(self, simulator: Simulator) -> dict[str, Any]:
        return {"server_url": simulator.url, "api_key": "env:CONFORMANCE_OPS_KEY"}

    def secrets(self, simulator: Simulator) -> dict[str, str]:
        return {"CONFORMANCE_OPS_KEY": simulator.key}
