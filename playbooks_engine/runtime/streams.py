"""The streams of a project by name: whose they are, and how they are fetched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from playbooks_engine.errors import BadUsage
from playbooks_engine.language.suggesting import did_you_mean
from playbooks_engine.sdk import Connector, Stream
from playbooks_engine.sdk.connection import StreamSettings

if TYPE_CHECKING:
    from playbooks_engine.runtime.engine import Engine


@dataclass(frozen=True)
class Source:
    """One stream of one connection; `name` is both, such as `ops.alerts`."""

    name: str
    connection: str
    connector: Connector
    stream: Stream
    settings: StreamSettings


def source(engine: Engine, name: str) -> Source:
    """The stream called `ops.alerts`; raises BadUsage that says what there is."""
    connection_name, _, stream_name = name.partition(".")
    connection = engine.project.connection(connection_name)
    connector = engine.catalog.connector(connection.connector)
    if stream_name not in connector.streams:
        known = [f"{connection_name}.{stream}" for stream in connector.streams]
        there = ", ".join(known) or "none"
        raise BadUsage(f'There is no stream "{name}".', hint=did_you_mean(name, known, f"there are: {there}"))
    settings = connection.fetch.get(stream_name) or StreamSettings()
    return Source(name, connection_name, connector, connector.streams[stream_name], settings)


def sources(engine: Engine, name: str) -> list[Source]:
    """The stream called so; for a connection alone all streams that it is set to fetch, or its only one."""
    if "." in name:
        return [source(engine, name)]
    connection = engine.project.connection(name)
    streams = list(connection.fetch)
    if not streams:
        known = list(engine.catalog.connector(connection.connector).streams)
        if not known:
            raise BadUsage(f'Connection "{name}" has no streams: connector {connection.connector} brings no events.')
        if len(known) > 1:
            there = ", ".join(f"{name}.{stream}" for stream in known)
            raise BadUsage(f'Which stream of "{name}"?', hint=f"there are: {there}")
        streams = known
    return [source(engine, f"{name}.{stream}") for stream in streams]


def fetched_sources(engine: Engine) -> list[Source]:
    """Every stream that project.yml says to fetch, on active connections."""
    return [
        source(engine, f"{name}.{stream}")
        for name, connection in engine.project.connections.items()
        if connection.active
        for stream in connection.fetch
    ]
