"""Values: what stands under `with` and elsewhere, with `${{ }}` in it, compiled once and evaluated often."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from playbooks_engine.errors import ExpressionError
from playbooks_engine.language.expressions import limits
from playbooks_engine.language.expressions.building import Building, Reference, Run
from playbooks_engine.language.expressions.filters.table import Doubt
from playbooks_engine.language.expressions.grammar import parse
from playbooks_engine.language.expressions.lexing import OPEN, Source, parts_of
from playbooks_engine.language.expressions.printing import printed
from playbooks_engine.language.expressions.scope import Evaluation, Scope
from playbooks_engine.language.expressions.trouble import Trouble

__all__ = ["Doubt", "Reference", "Value", "compile_tree", "compile_value", "constant", "tree_of"]


@dataclass(frozen=True)
class Value:
    """Something that has a value in a scope.

    `text` is its source (empty for trees and plain data), `constant` tells that the scope does not matter,
    `references` are the names and keys it reads, `doubts` what is legal but probably not meant, `parts` the values
    of a map by key.
    """

    text: str
    constant: bool
    references: tuple[Reference, ...]
    doubts: tuple[Doubt, ...]
    _work: Callable[[Scope], Any]
    parts: Mapping[str, Value] | None = None

    def evaluate(self, scope: Scope) -> Any:
        """The value in this scope; raises ExpressionError, and nothing else."""
        return self._work(scope)

    @property
    def names(self) -> frozenset[tuple[str | int, ...]]:
        """The paths it reads, such as `("steps", "on_call", "output")`."""
        return frozenset(reference.path for reference in self.references)


def constant(data: Any) -> Value:
    """Plain data as a value."""
    return Value("", True, (), (), lambda _: data)


@lru_cache(maxsize=1_000)
def compile_value(text: str) -> Value:
    """A YAML string as a value: one whole `${{ }}` keeps its native type, anything else is text.

    Raises ExpressionError with the offset into the text.
    """
    if OPEN not in text:
        return Value(text, True, (), (), lambda _: text)
    parts = list(parts_of(text))
    built: list[str | tuple[Run, int, int]] = []
    references: list[Reference] = []
    doubts: list[Doubt] = []
    for part in parts:
        if isinstance(part, str):
            built.append(part)
            continue
        building = Building(part)
        built.append((building.build(parse(part)), part.start, _length(part)))
        references += building.references
        doubts += building.doubts
    if len(built) == 1 and not isinstance(built[0], str):
        run, start, length = built[0]
        work: Callable[[Scope], Any] = lambda scope: guarded(run, Evaluation(scope), start, length)  # noqa: E731
    else:
        pieces = tuple(built)
        work = lambda scope: _text(pieces, scope)  # noqa: E731
    return Value(text, False, tuple(references), tuple(doubts), work)


def compile_tree(data: Any) -> Value:
    """Nested maps and lists whose texts may hold `${{ }}`; keys are literal. Raises ExpressionError."""
    if isinstance(data, str):
        return compile_value(data)
    if isinstance(data, Mapping):
        return tree_of({key: compile_tree(part) for key, part in data.items()})
    if isinstance(data, list | tuple):
        return tree_of([compile_tree(part) for part in data])
    return constant(data)


def tree_of(parts: Mapping[str, Value] | Sequence[Value]) -> Value:
    """A map or list of values as one value; an error inside names the key it happened under."""
    pairs = list(parts.items()) if isinstance(parts, Mapping) else list(enumerate(parts))
    within = [value for _, value in pairs]
    as_map = isinstance(parts, Mapping)

    def work(scope: Scope) -> Any:
        made = [(key, _under(key, value, scope)) for key, value in pairs]
        return dict(made) if as_map else [value for _, value in made]

    return Value(
        "",
        all(value.constant for value in within),
        tuple(reference for value in within for reference in value.references),
        tuple(doubt for value in within for doubt in value.doubts),
        work,
        parts if isinstance(parts, Mapping) else None,
    )


def guarded(run: Run, evaluation: Evaluation, start: int, length: int) -> Any:
    """The value of an expression, or ExpressionError whatever goes wrong inside."""
    try:
        return run(evaluation)
    except ExpressionError:
        raise
    except Trouble as trouble:
        raise trouble.at(start, length) from None
    except RecursionError:
        raise ExpressionError("the data is nested too deep for this", offset=start, length=length) from None
    except Exception as error:
        # Nothing is known to end here; if something does, it must still fail one step and not the service.
        raise ExpressionError(f"this has no value: {type(error).__name__}", offset=start, length=length) from error


def _under(key: str | int, value: Value, scope: Scope) -> Any:
    try:
        return value.evaluate(scope)
    except ExpressionError as error:
        inner = getattr(error, "under", ())
        kind = type(error)
        base = error.message if not inner else error.plain_message  # type: ignore[attr-defined]
        path = (str(key), *inner)
        outer = kind(f"{'.'.join(path)}: {base}", hint=error.hint, offset=error.offset, length=error.length)
        outer.under, outer.plain_message = path, base  # type: ignore[attr-defined]
        raise outer from None


def _text(pieces: tuple[str | tuple[Run, int, int], ...], scope: Scope) -> str:
    texts: list[str] = []
    size = 0
    for piece in pieces:
        if isinstance(piece, str):
            text = piece
        else:
            run, start, length = piece
            value = guarded(run, Evaluation(scope), start, length)
            try:
                text = printed(value)
            except Trouble as trouble:
                raise trouble.at(start, length) from None
        size += len(text)
        if size > limits.LENGTH:
            raise ExpressionError(f"the text is longer than {limits.LENGTH:,} characters", hint="shorten it first")
        texts.append(text)
    return "".join(texts)


def _length(source: Source) -> int:
    return max(source.end - source.start, 1)
