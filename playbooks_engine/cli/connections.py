"""`playbooks connections`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from playbooks_engine.cli.commands import Asked, Group, asked
from playbooks_engine.cli.entering import enter
from playbooks_engine.cli.failing import FAILED, FINE
from playbooks_engine.cli.opening import opened
from playbooks_engine.cli.people import me
from playbooks_engine.cli.wording import moment, seconds
from playbooks_engine.errors import BadUsage

if TYPE_CHECKING:
    from playbooks_engine.cli.printing import Output
    from playbooks_engine.runtime.engine import Engine
    from playbooks_engine.sdk import Command, Connection
    from playbooks_engine.store.health import HealthState

command = Group("connections", default="list", help="List, test and look into the project's connections.")

_limit = click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="At most so many.")


@command.command("list")
@click.pass_context
def list_(context: click.Context) -> int:
    """Every connection with its address, its health and what it allows. Secrets are shown as references only."""
    return enter(_list(asked(context)))


@command.command()
@click.argument("name")
@click.pass_context
def test(context: click.Context, name: str) -> int:
    """Test a connection now, and record it. Exits 1 when it fails."""
    return enter(_test(asked(context), name))


@command.command()
@click.argument("name")
@_limit
@click.pass_context
def health(context: click.Context, name: str, limit: int) -> int:
    """The history of a connection's checks, newest first."""
    return enter(_health(asked(context), name, limit))


@command.command()
@click.argument("name")
@_limit
@click.pass_context
def audit(context: click.Context, name: str, limit: int) -> int:
    """The calls that were made on a connection, one sentence each, newest first."""
    return enter(_audit(asked(context), name, limit))


@command.command()
@click.argument("name")
@click.argument("one", metavar="[COMMAND]", required=False)
@click.option("--area", metavar="AREA", help="Only commands of this area, such as schedules.")
@click.pass_context
def describe(context: click.Context, name: str, one: str | None, area: str | None) -> int:
    """The commands of a connection: effect, area, the right its key needs, and inputs.

    With COMMAND that one alone, and of each input what it may be and what it is for.
    """
    if one is not None and area is not None:
        raise BadUsage("A command has one area of its own.", hint="Give COMMAND or --area.")
    return enter(_describe(asked(context), name, one, area))


async def _list(settings: Asked) -> int:
    from playbooks_engine.store.health import health_states

    async with opened(settings) as engine:
        with engine.database.reading() as connection:
            states = {state.connection: state for state in health_states(connection)}
        rows = [_row(name, one, states.get(name)) for name, one in engine.project.connections.items()]
        if settings.output.json:
            settings.output.document({"connections": rows})
        elif not rows:
            settings.output.note("project.yml has no connections.")
        else:
            from playbooks_engine.cli.drawing import table

            columns = ("name", "connector", "address", "secret", "state", "health", "allows")
            table(settings.output, columns, [_cells(row) for row in rows])
    return FINE


def _row(name: str, connection: Connection, state: HealthState | None) -> dict[str, Any]:
    from playbooks_engine.sdk import HttpConnection

    return {
        "name": name,
        "connector": connection.connector,
        "address": connection.server_url if isinstance(connection, HttpConnection) else None,
        "secrets": references(connection),
        "description": connection.description,
        "active": connection.active,
        "health": state.status if state else "unknown",
        "since": state.since if state else None,
        "allow": dict(connection.allow),
        "fetch": list(connection.fetch),
    }


def _cells(row: dict[str, Any]) -> tuple[object, ...]:
    return (
        row["name"],
        row["connector"],
        row["address"],
        ", ".join(row["secrets"]),
        "active" if row["active"] else "inactive",
        row["health"],
        ", ".join(f"{area}: {level}" for area, level in row["allow"].items()) or "reads only",
    )


def references(connection: Connection) -> list[str]:
    """Where the connection's secrets are kept; what they are is never shown."""
    from playbooks_engine.sdk import MessageConnection, Secret

    values = [getattr(connection, name) for name in type(connection).model_fields]
    if isinstance(connection, MessageConnection):
        values += list(connection.urls)
    return [str(value) for value in values if isinstance(value, Secret)]


async def _test(settings: Asked, name: str) -> int:
    from playbooks_engine.runtime.health import check

    output = settings.output
    async with opened(settings) as engine:
        checked = await check(engine, name, me())
    if output.json:
        output.document(checked.as_json())
    elif checked.error is None:
        output.line(f'Connection "{name}" works: passed in {seconds(checked.latency)}.')
        for note in checked.notes:
            output.line(f"  {note}")
    else:
        output.note(str(checked.error))
    return FINE if checked.status == "passed" else FAILED


