"""From the tree of an expression to nested functions that compute it: no generated code, nothing to escape from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from jinja2 import nodes

from playbooks_engine.errors import ExpressionError
from playbooks_engine.language.expressions.calling import call_built, filter_built, test_built
from playbooks_engine.language.expressions.filters.table import Doubt
from playbooks_engine.language.expressions.grammar import end_of, start_of
from playbooks_engine.language.expressions.lexing import Source
from playbooks_engine.language.expressions.operators import (
    COMPARISONS,
    add,
    concatenate,
    divide,
    floor_divide,
    multiply,
    negative,
    positive,
    remainder,
    subtract,
)
from playbooks_engine.language.expressions.reaching import cut, having, reach
from playbooks_engine.language.expressions.scope import Evaluation
from playbooks_engine.language.expressions.trouble import Absent, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator

Run = Callable[[Evaluation], Any]

_MATH: dict[type[nodes.Expr], Callable[[Any, Any], Any]] = {
    nodes.Add: add,
    nodes.Sub: subtract,
    nodes.Mul: multiply,
    nodes.Div: divide,
    nodes.FloorDiv: floor_divide,
    nodes.Mod: remainder,
}


@dataclass(frozen=True)
class Reference:
    """A name and the keys after it, as far as they are written out; `defaulted` when its absence is provided for.

    `words` are the texts that it is compared with, each with its offset.
    """

    path: tuple[str | int, ...]
    offset: int
    length: int
    defaulted: bool = False
    words: tuple[tuple[str, int], ...] = ()


@dataclass
class Building:
    """One expression on its way; collects what it refers to and what is doubtful."""

    source: Source
    references: list[Reference] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    traced: bool = False
    _defaulted: int = 0

    def build(self, node: nodes.Expr) -> Run:
        """The function that computes the node."""
        run = _BUILDERS[type(node)](self, node)
        return self._tracing(node, run) if self.traced and isinstance(node, _SEEN) else run

    def build_inside(self, node: nodes.Expr) -> Run:
        """The same for a part of something that is itself reported as seen."""
        traced, self.traced = self.traced, False
        try:
            return self.build(node)
        finally:
            self.traced = traced

    @contextmanager
    def absence_is_provided_for(self) -> Iterator[None]:
        """While the left side of `default`, or of `is defined`, is being built."""
        self._defaulted += 1
        try:
            yield
        finally:
            self._defaulted -= 1

    def place(self, node: nodes.Node) -> tuple[int, int]:
        """Offset and length of the node's text."""
        start = start_of(node)
        return start, max(end_of(node, self.source) - start, 1)

    def refer(self, path: tuple[str | int, ...], node: nodes.Node) -> None:
        """Note that the expression reads this path."""
        self.references.append(Reference(path, *self.place(node), defaulted=self._defaulted > 0))

    def _tracing(self, node: nodes.Expr, run: Run) -> Run:
        start, length = self.place(node)
        text = self.source.text[start : start + length]

        def seeing(e: Evaluation) -> Any:
            value = run(e)
            if e.seen is not None:
                e.seen.append((text, value))
            return value

        return seeing


_SEEN = (nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Filter, nodes.Call)


def _const(b: Building, node: nodes.Const) -> Run:
    value = node.value
    if isinstance(value, int) and value.bit_length() > 256:
        raise ExpressionError("the number is too large", offset=node.lineno)
    return lambda _: value


