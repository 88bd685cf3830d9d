"""What every command of ours has: the flags that work everywhere, late loading, and suggestions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from playbooks_engine.cli.printing import Output


@dataclass
class Asked:
    """What the flags that work everywhere said."""

    project: Path | None = None
    output: Output = field(default_factory=Output)
    lasting: bool = True
    """Whether the project outlives this program: that of a demo does not, so nothing in it can be gone on with."""


def asked(context: click.Context) -> Asked:
    return context.ensure_object(Asked)


def _project(context: click.Context, parameter: click.Parameter, value: Path | None) -> None:
    if value is not None:
        asked(context).project = value


def _json(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        asked(context).output.json = True


def _everywhere() -> list[click.Parameter]:
    # A flag may stand before or after the sub-command, so each level knows it and only a given one counts.
    return [
        click.Option(
            ["--project"],
            metavar="DIR",
            type=click.Path(path_type=Path, file_okay=False, exists=True),
            expose_value=False,
            callback=_project,
            help="The project folder; by default this folder or the nearest one above with a project.yml.",
        ),
        click.Option(["--json"], is_flag=True, expose_value=False, callback=_json, help="One JSON document on stdout."),
    ]


class Command(click.Command):
    """A command with the flags that work everywhere."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.params += _everywhere()


class Group(click.Group):
    """A command with sub-commands. `default` is the one that runs when none is named."""

    command_class = Command

    def __init__(self, *arguments: Any, default: str | None = None, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.params += _everywhere()
        self._default = default

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # `playbooks events --limit 3` means `events list`: no sub-command is named, and help is not asked for.
        words = set(args)
        only_flags = not args or args[0].startswith("-")
        if self._default and only_flags and not words & {*self.list_commands(ctx), *ctx.help_option_names}:
            args = [self._default, *args]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:
            raise click.exceptions.NoSuchCommand(
                error.command_name, possibilities=self.list_commands(ctx), ctx=ctx
            ) from None


@dataclass(frozen=True)
class Late:
    """A command that is imported when it is asked for; its help line is known before."""

    module: str
    help: str


class LateGroup(Group):
    """A group whose commands live in modules of their own, each in a variable named `command`."""

    def __init__(self, *arguments: Any, late: Mapping[str, Late], **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self._late = late

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._late)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._late:
            return None
        found: click.Command = import_module(self._late[cmd_name].module).command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, late.help) for name, late in self._late.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        from click.shell_completion import CompletionItem

        known = [
            CompletionItem(name, help=late.help) for name, late in self._late.items() if name.startswith(incomplete)
        ]
        return [*known, *click.Command.shell_complete(self, ctx, incomplete)]


def command(**settings: Any) -> Callable[[Callable[..., Any]], click.Command]:
    """Declare one of our commands."""
    return click.command(cls=Command, **settings)
