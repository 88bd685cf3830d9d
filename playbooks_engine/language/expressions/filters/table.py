"""A filter or test as a row of a table: a function, and which of its arguments must be literal."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from playbooks_engine.language.expressions.reaching import kind
from playbooks_engine.language.expressions.scope import Evaluation
from playbooks_engine.language.expressions.trouble import Trouble

Work = Callable[..., Any]


@dataclass(frozen=True)
class Doubt:
    """Something legal that is probably not meant, at an offset of the text."""

    message: str
    hint: str
    offset: int = 0
    length: int = 1


@dataclass(frozen=True)
class Filter:
    """`work(evaluation, value, *arguments)`; the literal arguments are prepared once, when the text is compiled."""

    work: Work
    prepare: Mapping[str, Callable[[str], Any]] = field(default_factory=dict)
    doubts: Callable[[str], list[Doubt]] | None = None

    @property
    def parameters(self) -> list[str]:
        """The names of its arguments, in order."""
        return list(inspect.signature(self.work).parameters)[2:]

    def named(self, positional: int, keywords: list[str]) -> list[str]:
        """Which parameter each argument is for; raises Trouble when they do not fit."""
        signature = inspect.signature(self.work)
        try:
            signature.bind(None, None, *range(positional), **dict.fromkeys(keywords))
        except TypeError:
            raise Trouble(f"takes {self._usage()}") from None
        variadic = [p.name for p in signature.parameters.values() if p.kind is p.VAR_POSITIONAL]
        names = [p.name for p in signature.parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD][2:]
        placed = [*names[:positional], *(variadic * max(0, positional - len(names)))]
        return [*placed, *keywords]

    def _usage(self) -> str:
        parameters = list(inspect.signature(self.work).parameters.values())[2:]
        if not parameters:
            return "no arguments"
        return "(" + ", ".join(p.name if p.default is p.empty else f"[{p.name}]" for p in parameters) + ")"


def items_of(evaluation: Evaluation, value: Any, what: str) -> list[Any]:
    """The value as a list of items to work on, counted; raises Trouble when it is none."""
    if isinstance(value, Mapping):
        raise Trouble(f"{what} works on a list, not on a map", "write `| items`, or take one of its keys")
    if not isinstance(value, list | tuple):
        raise Trouble(f"{what} works on a list, not on {kind(value)}")
    evaluation.spend(len(value))
    return list(value)


def text_of(value: Any, what: str) -> str:
    """The value as a text; raises Trouble when it is none."""
    if not isinstance(value, str):
        raise Trouble(f"{what} works on text, not on {kind(value)}", "turn it into text first: `| string`")
    return value


def whole(value: Any, what: str, least: int, most: int) -> int:
    """An argument that is a whole number within bounds."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise Trouble(f"{what} is a whole number from {least:,} to {most:,}")
    return value