def _chain(b: Building, node: nodes.Expr) -> Run:
    """Names and keys: the commonest thing by far, so it is one loop and no nested calls."""
    keys: list[tuple[Any, int, int]] = []
    inner: nodes.Expr = node
    while isinstance(inner, nodes.Getattr | nodes.Getitem):
        if isinstance(inner, nodes.Getattr):
            at = b.source.text.index(inner.attr, inner.lineno)
            keys.append((inner.attr, at, len(inner.attr)))
        elif isinstance(inner.arg, nodes.Const) and isinstance(inner.arg.value, str | int):
            keys.append((inner.arg.value, inner.arg.lineno, end_of(inner, b.source) - inner.arg.lineno - 1))
        elif (index := _negative_index(inner.arg)) is not None:
            keys.append((index, inner.arg.lineno, end_of(inner, b.source) - inner.arg.lineno - 1))
        else:
            break
        inner = inner.node
    if isinstance(inner, nodes.Name):
        path = (inner.name, *(key for key, _, _ in reversed(keys)))
        b.refer(path, node)
        start = _name(inner)
    elif isinstance(inner, nodes.Getitem):
        start = _dynamic_item(b, inner)
    else:
        start = b.build_inside(inner)
    if not keys:
        return start
    steps = tuple(reversed(keys))
    plain = tuple(key for key, _, _ in steps)

    def follow(e: Evaluation) -> Any:
        value = begun = start(e)
        try:
            for key in plain:
                value = value[key] if type(value) is dict and type(key) is str else reach(value, key)
        except (KeyError, Trouble):
            return _walk(begun, steps)
        return value

    return follow


def _walk(value: Any, steps: tuple[tuple[Any, int, int], ...]) -> Any:
    """Go the way again slowly, to say where it ends."""
    for key, offset, length in steps:
        try:
            value = reach(value, key)
        except Trouble as trouble:
            raise trouble.at(offset, length) from None
    return value


def _negative_index(arg: nodes.Expr) -> int | None:
    if isinstance(arg, nodes.Neg) and isinstance(arg.node, nodes.Const) and type(arg.node.value) is int:
        return -arg.node.value
    return None


def _name(node: nodes.Name) -> Run:
    name, offset = node.name, node.lineno

    def look(e: Evaluation) -> Any:
        try:
            return e.roots[name]
        except KeyError:
            known = having(name, e.roots).replace("it has", "there is")
            raise Absent(f"no name '{name}' here; {known}").at(offset, len(name)) from None

    return look


def _dynamic_item(b: Building, node: nodes.Getitem) -> Run:
    offset, length = node.lineno, end_of(node, b.source) - node.lineno
    value = b.build_inside(node.node)
    if isinstance(node.arg, nodes.Slice):
        bounds = [
            None if part is None else b.build_inside(part) for part in (node.arg.start, node.arg.stop, node.arg.step)
        ]

        def slicing(e: Evaluation) -> Any:
            whole = value(e)
            first, last, step = (None if bound is None else bound(e) for bound in bounds)
            return _located(lambda: cut(whole, first, last, step), offset, length)

        return slicing
    if isinstance(node.arg, nodes.Tuple):
        raise ExpressionError("brackets take one key or index", offset=offset, length=length)
    key = b.build_inside(node.arg)

    def reaching(e: Evaluation) -> Any:
        whole, which = value(e), key(e)
        return _located(lambda: reach(whole, which), offset, length)

    return reaching


def _located(work: Callable[[], Any], offset: int, length: int) -> Any:
    try:
        return work()
    except Trouble as trouble:
        raise trouble.at(offset, length) from None


def _math(b: Building, node: nodes.BinExpr) -> Run:
    work, place = _MATH[type(node)], b.place(node)
    left, right = b.build(node.left), b.build(node.right)

    def compute(e: Evaluation) -> Any:
        a, c = left(e), right(e)
        try:
            return work(a, c)
        except Trouble as trouble:
            raise trouble.at(*place) from None

    return compute


def _sign(b: Building, node: nodes.UnaryExpr) -> Run:
    work = negative if isinstance(node, nodes.Neg) else positive
    value, place = b.build(node.node), b.place(node)
    return lambda e: _located(lambda: work(value(e)), *place)


def _and(b: Building, node: nodes.And) -> Run:
    left, right = b.build(node.left), b.build(node.right)
    return lambda e: left(e) and right(e)


def _or(b: Building, node: nodes.Or) -> Run:
    left, right = b.build(node.left), b.build(node.right)
    return lambda e: left(e) or right(e)


def _not(b: Building, node: nodes.Not) -> Run:
    value = b.build(node.node)
    return lambda e: not value(e)


