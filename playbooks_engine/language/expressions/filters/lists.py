"""Filters on whole lists: first, last, sorting, grouping, cutting."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cmp_to_key
from itertools import pairwise
from typing import Any

from playbooks_engine.language.expressions import limits
from playbooks_engine.language.expressions.filters.picking import attribute_of
from playbooks_engine.language.expressions.filters.table import Filter, items_of, whole
from playbooks_engine.language.expressions.operators import COMPARISONS, add, equal
from playbooks_engine.language.expressions.reaching import kind
from playbooks_engine.language.expressions.scope import Evaluation
from playbooks_engine.language.expressions.trouble import Absent, Trouble

_less = COMPARISONS["lt"]


def _length(_: Evaluation, value: Any) -> int:
    if not isinstance(value, str | list | tuple | Mapping):
        raise Trouble(f"{kind(value)} has no length")
    return len(value)


def _first(_: Evaluation, value: Any) -> Any:
    return _end(value, 0, "first")


def _last(_: Evaluation, value: Any) -> Any:
    return _end(value, -1, "last")


def _end(value: Any, at: int, which: str) -> Any:
    if not isinstance(value, str | list | tuple):
        raise Trouble(f"{which} works on a list, not on {kind(value)}")
    if not value:
        raise Absent(f"no {which} item: it is empty", "add `| default(...)` if that can happen")
    return value[at]


def _list(evaluation: Evaluation, value: Any) -> list[Any]:
    if isinstance(value, str | Mapping):
        evaluation.spend(len(value))
        return list(value)
    return items_of(evaluation, value, "list")


def _items(evaluation: Evaluation, value: Any) -> list[list[Any]]:
    pairs = _map_of(value, "items").items()
    evaluation.spend(len(pairs))
    return [[key, part] for key, part in pairs]


def _dictsort(
    evaluation: Evaluation, value: Any, case_sensitive: bool = False, by: str = "key", reverse: bool = False
) -> list[list[Any]]:
    if by not in ("key", "value"):
        raise Trouble("dictsort goes by 'key' or by 'value'")
    pairs = _items(evaluation, value)
    at = 0 if by == "key" else 1
    return _sorted(evaluation, pairs, lambda pair: _folded(pair[at], case_sensitive), bool(reverse))


def _unique(evaluation: Evaluation, value: Any, attribute: str | int | None = None) -> list[Any]:
    kept: list[Any] = []
    seen: dict[tuple[type, Any], None] = {}
    unhashable: list[Any] = []
    for item in items_of(evaluation, value, "unique"):
        what = item if attribute is None else attribute_of(item, attribute)
        if isinstance(what, list | tuple | Mapping):
            evaluation.spend(len(unhashable))
            if any(equal(what, other) for other in unhashable):
                continue
            unhashable.append(what)
        elif (type(what), what) in seen:
            continue
        else:
            seen[type(what), what] = None
        kept.append(item)
    return kept


def _sort(
    evaluation: Evaluation,
    value: Any,
    reverse: bool = False,
    case_sensitive: bool = False,
    attribute: str | int | None = None,
) -> list[Any]:
    return _sorted(
        evaluation,
        items_of(evaluation, value, "sort"),
        lambda item: _folded(_picked(item, attribute), case_sensitive),
        bool(reverse),
    )


def _sorted(evaluation: Evaluation, items: list[Any], key: Callable[[Any], Any], reverse: bool) -> list[Any]:
    def compare(left: tuple[Any, Any], right: tuple[Any, Any]) -> int:
        evaluation.spend(1)
        return -1 if _less(left[0], right[0]) else int(_less(right[0], left[0]))

    pairs = [(key(item), item) for item in items]
    return [item for _, item in sorted(pairs, key=cmp_to_key(compare), reverse=reverse)]


def _reverse(evaluation: Evaluation, value: Any) -> Any:
    return value[::-1] if isinstance(value, str) else items_of(evaluation, value, "reverse")[::-1]


def _sum(evaluation: Evaluation, value: Any, attribute: str | int | None = None, start: Any = 0) -> Any:
    total = start
    for item in items_of(evaluation, value, "sum"):
        picked = _picked(item, attribute)
        if isinstance(picked, str | list | tuple):
            raise Trouble(f"sum adds numbers, not {kind(picked)}", "join text with `| join`")
        total = add(total, picked)
    return total


def _min(evaluation: Evaluation, value: Any, attribute: str | int | None = None) -> Any:
    return _best(evaluation, value, attribute, "min", lambda best, item: _less(item, best))


def _max(evaluation: Evaluation, value: Any, attribute: str | int | None = None) -> Any:
    return _best(evaluation, value, attribute, "max", _less)


def _best(
    evaluation: Evaluation, value: Any, attribute: str | int | None, what: str, better: Callable[[Any, Any], bool]
) -> Any:
    items = items_of(evaluation, value, what)
    if not items:
        raise Absent(f"no {what}: the list is empty", "add `| default(...)` if that can happen")
    best = items[0]
    for item in items:
        if better(_picked(best, attribute), _picked(item, attribute)):
            best = item
    return best


def _batch(evaluation: Evaluation, value: Any, linecount: int, fill_with: Any = None) -> list[list[Any]]:
    size = whole(linecount, "linecount", 1, limits.STEPS)
    items = items_of(evaluation, value, "batch")
    rows = [items[at : at + size] for at in range(0, len(items), size)]
    if rows and fill_with is not None:
        evaluation.spend(size - len(rows[-1]))
        rows[-1] = rows[-1] + [fill_with] * (size - len(rows[-1]))
    return rows


def _slice(evaluation: Evaluation, value: Any, slices: int) -> list[list[Any]]:
    count = whole(slices, "slices", 1, 10_000)
    items = items_of(evaluation, value, "slice")
    size, extra = divmod(len(items), count)
    cuts = [at * size + min(at, extra) for at in range(count + 1)]
    return [items[a:b] for a, b in pairwise(cuts)]


def _groupby(evaluation: Evaluation, value: Any, attribute: str | int) -> list[dict[str, Any]]:
    groups: dict[tuple[str, Any], dict[str, Any]] = {}
    for item in items_of(evaluation, value, "groupby"):
        grouper = attribute_of(item, attribute)
        if isinstance(grouper, list | tuple | Mapping):
            raise Trouble(f"groupby goes by a plain value, not by {kind(grouper)}")
        found = groups.setdefault((kind(grouper), grouper), {"grouper": grouper, "list": []})
        found["list"].append(item)
    return list(groups.values())


def _picked(item: Any, attribute: str | int | None) -> Any:
    return item if attribute is None else attribute_of(item, attribute)


def _folded(value: Any, case_sensitive: bool) -> Any:
    return value.lower() if isinstance(value, str) and not case_sensitive else value


def _map_of(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Trouble(f"{what} works on a map, not on {kind(value)}")
    return value


LISTS: dict[str, Filter] = {
    "length": Filter(_length),
    "count": Filter(_length),
    "first": Filter(_first),
    "last": Filter(_last),
    "list": Filter(_list),
    "items": Filter(_items),
    "dictsort": Filter(_dictsort),
    "unique": Filter(_unique),
    "sort": Filter(_sort),
    "reverse": Filter(_reverse),
    "sum": Filter(_sum),
    "min": Filter(_min),
    "max": Filter(_max),
    "batch": Filter(_batch),
    "slice": Filter(_slice),
    "groupby": Filter(_groupby),
}