async def _health(settings: Asked, name: str, limit: int) -> int:
    from playbooks_engine.store.health import checks, health_state

    output = settings.output
    async with opened(settings) as engine:
        engine.project.connection(name)
        with engine.database.reading() as connection:
            state, rows = health_state(connection, name), checks(connection, name, limit)
    if output.json:
        output.document(
            {
                "connection": name,
                "health": state.status if state else "unknown",
                "since": state.since if state else None,
                "checks": [
                    {"checked_at": row.checked_at, "status": row.status, "latency": row.latency, "error": row.error}
                    for row in rows
                ],
            }
        )
    elif state is None:
        output.note(f'Connection "{name}" was never checked. Check it: playbooks connections test {name}')
    else:
        from playbooks_engine.cli.drawing import table
        from playbooks_engine.cli.progress import told

        output.line(f'Connection "{name}" is {state.status} since {moment(state.since)} UTC.')
        output.line()
        cells = [
            (moment(row.checked_at), row.status, seconds(row.latency), told(row.error) if row.error else "")
            for row in rows
        ]
        table(output, ("checked at (UTC)", "status", "took", "why"), cells, longest=200)
    return FINE


async def _audit(settings: Asked, name: str, limit: int) -> int:
    from playbooks_engine.runtime.sentences import sentence
    from playbooks_engine.store.audit import audit_rows

    output = settings.output
    async with opened(settings) as engine:
        engine.project.connection(name)
        with engine.database.reading() as connection:
            rows = audit_rows(connection, name, limit)
    if output.json:
        output.document({"connection": name, "calls": [{**row.__dict__, "sentence": sentence(row)} for row in rows]})
    else:
        for row in rows:
            output.line(f"{moment(row.at)} {sentence(row)}".replace("\n", " "))
        if not rows:
            output.note(f'No call was made on connection "{name}" yet.')
    return FINE


async def _describe(settings: Asked, name: str, one: str | None, area: str | None) -> int:
    async with opened(settings) as engine:
        rows = [_command(engine, name, kind) for kind in _chosen(engine, name, one, area)]
    output = settings.output
    if output.json:
        output.document({"connection": name, "commands": rows})
        return FINE
    for row in rows:
        allowed = "allowed" if row["allowed"] else f"not allowed: needs `allow: {{{row['needed']}}}`"
        output.line(f"{row['command']}  {row['effect']}, {row['area']}, {allowed}")
        output.line(f"    {row['summary']}")
        output.line(f"    {row['route']}{f'; the key needs: {right}' if (right := row['right']) else ''}")
        _inputs(output, row["inputs"], whole=one is not None)
    called = rows[0]["command"].replace("_", "-") if one is not None else "COMMAND"
    more = "Try it" if one is not None else f"More on one: playbooks connections describe {name} COMMAND; try it"
    output.note(f"* must be given. {more}: playbooks call {called} --help")
    return FINE


def _inputs(output: Output, inputs: list[dict[str, Any]], *, whole: bool) -> None:
    names = [one["name"] + ("*" if one["required"] else "") for one in inputs]
    if not whole or not inputs:
        output.line(f"    inputs: {', '.join(names) or 'none'}")
        return
    for name, one in zip(names, inputs, strict=True):
        default = f"; {one['default']} if left out" if one["default"] not in (None, "", [], {}) else ""
        output.line()
        output.line(f"    {name}  {one['type']}{default}")
        output.line(f"        {one['description']}")


def _chosen(engine: Engine, name: str, one: str | None, area: str | None) -> list[type[Command]]:
    """The commands that were asked for; raises BadUsage with a suggestion."""
    from playbooks_engine.language.suggesting import did_you_mean

    connection = engine.project.connection(name)
    connector = engine.catalog.connector(connection.connector)
    if one is not None:
        return [engine.catalog.command(connection, one.removeprefix(f"{name}.").replace("-", "_"), name)]
    if area is not None and area not in connector.areas:
        hint = did_you_mean(area, connector.areas, f"there are: {', '.join(connector.areas)}")
        raise BadUsage(f"{connector.name} has no area '{area}'.", hint=hint)
    return [kind for kind in connector.commands.values() if area in (None, kind.spec.area)]


def _command(engine: Engine, name: str, kind: type[Command]) -> dict[str, Any]:
    from playbooks_engine.runtime.permissions import judge
    from playbooks_engine.testing.commands_page import type_of

    connection = engine.project.connection(name)
    spec, schema = kind.spec, kind.model_json_schema()
    verdict = judge(connection.allow, spec.area, spec.effect)
    required = schema.get("required", [])
    return {
        "command": f"{name}.{spec.name}",
        "summary": spec.summary,
        "effect": spec.effect,
        "area": spec.area,
        "allowed": verdict.allowed,
        "needed": verdict.needed,
        "right": type(connection).right_needed(spec),
        "route": spec.route,
        "inputs": [
            {
                "name": part,
                "required": part in required,
                "type": type_of(told, schema).replace("`", ""),
                "default": told.get("default"),
                "description": told.get("description", ""),
            }
            for part, told in schema.get("properties", {}).items()
        ],
    }
