"""A simulated Opsgenie whose time stands still, and clients of it."""

import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from connectors.opsgenie.simulator.running import Simulator

# Made once: loading the certificates of a whole system for each client takes longer than the tests.
NO_TLS = ssl.create_default_context()

NOW = datetime(2026, 3, 27, 10, 0, tzinfo=UTC)


@pytest.fixture
def opsgenie() -> Iterator[Simulator]:
    with Simulator(now=NOW, frozen=True, seed={"alerts": [], "incidents": []}) as simulator:
        yield simulator


@pytest.fixture
def client_of() -> Iterator[Callable[..., httpx.Client]]:
    clients: list[httpx.Client] = []

    def make(simulator: Simulator, key: str | None = None) -> httpx.Client:
        headers = {"Authorization": f"GenieKey {key or simulator.key}"}
        clients.append(httpx.Client(base_url=simulator.url, headers=headers, timeout=5, trust_env=False, verify=NO_TLS))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def client(opsgenie: Simulator, client_of: Callable[..., httpx.Client]) -> httpx.Client:
    return client_of(opsgenie)


@pytest.fixture
def ask(client: httpx.Client) -> Callable[..., Any]:
    """GET something and take its data."""

    def get(path: str, **query: Any) -> Any:
        answer = client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    return get


@pytest.fixture
def write(opsgenie: Simulator, client: httpx.Client) -> Callable[..., Any]:
    """Send a write, let it be processed, and take its request status."""

    def send(method: str, path: str, body: Any = None, area: str = "v2/alerts", **query: Any) -> Any:
        answer = client.request(method, path, json=body, params=query)
        assert answer.status_code == 202, answer.text
        opsgenie.advance(1)
        return client.get(f"/{area}/requests/{answer.json()['requestId']}").json()["data"]

    return send


@pytest.fixture
def do(client: httpx.Client) -> Callable[..., Any]:
    """Send a request that is answered at once, look at its status, and take the whole body."""

    def send(method: str, path: str, body: Any = None, status: int = 200, **query: Any) -> Any:
        answer = client.request(method, path, json=body, params=query)
        assert answer.status_code == status, answer.text
        return answer.json()

    return send
