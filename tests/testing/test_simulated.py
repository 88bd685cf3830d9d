"""The ready-made checks against a simulator let a good connector through and name what is wrong with others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from playbooks_engine.errors import CommandFailed, NotFound
from playbooks_engine.sdk import (
    Answer,
    Command,
    Connector,
    Effect,
    HttpConnection,
    Request,
    Result,
    Reveal,
    Secret,
    Sender,
    Spec,
    Write,
)
from playbooks_engine.testing import AnsweringService, SimulatedConformance

KEY = "f3b1-key-of-the-simulator"


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

        def secrets(self, simulator: AnsweringService) -> dict[str, str]:
            return {"CONFORMANCE_API_KEY": KEY}

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
    with pytest.raises(AssertionError, match="an error shows CONFORMANCE_API_KEY") as raised:
        suite(Telling, GetThing).test_no_secret_is_in_the_store_the_log_or_an_error()
    assert KEY not in str(raised.value)


def test_a_route_that_the_service_does_not_have_is_named() -> None:
    made = suite(Misnaming, GetThing)
    made.NO_SUCH_ROUTE = "gone"  # type: ignore[misc]

    @contextmanager
    def refusing() -> Iterator[AnsweringService]:
        with AnsweringService() as service:
            service.misbehave("error", 1_000, status=404)
            yield service

    made.simulator = refusing  # type: ignore[method-assign]
    with pytest.raises(AssertionError, match="get_thing: asked"):
        made.test_each_route_is_answered_in_the_services_own_words()


def test_a_refusal_may_be_an_answer_to_one_command() -> None:
    made = suite(TinyConnection, Hopeful)
    made.TAKEN = {"hopeful": frozenset({403})}  # type: ignore[misc]
    getattr(made, REFUSALS)()


class Choosing(PutThing, route="ANY /things/{name}"):
    """Puts or gets a thing, as its name says."""

    @property
    def effect(self) -> Effect:
        return "read" if self.name == "example" else "write"

    def request(self) -> Request:
        return Request("GET" if self.reads else "PUT", "/things/it")


def test_in_a_plan_a_call_is_judged_by_what_it_does() -> None:
    suite(TinyConnection, Choosing).test_a_plan_sends_no_change()


class Unplanned(PutThing, route="PUT /things/{name}"):
    """Takes a failure for a plan."""

    async def run(self, sender: Sender) -> Result:
        return Result({}, {})


def test_a_change_that_is_not_planned_is_named() -> None:
    with pytest.raises(AssertionError, match="unplanned was not planned"):
        suite(TinyConnection, Unplanned).test_a_plan_sends_no_change()
