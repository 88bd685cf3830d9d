"""A connector: the commands, the connection and the streams of one service."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib import import_module
from types import ModuleType

from playbooks_engine.sdk.command import Command
from playbooks_engine.sdk.connection import Connection


@dataclass(frozen=True)
class Window:
    """One page to fetch of a stream: events updated from `since` until `until`, both included, oldest first.

    `skip` leaves out that many of the first ones: those at `since` itself that an earlier page held.
    """

    since: datetime
    until: datetime
    limit: int
    skip: int = 0
    query: str | None = None


@dataclass(frozen=True)
class Recount:
    """How a stream is counted again by time of creation, which never changes."""

    page: Callable[[Window], Command]
    """A page of the events created from `since` until `until`, both included, oldest first; mapped as the stream is."""
    created: str
    """The key of the time of creation in the service's JSON of an event."""


@dataclass(frozen=True)
class Stream:
    """Where events come from: how to ask for a page, and which file maps it."""

    page: Callable[[Window], Command]
    mapping: str = "mapping.yml"
    ceiling: int = 20_000
    """How many events the service can page through from one `since`."""
    changing: frozenset[str] = frozenset()
    """Fields that change, which a stream's own query must not name."""
    resolution: timedelta = timedelta(milliseconds=1)
    """The smallest step between two times of update."""
    count: Callable[[Window], Command] | None = None
    """How many events were updated in a window, as `{count: N}`, where the service counts."""
    recount: Recount | None = None
    """How what is stored is held against the service, where that can be done."""
    refresh: Callable[[str], Command] | None = None
    """One event as it is now, by its key: NotFound where the service has it no more."""
    unlisted: frozenset[str] = frozenset()
    """Keys of the service's JSON that a refresh brings and a page does not."""


@dataclass(frozen=True)
class Connector:
    """A service we can talk to. `test` is the command that a health check runs."""

    name: str
    title: str
    connection: type[Connection]
    commands: Mapping[str, type[Command]]
    test: str | None = None
    streams: Mapping[str, Stream] = field(default_factory=dict)
    module: str = ""
    """The package that holds the connector's mapping files."""
    example: str = ""
    """What examples call a connection of this connector; its own name, if left out."""
    declared_areas: tuple[str, ...] = ()
    """What permissions are about, where the commands are `LazyCommands`; otherwise the commands say it."""

    @property
    def areas(self) -> tuple[str, ...]:
        """What `allow` may name for a connection of this connector."""
        return self.declared_areas or tuple(sorted({command.spec.area for command in self.commands.values()}))


class LazyCommands(Mapping[str, type[Command]]):
    """Commands whose modules are imported when one of them is asked for.

    `index` says which module of the package declares which commands. To make a class costs half a millisecond, and a
    process that needs one command of two hundred should not pay for all.
    """

    def __init__(self, package: str, index: Mapping[str, tuple[str, ...]]) -> None:
        self._package = package
        self._module_of = {name: module for module, names in index.items() for name in names}
        self._found: dict[str, type[Command]] = {}

    def __getitem__(self, name: str) -> type[Command]:
        if name not in self._found:
            module = import_module(f"{self._package}.{self._module_of[name]}")
            self._found |= commands_of([module])
        return self._found[name]

    def __contains__(self, name: object) -> bool:
        return name in self._module_of

    def __iter__(self) -> Iterator[str]:
        return iter(self._module_of)

    def __len__(self) -> int:
        return len(self._module_of)


def commands_of(modules: Iterable[ModuleType]) -> dict[str, type[Command]]:
    """Every command declared in these modules, by name, in the order of declaration."""
    found: dict[str, type[Command]] = {}
    for module in modules:
        for member in vars(module).values():
            if not (isinstance(member, type) and issubclass(member, Command) and "spec" in vars(member)):
                continue
            if member.__module__ != module.__name__:
                continue
            name = member.spec.name
            if name in found:
                raise TypeError(f"{module.__name__}: there are two commands {name!r}")
            if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
                raise TypeError(f"{module.__name__}: {name!r} is no name for a command")
            found[name] = member
    return found
