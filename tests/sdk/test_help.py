"""Help texts stand below the inputs in the source and are found when asked for."""

from __future__ import annotations

from playbooks_engine.sdk import Command
from playbooks_engine.sdk.help import help_of


class Asked(Command, route="GET /asked/{name}", area="things"):
    """Ask for a thing."""

    name: str
    """The name of the thing."""
    long: str | None = None
    """A text over
    two lines."""
    silent: int = 0


class Inherited(Asked, route="GET /inherited/{name}"):
    """Ask for another thing."""

    more: bool = False
    """Also the rest."""


def test_the_text_below_an_input_is_its_help() -> None:
    assert help_of(Asked) == {"name": "The name of the thing.", "long": "A text over\ntwo lines."}


def test_inherited_inputs_keep_their_help() -> None:
    assert help_of(Inherited) == {**help_of(Asked), "more": "Also the rest."}


def test_a_class_inside_a_function_has_its_help_too() -> None:
    class Inner(Command, route="GET /inner", area="things"):
        """Ask from inside."""

        name: str = ""
        """An inner name."""

    assert help_of(Inner) == {"name": "An inner name."}


def test_a_class_without_source_has_no_help() -> None:
    made = type("Made", (Command,), {"__module__": "nowhere", "__doc__": "Made up."})
    assert help_of(made) == {}


def test_the_schema_carries_the_help_and_nothing_where_there_is_none() -> None:
    properties = Asked.model_json_schema()["properties"]
    assert properties["name"]["description"] == "The name of the thing."
    assert "description" not in properties["silent"]
