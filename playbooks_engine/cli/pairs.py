"""`K=V` as it is given to a flag."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

_F = TypeVar("_F", bound=Callable[..., Any])


class Pair(click.ParamType[tuple[str, str]]):
    """A name, an equals sign, a value."""

    def __init__(self, name: str = "K=V") -> None:
        self.name = name

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return self.name

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        name, equals, rest = str(value).partition("=")
        if not equals or not name.strip():
            self.fail(f"{value!r} is not of the form {self.name}.", param, ctx)
        return name.strip(), rest


def connections(help_text: str = "Use another connection for an alias of the playbook.") -> Callable[[_F], _F]:
    """The flag `--connection ALIAS=NAME`."""
    return click.option("--connection", "bound", type=Pair("ALIAS=NAME"), multiple=True, help=help_text)
