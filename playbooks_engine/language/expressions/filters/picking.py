"""Filters that pick from each item of a list: map, select, reject and their attribute forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playbooks_engine.language.expressions import limits
from playbooks_engine.language.expressions.filters.table import Filter, items_of
from playbooks_engine.language.expressions.operators import too_large
from playbooks_engine.language.expressions.reaching import kind, reach
from playbooks_engine.language.expressions.scope import Evaluation
from playbooks_engine.language.expressions.trouble import Absent, Trouble
from playbooks_engine.language.suggesting import did_you_mean

_NONE: Any = object()


def attribute_of(item: Any, attribute: Any) -> Any:
    """What stands under a dotted path (`owner.name`, `participants.0.id`) of an item."""
    if isinstance(attribute, int) and not isinstance(attribute, bool):
        return reach(item, attribute)
    if not isinstance(attribute, str):
        raise Trouble(f"an attribute is a name, not {kind(attribute)}")
    for part in attribute.split("."):
        item = reach(item, int(part) if part.isdigit() and part.isascii() and isinstance(item, list) else part)
    return item


def _map(
    evaluation: Evaluation,
    value: Any,
    filter: str = _NONE,
    *arguments: Any,
    attribute: Any = _NONE,
    default: Any = _NONE,
) -> list[Any]:
    items = items_of(evaluation, value, "map")
    if attribute is not _NONE:
        if filter is not _NONE:
            raise Trouble("map takes a filter's name or attribute='...', not both")
        return [_attribute_or(item, attribute, default) for item in items]
    if filter is _NONE:
        raise Trouble("map needs attribute='name' or the name of a filter")
    work, made, size = _filter(filter).work, [], 0
    for item in evaluation.each(items):
        one = work(evaluation, item, *arguments)
        size += len(one) if isinstance(one, str | list | tuple) else 0
        if size > limits.LENGTH:
            raise too_large()
        made.append(one)
    return made


def _attribute_or(item: Any, attribute: Any, default: Any) -> Any:
    if default is _NONE:
        return attribute_of(item, attribute)
    try:
        return attribute_of(item, attribute)
    except Absent:
        return default


def _select(evaluation: Evaluation, value: Any, test: str = _NONE, *arguments: Any) -> list[Any]:
    return _kept(evaluation, value, _judge(evaluation, None, test, arguments), keep=True)


def _reject(evaluation: Evaluation, value: Any, test: str = _NONE, *arguments: Any) -> list[Any]:
    return _kept(evaluation, value, _judge(evaluation, None, test, arguments), keep=False)


def _selectattr(evaluation: Evaluation, value: Any, attribute: str, test: str = _NONE, *arguments: Any) -> list[Any]:
    return _kept(evaluation, value, _judge(evaluation, attribute, test, arguments), keep=True)


def _rejectattr(evaluation: Evaluation, value: Any, attribute: str, test: str = _NONE, *arguments: Any) -> list[Any]:
    return _kept(evaluation, value, _judge(evaluation, attribute, test, arguments), keep=False)


def _kept(evaluation: Evaluation, value: Any, judge: Callable[[Any], bool], *, keep: bool) -> list[Any]:
    items = items_of(evaluation, value, "select" if keep else "reject")
    return [item for item in evaluation.each(items) if judge(item) is keep]


def _judge(
    evaluation: Evaluation, attribute: str | None, test: str, arguments: tuple[Any, ...]
) -> Callable[[Any], bool]:
    def picked(item: Any) -> Any:
        return item if attribute is None else attribute_of(item, attribute)

    if test in ("defined", "undefined"):

        def defined(item: Any) -> bool:
            try:
                picked(item)
            except Absent:
                return test == "undefined"
            return test == "defined"

        return defined
    if test is _NONE:
        return lambda item: bool(picked(item))
    work = _test(test).work
    return lambda item: bool(work(evaluation, picked(item), *arguments))


def _filter(name: Any) -> Filter:
    from playbooks_engine.language.expressions.filters import FILTERS

    return _known(name, FILTERS, "filter")


def _test(name: Any) -> Filter:
    from playbooks_engine.language.expressions.filters import TESTS

    return _known(name, TESTS, "test")


def _known(name: Any, table: dict[str, Filter], what: str) -> Filter:
    if not isinstance(name, str) or name not in table:
        # selectattr('status', 'closed') is how one would say it
        otherwise = f"to compare with it, write 'eq', {name!r:.60}" if what == "test" else None
        raise Trouble(f"there is no {what} {name!r:.60}", did_you_mean(str(name), table, otherwise))
    if table[name].prepare:
        raise Trouble(f"the {what} {name!r} cannot be used inside another filter")
    return table[name]


def _existing_filter(name: str) -> str:
    _filter(name)
    return name


def _existing_test(name: str) -> str:
    if name not in ("defined", "undefined"):
        _test(name)
    return name


PICKING: dict[str, Filter] = {
    "map": Filter(_map, prepare={"filter": _existing_filter}),
    "select": Filter(_select, prepare={"test": _existing_test}),
    "reject": Filter(_reject, prepare={"test": _existing_test}),
    "selectattr": Filter(_selectattr, prepare={"test": _existing_test}),
    "rejectattr": Filter(_rejectattr, prepare={"test": _existing_test}),
}
