"""The connectors that are installed, found by entry point."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING

from playbooks_engine.errors import BadProject, BadUsage
from playbooks_engine.language.suggesting import did_you_mean, nearest

if TYPE_CHECKING:
    from playbooks_engine.sdk import Command, Connection, Connector

GROUP = "playbooks_engine.connectors"
SIMULATORS = "playbooks_engine.simulators"


@dataclass
class Catalog:
    """Connectors by name. One is imported when it is first asked for; one that fails is kept with its reason."""

    _loaded: dict[str, Connector] = field(default_factory=dict)
    _unavailable: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, *connectors: Connector) -> Catalog:
        """A catalog of these connectors besides the installed ones."""
        return cls({connector.name: connector for connector in connectors})

    @cached_property
    def _entries(self) -> Mapping[str, list[EntryPoint]]:
        found: dict[str, list[EntryPoint]] = {}
        for entry in entry_points(group=GROUP):
            known = found.setdefault(entry.name, [])
            if entry.value not in {other.value for other in known}:
                known.append(entry)
        return found

    @property
    def names(self) -> list[str]:
        return sorted({*self._entries, *self._loaded})

    def connector(self, name: str) -> Connector:
        """The connector of that name; raises BadProject that says what there is, or why it is unavailable."""
        if name in self._loaded:
            return self._loaded[name]
        entries = self._entries.get(name, [])
        if not entries:
            known = did_you_mean(name, self.names, f"there are: {', '.join(self.names)}")
            raise BadProject(f'There is no connector "{name}".', hint=known)
        if len(entries) > 1:
            packages = " and ".join(f"{entry.dist.name if entry.dist else '?'} ({entry.value})" for entry in entries)
            raise BadProject(f'Two packages claim the connector "{name}": {packages}.', hint="Uninstall one of them.")
        if name not in self._unavailable:
            try:
                self._loaded[name] = entries[0].load()
                return self._loaded[name]
            except Exception as error:
                self._unavailable[name] = f"{type(error).__name__}: {error}"
        raise BadProject(f'The connector "{name}" is unavailable: {self._unavailable[name]}')

    def command(self, connection: Connection, name: str, alias: str) -> type[Command]:
        """A command of the connection's connector; raises BadUsage with a suggestion."""
        commands = self.connector(connection.connector).commands
        if name not in commands:
            close = nearest(name, commands)
            known = f"did you mean {alias}.{close}?" if close else f"see: playbooks connections describe {alias}"
            raise BadUsage(f"{connection.connector} has no command '{name}'.", hint=known)
        return commands[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)
