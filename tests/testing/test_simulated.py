"""The ready-made checks against a simulator let a good connector through and name what is wrong with others."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from playbooks_engine.errors import CommandFailed, NotFound
from playbooks_engine.sdk import (
    Answer,
    Command,
    Connector,
    HttpConnection,
    Request,
    Result,
    Reveal,
    Secret,
    Sender,
    Spec,
    Write,
)
from playbooks_engine.testing import SimulatedConformance

KEY = "f3b1-key-of-the-simulator"


@dataclass
class Asked:
    method: str
    path: str


class Tiny:
    """A service with things, which refuses everything when told to."""

    def __init__(self) -> None:
        self.ledger: list[Asked] = []
        self.status = 200
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                service.ledger.append(Asked(self.command, self.path))
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.send_response(service.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            do_PUT = do_GET

            def log_message(self, *_: Any) -> None:
                """Nothing on stderr."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def misbehave(self, kind: str, times: int, *, status: int) -> None:
        self.status = status

    def behave(self) -> None:
        self.status = 200


class TinyConnection(HttpConnection):
    """Good."""

    api_key: Secret
    """Where the key is kept."""

    def headers(self, reveal: Reveal) -> dict[str, str]:
        return {"Authorization": reveal(self.api_key)}


class GetThing(Command, route="GET /things/{name}", area="things"):
    """Get a thing."""

    name: str
    """Its name."""


class PutThing(Write, route="PUT /things/{name}", area="things", repeat="safe"):
    """Put a thing."""

    name: str
    """Its name."""


class Hopeful(GetThing, route="GET /things/{name}"):
    """Takes a refusal for an answer."""

    async def run(self, sender: Sender) -> Result:
        return self.result((await sender.send(self.request(), expect={403})).json)


class Telling(TinyConnection):
    """Tells its key when it is refused."""

    def failure(self, spec: Spec, request: Request, answer: Answer, name: str) -> CommandFailed | None:
        plain = super().failure(spec, request, answer, name)
        return plain and type(plain)(f"The service refused {KEY}.", status_code=plain.status_code)


class Misnaming(TinyConnection):
    """Calls each refusal something else."""

    def failure(self, spec: Spec, request: Request, answer: Answer, name: str) -> CommandFailed | None:
        plain = super().failure(spec, request, answer, name)
        return plain and NotFound("Gone.", status_code=404)


def suite(connection: type[HttpConnection], *commands: type[Command]) -> SimulatedConformance:
    class Suite(SimulatedConformance):
        connector = Connector(
            name="tiny", title="Tiny", connection=connection, commands={c.spec.name: c for c in commands}, test=None
        )

        @contextmanager
        def simulator(self) -> Iterator[Tiny]:
            tiny = Tiny()
            thread = threading.Thread(target=tiny.server.serve_forever, args=(0.01,), daemon=True)
            thread.start()
            try:
                yield tiny
            finally:
                tiny.server.shutdown()
                thread.join()
                tiny.server.server_close()

        def settings(self, simulator: Tiny) -> dict[str, Any]:
            host, port = simulator.server.server_address[:2]
            return {"server_url": f"http://{host}:{port}", "api_key": "env:TINY_KEY"}

        def secrets(self, simulator: Tiny) -> dict[str, str]:
            return {"TINY_KEY": KEY}

    return Suite()


CHECKS = [name for name in dir(SimulatedConformance) if name.startswith("test_")]
REFUSALS = "test_each_refusal_becomes_a_named_error_of_three_parts"


@pytest.mark.parametrize("check", CHECKS)
def test_a_good_connector_passes(check: str) -> None:
    getattr(suite(TinyConnection, GetThing, PutThing), check)()


def test_a_refusal_that_passes_for_a_success_is_named() -> None:
    with pytest.raises(AssertionError, match="hopeful: a 403 passes for a success"):
        getattr(suite(TinyConnection, Hopeful), REFUSALS)()


def test_a_refusal_of_another_name_is_named() -> None:
    with pytest.raises(AssertionError, match="get_thing: a 401 becomes not_found 404, not auth"):
        getattr(suite(Misnaming, GetThing), REFUSALS)()


def test_an_error_that_shows_the_key_is_named_without_the_key() -> None:
    with pytest.raises(AssertionError, match="an error shows TINY_KEY") as raised:
        suite(Telling, GetThing).test_no_secret_is_in_the_store_the_log_or_an_error()
    assert KEY not in str(raised.value)


def test_a_route_that_the_service_does_not_have_is_named() -> None:
    made = suite(Misnaming, GetThing)
    made.NO_SUCH_ROUTE = "gone"  # type: ignore[misc]
    simulator = made.simulator

    @contextmanager
    def refusing() -> Iterator[Tiny]:
        with simulator() as tiny:
            tiny.status = 404
            yield tiny

    made.simulator = refusing  # type: ignore[method-assign]
    with pytest.raises(AssertionError, match="get_thing: asked"):
        made.test_each_route_is_answered_in_the_services_own_words()
