"""A command is its declaration: what it must say, and what follows from it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from playbooks_engine.errors import InvalidInput
from playbooks_engine.sdk import (
    FILE,
    IN_QUERY,
    KEY,
    NOT_SENT,
    Command,
    File,
    FilePath,
    Moment,
    Request,
    Result,
    Write,
    as_text,
)
from playbooks_engine.testing import GivenSender, answer


class GetThing(Command, route="GET /things/{name}?view=full", area="things", limits="search", right="Read"):
    """Retrieve one thing.

    More about it.
    """

    name: str
    """The name of the thing."""
    page_size: int | None = Field(None, ge=1, le=100)
    """How many."""
    deep: bool = False
    """All of it."""
    only_tags: list[str] | None = None
    """Tags."""
    at: Moment | None = Field(None, serialization_alias="date")
    """When."""


class Shape(BaseModel):
    first_name: str
    last_name: str | None = None


class PutThing(Write, route="PUT /things/{name}", area="things", repeat="safe"):
    """Replace a thing."""

    name: str
    """The name of the thing."""
    new_colour: str = "red"
    """Its colour."""
    owner: Shape | None = None
    """Whose it is."""
    details: dict[str, str] | None = None
    """Pairs."""
    name_type: Annotated[Literal["id", "name"], IN_QUERY] = "id"
    """How the name is read."""
    patience: Annotated[int, NOT_SENT] = 3
    """For us only."""


class SendThing(Write, route="POST /things/{name}", area="things", repeat="unsafe"):
    """Send a thing."""

    name: str
    """The name of the thing."""
    picture: Annotated[FilePath, FILE] = Field(serialization_alias="image")
    """What it looks like."""
    plan: Annotated[FilePath | None, FILE] = None
    """How it is made."""
    colour: str | None = None
    """Its colour."""


def test_an_input_that_names_a_file_stands_in_no_body() -> None:
    request = SendThing.read_inputs({"name": "a", "picture": "a.png", "colour": "red"}).request()
    assert request == Request("POST", "/things/a", body={"colour": "red"}, files={"image": File("a.png")})
    assert SendThing.spec.file_fields == {"picture", "plan"}


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_what_has_no_body_carries_no_file(method: str) -> None:
    inputs = {"__annotations__": {"picture": Annotated[FilePath, FILE]}}
    with pytest.raises(TypeError, match=f"a {method} carries no file"):
        declare(f"{method} /x", inputs=inputs, effect="write", repeat="unsafe")


def declare(route: str = "GET /x", doc: str | None = "A doc.", inputs: Any = None, **declared: Any) -> type[Command]:
    body = {"__doc__": doc, "__module__": __name__, **(inputs or {})}
    base = declared.pop("base", Command)
    return type(base)("Declared", (base,), body, route=route, **({"area": "things"} | declared))


def test_the_class_name_is_the_command_in_snake_case_and_the_label_in_words() -> None:
    assert (GetThing.spec.name, GetThing.spec.label, GetThing.spec.failure) == (
        "get_thing",
        "Get Thing",
        "Get Thing failed.",
    )


def test_the_first_line_of_the_docstring_is_the_summary() -> None:
    assert GetThing.spec.summary == "Retrieve one thing."


def test_a_label_and_a_failure_can_be_declared() -> None:
    spec = declare(label="On-call", failure="It broke.").spec
    assert (spec.label, spec.failure) == ("On-call", "It broke.")


@pytest.mark.parametrize(
    ("method", "effect"),
    [("GET", "read"), ("POST", "write"), ("PUT", "write"), ("PATCH", "write"), ("DELETE", "destructive")],
)
def test_the_method_gives_the_effect(method: str, effect: str) -> None:
    assert declare(f"{method} /x", repeat="safe").spec.effect == effect


def test_a_declared_effect_overrides_the_one_of_the_method() -> None:
    ping = declare(effect="write", repeat="safe")
    assert ping.spec.effect == "write"
    assert not ping.spec.reads
    assert not ping().reads


def test_a_read_is_always_safe_to_repeat() -> None:
    assert (GetThing.spec.repeat, GetThing(name="a").when_lost, GetThing(name="a").reads) == ("safe", "safe", True)


def test_a_declaration_is_inherited_all_but_route_label_and_failure() -> None:
    class Base(Command, route="GET /base", area="things", limits="slow", label="Base", failure="Base broke."):
        """A base."""

    class Child(Base, route="GET /child", area="others"):
        """A child."""

    spec = Child.spec
    assert (spec.area, spec.limits, spec.label, spec.failure) == ("others", "slow", "Child", "Child failed.")


def test_a_base_without_a_route_is_no_command() -> None:
    class Base(Command, area="things"):
        """A base."""

    assert not hasattr(Base, "spec")


@pytest.mark.parametrize(
    ("declared", "why"),
    [
        ({"doc": None}, "docstring"),
        ({"doc": "  "}, "docstring"),
        ({"route": "GET /x/{name}"}, r"the path names \['name'\], which are no inputs"),
        ({"route": "POST /x"}, "repeat="),
        ({"route": "DELETE /x"}, "repeat="),
        ({"effect": "write"}, "repeat="),
        ({"route": "FETCH /x"}, "does not begin with one of GET"),
        ({"route": "/x"}, "does not begin with one of GET"),
        ({"route": "ANY /"}, r"request\(\) of its own"),
        ({"effect": "harmless"}, "effect='harmless' is none of read, write, destructive"),
        ({"route": "POST /x", "repeat": "often"}, "repeat='often' is none of safe, keyed, verify, unsafe"),
        ({"rout": "GET /x"}, "declares 'rout'; a command declares route"),
        ({"base": Write, "route": "POST /x", "repeat": "keyed"}, r"needs look\(\)"),
        ({"base": Write, "route": "POST /x", "repeat": "verify"}, r"needs look\(\)"),
    ],
)
def test_a_wrong_declaration_does_not_import(declared: dict[str, Any], why: str) -> None:
    with pytest.raises(TypeError, match=why):
        declare(**declared)


def test_a_command_without_an_area_does_not_import() -> None:
    with pytest.raises(TypeError, match="area= is missing"):

        class Homeless(Command, route="GET /x"):
            """A doc."""


def test_a_keyed_write_without_a_key_does_not_import() -> None:
    with pytest.raises(TypeError, match="needs an input marked KEY"):

        class Keyless(Write, route="POST /x", area="things", repeat="keyed"):
            """A doc."""

            async def look(self, *_: Any) -> Any: ...


@pytest.mark.filterwarnings("ignore:Field name")
@pytest.mark.parametrize("name", ["run", "effect", "schema"])
def test_an_input_cannot_bear_the_name_of_what_the_base_owns(name: str) -> None:
    inputs = {"__annotations__": {name: str}, name: Field("", description="Help.")}
    with pytest.raises(TypeError, match=f"the base has something called '{name}'"):
        declare(inputs=inputs)


def test_the_input_marked_key_is_the_key() -> None:
    class Keyed(Write, route="POST /x", area="things", repeat="keyed"):
        """A doc."""

        alias: Annotated[str | None, KEY] = None
        """The key."""

        async def look(self, *_: Any) -> Any: ...

    assert Keyed.spec.key_field == "alias"
    assert Keyed(alias="a").request().body == {"alias": "a"}


@pytest.mark.parametrize(
    ("name", "segment"),
    [
        ("plain-Name_1.x~", "plain-Name_1.x~"),
        ("a/b", "a%2Fb"),
        ("a+b c", "a%2Bb%20c"),
        ("ü", "%C3%BC"),
        ("50%", "50%25"),
        ("a?b=c&d#e", "a%3Fb%3Dc%26d%23e"),
        ("a:b@c", "a%3Ab%40c"),
        ("...", "..."),
        ("{name}", "%7Bname%7D"),
    ],
)
def test_a_value_in_a_path_is_percent_encoded_with_no_safe_character(name: str, segment: str) -> None:
    assert GetThing(name=name).request().path == f"/things/{segment}"


@pytest.mark.parametrize("name", [".", "..", "", "../users", "a/../b", "..\\x"])
def test_a_value_that_is_a_step_in_a_path_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="cannot stand in an address"):
        GetThing(name=name).request()


def test_inputs_of_a_read_go_into_the_query_after_what_is_fixed() -> None:
    command = GetThing(name="a", page_size=5, deep=True, only_tags=["x", "y z"], at="2020-06-03 00:00")  # type: ignore[arg-type]
    assert command.request() == Request(
        "GET",
        "/things/a",
        (
            ("view", "full"),
            ("pageSize", "5"),
            ("deep", "true"),
            ("onlyTags", "x,y z"),
            ("date", "2020-06-03T00:00:00.000Z"),
        ),
    )
    assert command.request().target == (
        "/things/a?view=full&pageSize=5&deep=true&onlyTags=x%2Cy%20z&date=2020-06-03T00%3A00%3A00.000Z"
    )


def test_inputs_left_out_are_not_sent() -> None:
    assert GetThing(name="a").request().query == (("view", "full"), ("deep", "false"))


def test_inputs_of_a_write_go_into_the_body_in_camel_case() -> None:
    command = PutThing(name="a", owner=Shape(first_name="Ana"), details={"snake_case": "kept"})
    request = command.request()
    assert request.body == {"newColour": "red", "owner": {"first_name": "Ana"}, "details": {"snake_case": "kept"}}
    assert request.query == (("nameType", "id"),)


def test_what_is_marked_not_sent_is_sent_nowhere() -> None:
    request = PutThing(name="a", patience=7).request()
    assert "7" not in request.target + str(request.body)
    assert "patience" not in request.target + str(request.body)


def test_a_write_without_inputs_has_no_body() -> None:
    assert declare("POST /x", repeat="safe")().request() == Request("POST", "/x")


async def test_running_sends_the_request_and_gives_the_json() -> None:
    sender = GivenSender(answer(200, {"a": 1}))
    assert await GetThing(name="a").run(sender) == Result({"a": 1}, {"a": 1})
    assert sender.sent == [GetThing(name="a").request()]


async def test_a_read_may_always_run_again_after_a_crash() -> None:
    sender = GivenSender()
    assert await GetThing(name="a").resume(sender, sender.now(), None) is None


def test_inputs_are_read_from_a_map() -> None:
    assert GetThing.read_inputs({"name": "a", "page_size": "5"}) == GetThing(name="a", page_size=5)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({}, "`name` is missing."),
        ({"name": "a", "page_sise": 5}, "there is no input `page_sise`; did you mean `page_size`?."),
        (
            {"name": "a", "zzz": 5},
            "there is no input `zzz`; there are: name, page_size, deep, only_tags, at.",
        ),
        ({"name": "a", "page_size": 500}, "`page_size`: input should be less than or equal to 100."),
        ({"name": "a", "only_tags": ["x", 5]}, "`only_tags.1`: input should be a valid string."),
        ({"page_size": 0}, "`name` is missing; `page_size`: input should be greater than or equal to 1."),
    ],
)
def test_wrong_inputs_are_explained_in_one_line(inputs: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        GetThing.read_inputs(inputs)
    assert caught.value.message == message
    assert caught.value.indicator == "Get Thing failed."


def test_an_explanation_holds_no_values() -> None:
    with pytest.raises(InvalidInput) as caught:
        GetThing.read_inputs({"name": ["hunter2"], "page_size": "hunter2", "deep": "hunter2", "at": {"x": "hunter2"}})
    assert caught.value.__cause__ is None
    assert caught.value.message.count("`") == 8
    assert "hunter2" not in caught.value.message


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "true"), (False, "false"), (5, "5"), (1.5, "1.5"), ("a", "a"), ([1, True, "x"], "1,true,x"), ((), "")],
)
def test_values_in_a_query_are_written_plainly(value: Any, text: str) -> None:
    assert as_text(value) == text
