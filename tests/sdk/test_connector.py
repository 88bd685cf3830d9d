"""A connector collects the commands of its modules."""

from __future__ import annotations

from types import ModuleType

import pytest

from playbooks_engine.sdk import Command, Connection, Connector, LazyCommands, commands_of


def module(name: str, *commands: type[Command]) -> ModuleType:
    made = ModuleType(name)
    for command in commands:
        command.__module__ = name
        setattr(made, command.__name__, command)
    return made


def command(name: str, route: str | None = "GET /x") -> type[Command]:
    declared = {"area": "things"} | ({"route": route} if route else {})
    return type(Command)(name, (Command,), {"__doc__": "A doc.", "__module__": __name__}, **declared)


def test_commands_are_found_by_name_in_the_order_of_declaration() -> None:
    found = commands_of((module("one", command("GetB"), command("GetA")), module("two", command("ListC"))))
    assert list(found) == ["get_b", "get_a", "list_c"]


def test_a_base_is_no_command() -> None:
    assert commands_of((module("one", command("Base", route=None)),)) == {}


def test_a_command_that_a_module_merely_imports_is_not_its_own() -> None:
    imported = command("GetA")
    home = module("one", imported)
    guest = ModuleType("two")
    guest.GetA = imported  # type: ignore[attr-defined]
    assert list(commands_of((guest, home))) == ["get_a"]


def test_two_commands_of_one_name_are_refused() -> None:
    with pytest.raises(TypeError, match="two: there are two commands 'get_a'"):
        commands_of((module("one", command("GetA")), module("two", command("GetA"))))


def test_a_name_that_nobody_could_write_is_refused() -> None:
    with pytest.raises(TypeError, match="is no name for a command"):
        commands_of((module("one", command("Käse")),))


def test_lazy_commands_are_known_by_name_before_their_module_is_imported() -> None:
    lazy = LazyCommands("no_such_package", {"things": ("get_thing", "put_thing")})
    assert list(lazy) == ["get_thing", "put_thing"]
    assert len(lazy) == 2
    assert "get_thing" in lazy
    assert "get_other" not in lazy
    with pytest.raises(KeyError):
        lazy["get_other"]
    with pytest.raises(ModuleNotFoundError):
        lazy["get_thing"]


def test_areas_are_declared_or_found_in_the_commands() -> None:
    class GetThing(Command, route="GET /things", area="things"):
        """Get a thing."""

    found = Connector("x", "X", Connection, {"get_thing": GetThing})
    assert found.areas == ("things",)
    assert Connector("x", "X", Connection, LazyCommands("none", {}), declared_areas=("a", "b")).areas == ("a", "b")
