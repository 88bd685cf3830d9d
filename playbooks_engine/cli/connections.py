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

if TYPE_CHECKING:
    from playbooks_engine.runtime.engine import Engine
    from playbooks_engine.sdk import Connection
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
@click.pass_context
def describe(context: click.Context, name: str) -> int:
    """The commands of a connection: effect, area, the right its key needs, and inputs."""
    return enter(_describe(asked(context), name))


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


async def _describe(settings: Asked, name: str) -> int:
    async with opened(settings) as engine:
        rows = _commands(engine, name)
    output = settings.output
    if output.json:
        output.document({"connection": name, "commands": rows})
        return FINE
    for row in rows:
        allowed = "allowed" if row["allowed"] else f"not allowed: needs `allow: {{{row['needed']}}}`"
        inputs = [one["name"] + ("*" if one["required"] else "") for one in row["inputs"]]
        output.line(f"{row['command']}  {row['effect']}, {row['area']}, {allowed}")
        output.line(f"    {row['summary']}")
        output.line(f"    {row['route']}{f'; the key needs: {right}' if (right := row['right']) else ''}")
        output.line(f"    inputs: {', '.join(inputs) or 'none'}")
    output.note("* must be given. More on one: playbooks call COMMAND --help")
    return FINE


def _commands(engine: Engine, name: str) -> list[dict[str, Any]]:
    from playbooks_engine.runtime.permissions import judge

    connection = engine.project.connection(name)
    found = []
    for kind in engine.catalog.connector(connection.connector).commands.values():
        spec, schema = kind.spec, kind.model_json_schema()
        verdict = judge(connection.allow, spec.area, spec.effect)
        required = schema.get("required", [])
        found.append(
            {
                "command": f"{name}.{spec.name}",
                "summary": spec.summary,
                "effect": spec.effect,
                "area": spec.area,
                "allowed": verdict.allowed,
                "needed": verdict.needed,
                "right": type(connection).right_needed(spec),
                "route": spec.route,
                "inputs": [
                    {"name": part, "required": part in required, "description": told.get("description", "")}
                    for part, told in schema.get("properties", {}).items()
                ],
            }
        )
    return found
