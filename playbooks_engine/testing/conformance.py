"""What every connector must hold to, as a test class: `class TestMine(ConnectorConformance): connector = mine`.

Pure checks: nothing is sent. `SimulatedConformance` goes on from here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar
from urllib.parse import quote

from pydantic import ValidationError

from playbooks_engine.errors import InvalidInput
from playbooks_engine.sdk import Command, Connection, Connector, HttpConnection, Write
from playbooks_engine.sdk.help import help_of
from playbooks_engine.testing.examples import holds_secret, required_inputs, value_of, variants

_SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_READING = frozenset({"GET", "HEAD"})
_AWKWARD = "a/b?c=d&e#f ü+%2e"
_CANARY = "canary-4f1d2a77-literal-key"
# Settings named like this hold a credential, and so a reference.
_CREDENTIAL = re.compile(r"(^|_)(key|token|secret|password|credential)s?($|_)|auth_header")


class ConnectorConformance:
    """Subclass it, and set `connector`."""

    connector: ClassVar[Connector]

    def test_names_are_snake_case(self) -> None:
        names = [self.connector.name, *self.connector.commands, *self.connector.streams]
        for command in self._commands():
            names += [f"{command.spec.name}.{name}" for name in command.model_fields]
        _none(f"{name!r} is not snake_case" for name in names if not all(map(_SNAKE.fullmatch, name.split("."))))

    def test_a_command_bears_the_name_it_is_known_by(self) -> None:
        _none(
            f"{name!r} holds the command {command.spec.name!r}"
            for name, command in self.connector.commands.items()
            if command.spec.name != name
        )

    def test_the_test_command_exists_and_only_reads(self) -> None:
        name = self.connector.test
        if name is None:
            return
        if name not in self.connector.commands:
            raise AssertionError(f"test={name!r} is no command")
        command = self.connector.commands[name]
        _none([f"{name} is a {command.spec.effect}; a health check only reads"] if not command.spec.reads else [])
        if required := required_inputs(command):
            raise AssertionError(f"{name} needs {', '.join(required)}; a health check gives no inputs")

    def test_every_command_and_every_input_has_help(self) -> None:
        _none(
            f"{command.spec.name}: {what} has no help"
            for command in self._commands()
            for what, help_text in [
                ("the command", command.spec.summary),
                *((name, help_of(command).get(name)) for name in command.model_fields),
            ]
            if not (help_text or "").strip()
        )

    def test_what_changes_something_says_what_a_lost_answer_means(self) -> None:
        _none(
            f"{command.spec.name} is a {command.spec.effect} and no Write: a lost answer would be repeated or forgotten"
            for command in self._commands()
            if not command.spec.reads and not issubclass(command, Write) and command.run is Command.run
        )

    def test_a_request_can_be_built_from_the_schema_alone(self) -> None:
        wrong = []
        for command in self._commands():
            try:
                request = command.read_inputs(required_inputs(command)).request()
            except InvalidInput as error:
                wrong.append(f"{command.spec.name}: {error.message} (give its inputs Field(examples=[...]))")
                continue
            if request.method != "CALL" and not request.path.startswith("/"):
                wrong.append(f"{command.spec.name}: the path {request.path!r} does not begin with /")
        _none(wrong)

    def test_building_a_request_twice_gives_the_same(self) -> None:
        _none(f"{c.spec.name}: request() is not pure" for c in self._examples() if c.request() != c.request())

    def test_what_reads_sends_nothing_but_reads(self) -> None:
        _none(
            f"{command.spec.name} says it reads, and sends {command.request().method}"
            for command in self._examples()
            if command.reads and command.request().method not in _READING | {"CALL"}
        )

    def test_no_call_does_more_than_its_declaration_says(self) -> None:
        order = ["read", "write", "destructive"]
        _none(
            f"{command.spec.name} is declared {command.spec.effect}, and {command.request().method} is {command.effect}"
            for command in self._examples()
            if order.index(command.effect) > order.index(command.spec.effect)
        )

    def test_what_stands_in_a_path_is_encoded(self) -> None:
        wrong = []
        for command in self._commands():
            for name in command.spec.path_fields:
                try:
                    request = command.read_inputs({**required_inputs(command), name: _AWKWARD}).request()
                except InvalidInput:
                    continue
                if quote(_AWKWARD, safe="") not in request.path:
                    wrong.append(f"{command.spec.name}: {name} stands in the path as {request.path!r}")
        _none(wrong)

    def test_a_step_in_a_path_is_refused(self) -> None:
        wrong = []
        for command in self._commands():
            for name in command.spec.path_fields:
                for step in ("..", "."):
                    try:
                        request = command.read_inputs({**required_inputs(command), name: step}).request()
                    except InvalidInput:
                        continue
                    wrong.append(f"{command.spec.name}: {name}={step!r} gives {request.path!r}")
        _none(wrong)

    def test_settings_have_help(self) -> None:
        _none(
            f"the setting {name} has no help"
            for name, field in self.connector.connection.model_fields.items()
            if not field.description
        )

    def test_settings_named_like_credentials_hold_references(self) -> None:
        _none(
            f"the setting {name} holds a credential in clear; make it a Secret"
            for name, schema in self._settings().items()
            if _CREDENTIAL.search(name) and not holds_secret(schema)
        )

    def test_a_literal_secret_is_refused_and_shown_nowhere(self) -> None:
        wrong = []
        for name, schema in self._settings().items():
            if not holds_secret(schema):
                continue
            try:
                self._connection(**{name: value_of(schema, self._schema(), secret=_CANARY, name="X-Name")})
            except ValidationError as error:
                if _CANARY in str(error) + repr(error.errors(include_url=False, include_input=False)):
                    wrong.append(f"the refusal of a literal {name} shows it")
            else:
                wrong.append(f"the setting {name} takes a literal secret")
        _none(wrong)

    def test_a_connection_never_shows_what_its_secrets_hold(self) -> None:
        secrets = {
            name: value_of(schema, self._schema(), name="X-Name")
            for name, schema in self._settings().items()
            if holds_secret(schema)
        }
        connection = self._connection(**secrets)
        if isinstance(connection, HttpConnection):
            connection.headers(lambda secret: _CANARY)
        _none(
            ["a connection shows a revealed secret"]
            if _CANARY in repr(connection) + str(connection) + connection.model_dump_json()
            else []
        )

    def _commands(self) -> Iterable[type[Command]]:
        return self.connector.commands.values()

    def _examples(self) -> Iterator[Command]:
        """Commands of every kind; inputs that do not go together are left out."""
        for command in self._commands():
            for inputs in variants(command):
                try:
                    example = command.read_inputs(inputs)
                    example.request()
                except InvalidInput:
                    continue
                yield example

    def _schema(self) -> dict[str, Any]:
        return self.connector.connection.model_json_schema()

    def _settings(self) -> dict[str, Any]:
        settings: dict[str, Any] = self._schema()["properties"]
        return settings

    def _connection(self, **settings: Any) -> Connection:
        schema = self._schema()
        needed = {name: value_of(schema["properties"][name], schema) for name in schema["required"]}
        return self.connector.connection.model_validate({**needed, "connector": self.connector.name, **settings})


def _none(wrong: Iterable[str]) -> None:
    if found := list(wrong):
        raise AssertionError("\n".join(found))