def _operand(sign: str, run: Run) -> Run:
    return (lambda e: e.into(run(e))) if sign in ("in", "notin") else run


def _compare(b: Building, node: nodes.Compare) -> Run:
    before, place, first = len(b.references), b.place(node), b.build(node.expr)
    rest = [(COMPARISONS[operand.op], _operand(operand.op, b.build(operand.expr))) for operand in node.ops]
    if len(b.references) == before + 1 and isinstance(node.expr, nodes.Getattr | nodes.Getitem):
        words = tuple(word for operand in node.ops for word in _words(operand))
        b.references[-1] = replace(b.references[-1], words=words)
    if len(rest) == 1:
        (judge, second) = rest[0]

        def compare(e: Evaluation) -> bool:
            left, right = first(e), second(e)
            try:
                return judge(left, right)
            except Trouble as trouble:
                raise trouble.at(*place) from None

        return compare

    def compare_all(e: Evaluation) -> bool:
        left = first(e)
        for judge, operand in rest:
            right = operand(e)
            try:
                if not judge(left, right):
                    return False
            except Trouble as trouble:
                raise trouble.at(*place) from None
            left = right
        return True

    return compare_all


def _words(operand: nodes.Operand) -> Iterator[tuple[str, int]]:
    """The literal texts of `== 'a'`, `!= 'a'` and `in ['a', 'b']`."""
    one = operand.expr
    if operand.op in ("eq", "ne"):
        items = [one]
    elif operand.op in ("in", "notin") and isinstance(one, nodes.List | nodes.Tuple):
        items = one.items
    else:
        return
    for item in items:
        if isinstance(item, nodes.Const) and isinstance(item.value, str):
            yield item.value, item.lineno


def _choice(b: Building, node: nodes.CondExpr) -> Run:
    test, yes = b.build(node.test), b.build(node.expr1)
    assert node.expr2 is not None  # noqa: S101 - the grammar refuses an `if` without `else`
    no = b.build(node.expr2)
    return lambda e: yes(e) if test(e) else no(e)


def _concat(b: Building, node: nodes.Concat) -> Run:
    parts, place = [b.build(part) for part in node.nodes], b.place(node)

    def join(e: Evaluation) -> str:
        values = [part(e) for part in parts]
        try:
            return concatenate(values)
        except Trouble as trouble:
            raise trouble.at(*place) from None

    return join


def _list(b: Building, node: nodes.List | nodes.Tuple) -> Run:
    items = [b.build(item) for item in node.items]
    return lambda e: [item(e) for item in items]


def _map(b: Building, node: nodes.Dict) -> Run:
    pairs = []
    for pair in node.items:
        if isinstance(pair.key, nodes.Const) and not isinstance(pair.key.value, str):
            raise ExpressionError("a map's keys are text", hint="put the key in quotes", offset=pair.key.lineno)
        pairs.append((b.build(pair.key), b.build(pair.value), b.place(pair.key)))

    def make(e: Evaluation) -> Mapping[str, Any]:
        made: dict[str, Any] = {}
        for key, value, place in pairs:
            name = key(e)
            if not isinstance(name, str):
                raise Trouble("a map's keys are text", "turn it into text: `| string`").at(*place)
            made[name] = value(e)
        return made

    return make


_BUILDERS: dict[type[nodes.Expr], Callable[[Building, Any], Run]] = {
    nodes.Const: _const,
    nodes.Name: _chain,
    nodes.Getattr: _chain,
    nodes.Getitem: _chain,
    nodes.Call: call_built,
    nodes.Filter: filter_built,
    nodes.Test: test_built,
    nodes.Neg: _sign,
    nodes.Pos: _sign,
    nodes.And: _and,
    nodes.Or: _or,
    nodes.Not: _not,
    nodes.Compare: _compare,
    nodes.CondExpr: _choice,
    nodes.Concat: _concat,
    nodes.List: _list,
    nodes.Tuple: _list,
    nodes.Dict: _map,
    **dict.fromkeys(_MATH, _math),
}
