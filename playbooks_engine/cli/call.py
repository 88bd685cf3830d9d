"""`playbooks call CONNECTION.COMMAND`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from playbooks_engine.cli.commands import Command, Group, asked
from playbooks_engine.cli.entering import enter
from playbooks_engine.cli.failing import FINE, status_of
from playbooks_engine.cli.opening import folder_of, opened
from playbooks_engine.cli.people import me
from playbooks_engine.cli.wording import number, seconds
from playbooks_engine.errors import BadUsage, CommandFailed, EngineError, InvalidInput, NotFound

if TYPE_CHECKING:
    from playbooks_engine.cli.commands import Asked
    from playbooks_engine.runtime.calling import Called
    from playbooks_engine.sdk import Command as SdkCommand


class _Call(Group):
    """Every command of every connection of the project, as sub-commands."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        if ctx.resilient_parsing:
            return []  # completion would have to load every connector
        return [f"{connection}.{_dashed(name)}" for connection, name, _ in _every(asked(ctx))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if ctx.resilient_parsing:
            return None
        if "." not in cmd_name:
            there = ", ".join(sorted({one.partition(".")[0] for one in self.list_commands(ctx)}))
            raise BadUsage(
                f'"{cmd_name}" is no command: write CONNECTION.COMMAND, such as ops.get-schedules.',
                hint=f"connections of this project: {there}" if there else "See: playbooks call --help",
            )
        connection, _, name = cmd_name.partition(".")
        return _made(connection, _found(asked(ctx), connection, name.replace("-", "_")))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(f"{alias}.{_dashed(name)}", kind.spec.summary) for alias, name, kind in _every(asked(ctx))]
        if rows:
            with formatter.section("Commands of this project"):
                formatter.write_dl(rows)


command = _Call(
    "call",
    help="Perform one command of a connection by itself.\n\nCOMMAND is CONNECTION.COMMAND, such as "
    "ops.get-schedules; its flags are its inputs: `playbooks call ops.get-schedules --help` lists them.",
    subcommand_metavar="CONNECTION.COMMAND [FLAGS]",
    no_args_is_help=True,
)


def _every(settings: Asked) -> list[tuple[str, str, type[SdkCommand]]]:
    """Connection, name and class of every command; nothing where there is no project that can be used."""
    from playbooks_engine.runtime.catalog import Catalog
    from playbooks_engine.runtime.project import load

    catalog = Catalog()
    try:
        project = load(folder_of(settings), catalog)
    except EngineError:
        return []
    return [
        (alias, name, kind)
        for alias, connection in project.connections.items()
        for name, kind in catalog.connector(connection.connector).commands.items()
    ]


def _found(settings: Asked, connection: str, name: str) -> type[SdkCommand]:
    from playbooks_engine.runtime.catalog import Catalog
    from playbooks_engine.runtime.project import load

    catalog = Catalog()
    return catalog.command(load(folder_of(settings), catalog).connection(connection), name, connection)


def _made(connection: str, kind: type[SdkCommand]) -> click.Command:
    from playbooks_engine.cli.flags import flags_of

    spec = kind.spec
    plan = click.Option(["--plan"], is_flag=True, help="Show what would be sent instead of changing anything.")
    if spec.effect == "read":
        about = f"{spec.summary}\n\nReads {spec.area}."
    else:
        about = (
            f"{spec.summary}\n\nNeeds `allow: {{{spec.area}: {'full' if spec.effect == 'destructive' else 'write'}}}`."
        )
    return Command(
        f"{connection}.{_dashed(spec.name)}",
        params=[*flags_of(kind), plan],
        help=about,
        context_settings={"token_normalize_func": _dashed},
        callback=click.pass_context(
            lambda context, plan, **given: enter(_call(asked(context), connection, kind, given, plan))
        ),
    )


def _dashed(name: str) -> str:
    return name.replace("_", "-")


async def _call(settings: Asked, connection: str, kind: type[SdkCommand], given: dict[str, Any], plan: bool) -> int:
    import asyncio

    from playbooks_engine.cli.flags import inputs_of

    async with opened(settings) as engine:
        began = engine.clock.monotonic()
        try:
            made = engine.calling.command(connection, kind.spec.name, inputs_of(kind, given))
        except CommandFailed as error:
            return _failed(settings, connection, kind, error, 0.0)
        try:
            called = await engine.calling.call(connection, made, me(), plan=plan)
        except CommandFailed as error:
            return _failed(settings, connection, kind, error, engine.clock.monotonic() - began)
        except asyncio.CancelledError:
            if not made.reads and not plan:
                settings.output.note("The change may have happened: look in the service before you do it again.")
            raise
        return _succeeded(settings, connection, kind, called)


def _hint(error: CommandFailed, connection: str, kind: type[SdkCommand]) -> str | None:
    """Whose move it is, where the connector does not say."""
    if isinstance(error, InvalidInput):
        return f"See: playbooks call {connection}.{_dashed(kind.spec.name)} --help"
    if isinstance(error, NotFound):
        return f'Correct what was asked for: connection "{connection}" knows no such thing.'
    return None


def _succeeded(settings: Asked, connection: str, kind: type[SdkCommand], called: Called) -> int:
    output, name = settings.output, f"{connection}.{kind.spec.name}"
    if called.result is None:
        assert called.planned is not None  # noqa: S101 - a call is planned or has a result
        return _planned(settings, name, called)
    if output.json:
        output.document(
            {
                "command": name,
                "status": "succeeded",
                "return_data": "Successful",
                "output": called.result.output,
                "raw": called.result.raw,
                "error": None,
                "duration": round(called.duration, 4),
                "requests": called.requests,
            }
        )
        return FINE
    from playbooks_engine.cli.drawing import answer

    answer(output, called.result.output)
    parts = ["Successful", number(called.requests, "request"), seconds(called.duration)]
    if isinstance(called.result.output, list):
        parts.insert(1, number(len(called.result.output), "item"))
    output.note(f"{kind.spec.label}: {', '.join(parts)}.")
    return FINE


def _planned(settings: Asked, name: str, called: Called) -> int:
    assert called.planned is not None  # noqa: S101 - asked by the caller
    write = {"command": name, **called.planned.as_json()}
    if settings.output.json:
        settings.output.document(
            {
                "command": name,
                "status": "planned",
                "return_data": None,
                "output": None,
                "raw": None,
                "error": None,
                "duration": round(called.duration, 4),
                "requests": called.requests,
                "writes": [write],
            }
        )
        return FINE
    from playbooks_engine.cli.writes import show

    show(settings.output, [write])
    settings.output.note("Nothing was sent. Without --plan it is.")
    return FINE


def _failed(settings: Asked, connection: str, kind: type[SdkCommand], error: CommandFailed, duration: float) -> int:
    error.hint = error.hint or _hint(error, connection, kind)
    if settings.output.json:
        settings.output.document(
            {
                "command": f"{connection}.{kind.spec.name}",
                "status": "failed",
                "return_data": "Failed",
                "output": None,
                "raw": None,
                "error": error.as_json(),
                "duration": round(duration, 4),
            }
        )
    else:
        settings.output.note(str(error))
    return status_of(error)
