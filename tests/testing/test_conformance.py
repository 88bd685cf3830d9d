"""The ready-made checks let good connectors through and name what is wrong with others."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from playbooks_engine.sdk import Command, Connector, HttpConnection, Request, Reveal, Secret, Write
from playbooks_engine.testing import ConnectorConformance


class GoodConnection(HttpConnection):
    """Good."""

    api_key: Secret
    """Where the key is kept."""

    def headers(self, reveal: Reveal) -> dict[str, str]:
        return {"Authorization": reveal(self.api_key)}


class GetThing(Command, route="GET /things/{name}", area="things"):
    """Get a thing."""

    name: str
    """Its name."""


class CheckIt(Command, route="GET /check", area="account"):
    """Check."""


GOOD = Connector(
    name="good",
    title="Good",
    connection=GoodConnection,
    commands={"get_thing": GetThing, "check_it": CheckIt},
    test="check_it",
)


class Unencoded(GetThing, route="GET /things/{name}"):
    """Builds its path by hand."""

    def request(self) -> Request:
        return Request("GET", f"/things/{self.name}")


class ReadByPost(Command, route="POST /search", area="things", effect="read"):
    """Reads with a POST."""


class MoreThanItSays(Write, route="PUT /things", area="things", repeat="safe"):
    """Destroys."""

    @property
    def effect(self) -> Any:
        return "destructive"


class NoWrite(Command, route="POST /things", area="things", repeat="unsafe"):
    """Changes something and is no Write."""


class Unbuildable(Command, route="GET /things", area="things"):
    """Refuses what its schema admits."""

    name: str
    """Its name."""

    def request(self) -> Request:
        return self.read_inputs({}).request()


class Counting(Command, route="GET /things", area="things"):
    """Builds another request each time."""

    def request(self) -> Request:
        return Request("GET", f"/things/{next(NUMBERS)}")


NUMBERS = count()


class Nowhere(Command, route="GET things", area="things"):
    """A path without a slash."""


class ClearKey(HttpConnection):
    """Keeps its key in clear."""

    api_key: str
    """The key."""


class Helpless(HttpConnection):
    """Has a setting without help."""

    region: str = "eu"


class Telling(GoodConnection):
    """Remembers what its secrets hold."""

    def headers(self, reveal: Reveal) -> dict[str, str]:
        self.__dict__["description"] = reveal(self.api_key)
        return {}


def with_command(command: type[Command], **more: Any) -> Connector:
    return replace(GOOD, commands={**GOOD.commands, command.spec.name: command}, **more)


def checks() -> list[str]:
    return [name for name in dir(ConnectorConformance) if name.startswith("test_")]


def failures(connector: Connector) -> dict[str, str]:
    subject = type("Subject", (ConnectorConformance,), {"connector": connector})()
    found = {}
    for name in checks():
        try:
            getattr(subject, name)()
        except AssertionError as error:
            found[name] = str(error)
    return found


def test_a_good_connector_passes_every_check() -> None:
    assert failures(GOOD) == {}


@pytest.mark.parametrize(
    ("connector", "check", "says"),
    [
        (replace(GOOD, name="Good"), "test_names_are_snake_case", "'Good' is not snake_case"),
        (
            replace(GOOD, commands={"other": GetThing}, test=None),
            "test_a_command_bears_the_name_it_is_known_by",
            "'other' holds the command 'get_thing'",
        ),
        (replace(GOOD, test="nothing"), "test_the_test_command_exists_and_only_reads", "is no command"),
        (replace(GOOD, test="get_thing"), "test_the_test_command_exists_and_only_reads", "needs name"),
        (
            with_command(MoreThanItSays, test="more_than_it_says"),
            "test_the_test_command_exists_and_only_reads",
            "a health check only reads",
        ),
        (with_command(NoWrite), "test_what_changes_something_says_what_a_lost_answer_means", "no_write is a write"),
        (with_command(Unbuildable), "test_a_request_can_be_built_from_the_schema_alone", "`name` is missing"),
        (with_command(Nowhere), "test_a_request_can_be_built_from_the_schema_alone", "does not begin with /"),
        (with_command(Counting), "test_building_a_request_twice_gives_the_same", "request() is not pure"),
        (with_command(ReadByPost), "test_what_reads_sends_nothing_but_reads", "says it reads, and sends POST"),
        (with_command(MoreThanItSays), "test_no_call_does_more_than_its_declaration_says", "is declared write"),
        (with_command(Unencoded), "test_what_stands_in_a_path_is_encoded", "name stands in the path as"),
        (with_command(Unencoded), "test_a_step_in_a_path_is_refused", "name='..' gives '/things/..'"),
        (replace(GOOD, connection=Helpless), "test_settings_have_help", "region has no help"),
        (
            replace(GOOD, connection=ClearKey),
            "test_settings_named_like_credentials_hold_references",
            "api_key holds a credential in clear",
        ),
        (
            replace(GOOD, connection=Telling),
            "test_a_connection_never_shows_what_its_secrets_hold",
            "shows a revealed secret",
        ),
    ],
)
def test_what_is_wrong_is_named(connector: Connector, check: str, says: str) -> None:
    assert says in failures(connector)[check]


def test_a_secret_that_takes_literals_is_found() -> None:
    class Loose(HttpConnection):
        """Takes anything where a reference should stand."""

        api_key: Any = None
        """The key."""

        @classmethod
        def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
            return GoodConnection.model_json_schema()

    says = failures(replace(GOOD, connection=Loose))["test_a_literal_secret_is_refused_and_shown_nowhere"]
    assert says == "the setting api_key takes a literal secret"


def test_a_command_whose_help_was_taken_away_is_found() -> None:
    class Mute(Command, route="GET /things", area="things"):
        """Loses its words."""

    Mute.spec = replace(Mute.spec, summary=" ")
    says = failures(with_command(Mute))["test_every_command_and_every_input_has_help"]
    assert says == "mute: the command has no help"
