"""Conditions: one bare expression that must be true or false."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from playbooks_engine.errors import ExpressionError
from playbooks_engine.language.expressions.building import Building, Reference, Run
from playbooks_engine.language.expressions.filters.table import Doubt
from playbooks_engine.language.expressions.grammar import parse
from playbooks_engine.language.expressions.lexing import CLOSE, OPEN, Source, expression_at
from playbooks_engine.language.expressions.reaching import kind
from playbooks_engine.language.expressions.scope import Evaluation, Scope
from playbooks_engine.language.expressions.values import guarded


@dataclass(frozen=True)
class Condition:
    """A compiled `when` or `where`; `references` and `doubts` are as for values."""

    text: str
    references: tuple[Reference, ...]
    doubts: tuple[Doubt, ...]
    _source: Source
    _run: Run

    def evaluate(self, scope: Scope) -> bool:
        """Whether it holds; raises ExpressionError when it has no value, or one that is not a boolean."""
        return self._judge(self._run, Evaluation(scope))

    def explain(self, scope: Scope) -> list[tuple[str, Any]]:
        """What the condition saw: the text and value of each part it read, in the order it read them."""
        seen: list[tuple[str, Any]] = []
        with suppress(ExpressionError):  # what was seen until then is what the reader needs
            self._judge(self._traced, Evaluation(scope, seen))
        return seen

    @property
    def names(self) -> frozenset[tuple[str | int, ...]]:
        """The paths it reads."""
        return frozenset(reference.path for reference in self.references)

    def _judge(self, run: Callable[[Evaluation], Any], evaluation: Evaluation) -> bool:
        start, length = self._source.start, max(len(self.text.strip()), 1)
        value = guarded(run, evaluation, start, length)
        if value is True or value is False:
            return value
        raise ExpressionError(
            f"a condition must be true or false, this is {kind(value)}",
            hint=_how_to_say(value),
            offset=start,
            length=length,
        )

    @cached_property
    def _traced(self) -> Run:
        return Building(self._source, traced=True).build(parse(self._source))


def _how_to_say(value: Any) -> str:
    match value:
        case None:
            return "say what you mean: `is not none`, or `is defined`"
        case str():
            return "say what you mean: `!= ''`"
        case int() | float():
            return "say what you mean: `> 0`"
        case _:
            return "say what you mean: `| length > 0`"


@lru_cache(maxsize=1_000)
def compile_condition(text: str) -> Condition:
    """A bare expression, or one whole `${{ }}`; raises ExpressionError with the offset into the text."""
    start = len(text) - len(text.lstrip())
    if text.startswith(OPEN, start):
        source, end = expression_at(text, start + len(OPEN), delimited=True)
        if text[end:].strip():
            raise _partial(text, start)
    elif OPEN in text and not _quoted(text):
        raise _partial(text, text.index(OPEN))
    else:
        source, _ = expression_at(text, 0, delimited=False)
    building = Building(source)
    run = building.build(parse(source))
    return Condition(text, tuple(building.references), tuple(building.doubts), source, run)


def _quoted(text: str) -> bool:
    """Whether every `${{` of the text stands inside quotes, where it is data."""
    try:
        source, _ = expression_at(text, 0, delimited=False)
    except ExpressionError:
        return False
    return bool(source.tokens)


def _partial(text: str, offset: int) -> ExpressionError:
    return ExpressionError(
        f"a condition is one bare expression; with {OPEN} in a part of it, it would be text, and text is always true",
        hint=f"remove {OPEN} and {CLOSE}",
        offset=offset,
        length=len(OPEN),
    )
