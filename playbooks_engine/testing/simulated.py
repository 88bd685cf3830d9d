"""What every connector must hold to against a simulator of its service: requests are really sent, and nothing waits."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from playbooks_engine.errors import CommandFailed
from playbooks_engine.sdk import Command, Connector
from playbooks_engine.sdk.file import FOLDER
from playbooks_engine.testing.answering import AnsweringService
from playbooks_engine.testing.clock import START
from playbooks_engine.testing.examples import holds_secret, required_inputs, value_of

if TYPE_CHECKING:
    from playbooks_engine.runtime.engine import Engine


class Asked(Protocol):
    """One request that a simulator was sent."""

    method: str
    path: str


class Simulated(Protocol):
    """What the checks need of a simulator."""

    @property
    def ledger(self) -> Sequence[Asked]:
        """Every request so far."""

    def misbehave(self, kind: str, times: int, *, status: int) -> None:
        """With kind `error`: answer the next requests, `times` of them, with this status, and do nothing."""

    def behave(self) -> None:
        """Answer as always again."""


class SimulatedConformance:
    """Subclass it, and set `connector`: its commands are sent to a service that answers whatever it is asked.

    With a simulator that knows the service, give that as `simulator`, and `settings` and `secrets` of a connection.
    """

    connector: ClassVar[Connector]

    # What the service's own words for a route that it does not have contain.
    NO_SUCH_ROUTE: ClassVar[str | None] = None
    REFUSALS: ClassVar[Mapping[int, str]] = {
        401: "auth", 403: "forbidden", 404: "not_found", 422: "unprocessable", 429: "rate_limited",
    }  # fmt: skip
    # What may come of a request for something that is not there: the service's own refusals.
    ANSWERS: ClassVar[frozenset[str]] = frozenset(
        {"bad_request", "forbidden", "not_found", "conflict", "unprocessable", "in_use", "rejected"}
    )

    # By command, the statuses of REFUSALS that are an answer to it.
    TAKEN: ClassVar[Mapping[str, frozenset[int]]] = {}
    # Commands that ask nothing which the simulator's ledger holds.
    UNSEEN: ClassVar[frozenset[str]] = frozenset()

    def simulator(self) -> AbstractContextManager[Any]:
        """A new simulator that processes at once and limits nothing: a `Simulated`, at the least."""
        return AnsweringService()

    def settings(self, simulator: Any) -> dict[str, Any]:
        """Settings of a connection to it; secrets as `env:NAME`."""
        schema = self.connector.connection.model_json_schema()
        needed = {name: value_of(schema["properties"][name], schema) for name in schema.get("required", [])}
        secret = {
            name: value_of(part, schema, secret=f"env:{_variable(name)}", name="X-Name")
            for name, part in schema["properties"].items()
            if holds_secret(part)
        }
        return {**needed, "server_url": simulator.url, **secret, "connector": self.connector.name}

    def secrets(self, simulator: Any) -> dict[str, str]:
        """What each of those names holds."""
        properties = self.connector.connection.model_json_schema()["properties"]
        return {
            _variable(name): f"conformance-{name}-4f1d2a77" for name, part in properties.items() if holds_secret(part)
        }

    def inputs(self, command: type[Command]) -> dict[str, Any]:
        """Inputs to call a command with."""
        return required_inputs(command)

    def test_each_route_is_answered_in_the_services_own_words(self) -> None:
        wrong = []
        with self._bench() as bench:
            for name, ended in bench.call_all().items():
                known = not isinstance(ended, CommandFailed) or ended.type in self.ANSWERS
                missing = self.NO_SUCH_ROUTE is not None and self.NO_SUCH_ROUTE in str(ended).lower()
                if not known or missing or not (bench.asked[name] or name in self.UNSEEN):
                    wrong.append(f"{name}: asked {bench.asked[name]}, got {ended!r}")
        _none(wrong)

    def test_each_refusal_becomes_a_named_error_of_three_parts(self) -> None:
        wrong = []
        with self._bench() as bench:
            for status, kind in sorted(self.REFUSALS.items()):  # 429 the last: what throttles goes on
                bench.simulator.behave()
                bench.simulator.misbehave("error", 10**9, status=status)
                for name, ended in bench.call_all().items():
                    if status in self.TAKEN.get(name, ()):
                        continue
                    if not isinstance(ended, CommandFailed):
                        wrong.append(f"{name}: a {status} passes for a success")
                    elif (ended.type, ended.status_code) != (kind, status):
                        wrong.append(f"{name}: a {status} becomes {ended.type} {ended.status_code}, not {kind}")
                    elif not str(ended).startswith(f"{self._failure(name)} Status Code: {status}. Message: "):
                        wrong.append(f"{name}: a {status} is told as {ended}")
        _none(wrong)

    def test_a_plan_sends_no_change(self) -> None:
        wrong = []
        with self._bench() as bench:
            for name, ended in bench.call_all(plan=True).items():
                sent = bench.asked[name]
                if isinstance(ended, CommandFailed) or ended.planned is None:
                    wrong += [] if bench.made[name].reads else [f"{name} was not planned: {ended!r}"]
                elif sent:
                    wrong.append(f"{name} sent {sent} in a plan")
        _none(wrong)

    def test_no_secret_is_in_the_store_the_log_or_an_error(self) -> None:
        wrong = []
        for status in (None, 500):
            with self._bench() as bench:
                if status:
                    bench.simulator.misbehave("error", 10**9, status=status)
                ended = bench.call_all().values()
                told = "".join(f"{e} {e!r} {e.as_json()}" for e in ended if isinstance(e, CommandFailed))
                for place, text in [("an error", told), ("the log", bench.log()), ("the store", bench.stored())]:
                    wrong += [
                        f"{place} shows {n}" for n, value in self.secrets(bench.simulator).items() if value in text
                    ]
        _none(wrong)

    def _failure(self, name: str) -> str:
        return self.connector.commands[name].spec.failure

    @contextmanager
    def _bench(self) -> Iterator[_Bench]:
        """An engine of its own, on a simulator of its own."""
        from tempfile import TemporaryDirectory

        from playbooks_engine.runtime.catalog import Catalog
        from playbooks_engine.runtime.engine import Engine

        with (
            self.simulator() as simulator,
            TemporaryDirectory() as folder,
            _environment(self.secrets(simulator)),
            _logged() as written,
            asyncio.Runner() as runner,
        ):
            allow = dict.fromkeys(self.connector.areas, "full")
            connection = {"connector": self.connector.name, "allow": allow, **self.settings(simulator)}
            (Path(folder) / "project.yml").write_text(json.dumps({"connections": {"it": connection}}))
            for command in self.connector.commands.values():
                for name in command.spec.file_fields:
                    path = Path(folder) / FOLDER / self.inputs(command)[name]
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text("example")
            engine = Engine.open(Path(folder), clock=_Skipping(), catalog=Catalog.of(self.connector))
            bench = _Bench(simulator, engine, runner, written, self.connector, self.inputs)
            try:
                yield bench
            finally:
                bench.close()


@dataclass
class _Bench:
    """Calls of every command, and what each sent."""

    simulator: Simulated
    engine: Engine
    runner: asyncio.Runner
    written: io.StringIO
    connector: Connector
    inputs: Callable[[type[Command]], dict[str, Any]]
    made: dict[str, Command] = field(default_factory=dict)
    asked: dict[str, list[str]] = field(default_factory=dict)
    is_open: bool = True

    def call_all(self, *, plan: bool = False) -> dict[str, Any]:
        """Call every command; how each ended."""
        return self.runner.run(self._call_all(plan))

    async def _call_all(self, plan: bool) -> dict[str, Any]:
        from playbooks_engine.runtime.records import Actor

        ended: dict[str, Any] = {}
        for name, command in self.connector.commands.items():
            before = len(self.simulator.ledger)
            made = self.made[name] = self.engine.calling.command("it", name, self.inputs(command))
            try:
                ended[name] = await self.engine.calling.call("it", made, Actor("person", "conformance"), plan=plan)
            except CommandFailed as error:
                ended[name] = error
            self.asked[name] = [f"{one.method} {one.path}" for one in self.simulator.ledger[before:]]
        return ended

    def log(self) -> str:
        return self.written.getvalue()

    def stored(self) -> str:
        """Everything in the project's own folder."""
        self.close()
        folder = self.engine.project.folder / ".playbooks"
        return "".join(path.read_bytes().decode("latin-1") for path in folder.rglob("*") if path.is_file())

    def close(self) -> None:
        if self.is_open:
            self.is_open = False
            self.runner.run(self.engine.close())


def _variable(setting: str) -> str:
    return f"CONFORMANCE_{setting.upper()}"


class _Skipping:
    """A clock on which whoever waits is woken at once."""

    def __init__(self) -> None:
        self._elapsed = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        self._elapsed += max(seconds, 0.0)


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


@contextmanager
def _logged() -> Iterator[io.StringIO]:
    """Everything that anybody logs."""
    written = io.StringIO()
    handler, root = logging.StreamHandler(written), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield written
    finally:
        root.setLevel(level)
        root.removeHandler(handler)


def _none(wrong: list[str]) -> None:
    if wrong:
        raise AssertionError("\n".join(wrong))
