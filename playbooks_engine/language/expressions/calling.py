"""Functions, filters and tests inside an expression: found and their arguments placed before anything runs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from jinja2 import nodes

from playbooks_engine.errors import ExpressionError
from playbooks_engine.language.expressions.filters import FILTERS, TESTS, Filter
from playbooks_engine.language.expressions.grammar import end_of
from playbooks_engine.language.expressions.reaching import kind
from playbooks_engine.language.expressions.scope import Evaluation
from playbooks_engine.language.expressions.trouble import MissingValue, Trouble
from playbooks_engine.language.suggesting import did_you_mean
from playbooks_engine.sdk.durations import parse_duration
from playbooks_engine.sdk.times import in_utc

if TYPE_CHECKING:
    from playbooks_engine.language.expressions.building import Building, Run

FUNCTIONS = ("now", "ago", "duration")

_GONE = {
    "attr": "a dot or brackets reach a key",
    "format": "write the text with ${{ }} in it, or join with ~",
    "random": "nothing in a playbook is random",
    "tojson": "it is called to_json here",
    "fromjson": "it is called from_json here",
    "safe": "nothing is escaped, so nothing needs it",
    "escape": "nothing is HTML here",
    "to_date": "it is called to_datetime here",
    "strftime": "use human_time, or to_json",
    "flatten": "use json_query('[]')",
    "contains": "write `'x' in list`, or `list is contains('x')`",
}


def call_built(b: Building, node: nodes.Call) -> Run:
    """`now()`, `ago('10m')`, `duration('1h30m')`; nothing else can be called."""
    offset, length = b.place(node)
    if not isinstance(node.node, nodes.Name) or node.node.name not in FUNCTIONS:
        called = node.node.name if isinstance(node.node, nodes.Name) else ""
        if called in FILTERS or called == "default":
            hint: str | None = f"{called} is a filter: value | {called}"
        else:
            hint = did_you_mean(called, FUNCTIONS, "the functions are now(), ago('10m') and duration('1h30m')")
        raise ExpressionError("this cannot be called", hint=hint, offset=offset, length=length)
    name = node.node.name
    wanted = 0 if name == "now" else 1
    if node.kwargs or len(node.args) != wanted:
        usage = "no argument" if not wanted else "one duration, as in " + f"{name}('10m')"
        raise ExpressionError(f"{name}() takes {usage}", offset=offset, length=length)
    if name == "now":
        return lambda e: in_utc(e.now())
    argument = node.args[0]
    fixed = _fixed(argument, _length, b) if isinstance(argument, nodes.Const) else None
    given = b.build_inside(argument)

    def compute(e: Evaluation) -> datetime | timedelta:
        try:
            span = fixed if fixed is not None else _length(given(e))
            return span if name == "duration" else in_utc(e.now()) - span
        except Trouble as trouble:
            raise trouble.at(offset, length) from None
        except OverflowError:
            raise Trouble("that time is out of reach").at(offset, length) from None

    return compute


def _length(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str):
        raise Trouble(f"{kind(value)} is not a duration", "write it like '10m'")
    try:
        return parse_duration(value)
    except ValueError as error:
        raise Trouble(str(error)) from None


def filter_built(b: Building, node: nodes.Filter) -> Run:
    """A filter on a value; `default` covers everything to its left."""
    assert node.node is not None  # noqa: S101 - only a filter block has none, and there are no blocks
    if node.name in ("default", "d"):
        return _default_built(b, node)
    known = FILTERS.get(node.name)
    if known is None:
        raise ExpressionError(
            f"there is no filter '{node.name}'",
            hint=_GONE.get(node.name) or did_you_mean(node.name, [*FILTERS, "default"]),
            offset=node.lineno,
            length=len(node.name),
        )
    value = b.build_inside(node.node)
    return _applied(b, known, node, value, (node.lineno, len(node.name)))


def _default_built(b: Building, node: nodes.Filter) -> Run:
    place = (node.lineno, len(node.name))
    keywords = dict(_keywords(node))
    given = [*node.args]
    if (
        len(given) + len(keywords) > 2
        or (not given and "default_value" not in keywords)
        or set(keywords) - {"default_value", "boolean"}
    ):
        raise ExpressionError("default takes the value to use: `| default('none')`", offset=place[0], length=place[1])
    otherwise = b.build_inside(given[0] if given else keywords["default_value"])
    flag = given[1] if len(given) > 1 else keywords.get("boolean")
    also_empty = None if flag is None else b.build_inside(flag)
    assert node.node is not None  # noqa: S101 - as above
    with b.absence_is_provided_for():
        value = b.build_inside(node.node)

    def compute(e: Evaluation) -> Any:
        try:
            found = value(e)
        except MissingValue:
            return otherwise(e)
        return otherwise(e) if also_empty is not None and not found and also_empty(e) else found

    return compute


def test_built(b: Building, node: nodes.Test) -> Run:
    """What stands after `is`."""
    place = b.place(node)
    if node.name in ("defined", "undefined"):
        if node.args or node.kwargs:
            raise ExpressionError(f"`is {node.name}` takes no argument", offset=place[0], length=place[1])
        with b.absence_is_provided_for():
            value = b.build(node.node)
        wanted = node.name == "defined"

        def defined(e: Evaluation) -> bool:
            try:
                value(e)
            except MissingValue:
                return not wanted
            return wanted

        return defined
    known = TESTS.get(node.name)
    if known is None:
        raise ExpressionError(
            f"there is no test '{node.name}'",
            hint=did_you_mean(node.name, [*TESTS, "defined", "undefined"], "to compare, write =="),
            offset=node.lineno,
            length=2,
        )
    return _applied(b, known, node, b.build(node.node), place)


def _keywords(node: nodes.Filter | nodes.Test) -> list[tuple[str, nodes.Expr]]:
    # Jinja declares these as pairs of expressions; its parser makes keywords.
    return [(str(keyword.key), keyword.value) for keyword in node.kwargs]


def _applied(b: Building, known: Filter, node: nodes.Filter | nodes.Test, value: Run, place: tuple[int, int]) -> Run:
    name, keywords = node.name, _keywords(node)
    try:
        parameters = known.named(len(node.args), [key for key, _ in keywords])
    except Trouble as trouble:
        raise ExpressionError(f"{name} {trouble.message}", offset=place[0], length=place[1]) from None
    arguments = [*node.args, *(value for _, value in keywords)]
    runs = [
        _prepared(b, known, name, parameter, argument) if parameter in known.prepare else b.build_inside(argument)
        for parameter, argument in zip(parameters, arguments, strict=True)
    ]
    positional = runs[: len(node.args)]
    named = list(zip((key for key, _ in keywords), runs[len(node.args) :], strict=True))
    work = known.work

    def compute(e: Evaluation) -> Any:
        subject = value(e)
        given = [run(e) for run in positional]
        options = {key: run(e) for key, run in named}
        try:
            return work(e, subject, *given, **options)
        except Trouble as trouble:
            raise trouble.at(*place) from None

    return compute


def _prepared(b: Building, known: Filter, name: str, parameter: str, argument: nodes.Expr) -> Run:
    offset, length = b.place(argument)
    if not isinstance(argument, nodes.Const) or not isinstance(argument.value, str):
        raise ExpressionError(
            f"the {parameter} of {name} must be a text in quotes",
            hint="it is checked before anything runs, so it cannot come from data",
            offset=offset,
            length=length,
        )
    ready = _fixed(argument, known.prepare[parameter], b)
    if known.doubts is not None:
        for doubt in known.doubts(argument.value):
            b.doubts.append(type(doubt)(doubt.message, doubt.hint, offset, length))
    return lambda _: ready


def _fixed(argument: nodes.Const, prepare: Callable[[Any], Any], b: Building) -> Any:
    try:
        return prepare(argument.value)
    except Trouble as trouble:
        raise trouble.at(argument.lineno, end_of(argument, b.source) - argument.lineno) from None
