"""Tests: what may stand after `is`; `defined` and `undefined` the evaluator itself understands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from playbooks_engine.language.expressions.filters.patterns import found, matches, pattern
from playbooks_engine.language.expressions.filters.table import Filter, text_of
from playbooks_engine.language.expressions.operators import COMPARISONS, contained, is_number, remainder
from playbooks_engine.language.expressions.reaching import kind
from playbooks_engine.language.expressions.scope import Evaluation
from playbooks_engine.language.expressions.trouble import Trouble


def _kind_test(*kinds: type) -> Filter:
    def judge(_: Evaluation, value: Any) -> bool:
        return isinstance(value, kinds)

    return Filter(judge)


def _comparison(name: str) -> Filter:
    compare = COMPARISONS[name]

    def judge(_: Evaluation, value: Any, other: Any) -> bool:
        return compare(value, other)

    return Filter(judge)


def _none(_: Evaluation, value: Any) -> bool:
    return value is None


def _true(_: Evaluation, value: Any) -> bool:
    return value is True


def _false(_: Evaluation, value: Any) -> bool:
    return value is False


def _number(_: Evaluation, value: Any) -> bool:
    return is_number(value)


def _integer(_: Evaluation, value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _in(evaluation: Evaluation, value: Any, container: Any) -> bool:
    return contained(value, evaluation.into(container))


def _containing(evaluation: Evaluation, value: Any, item: Any) -> bool:
    return contained(item, evaluation.into(value))


def _empty(_: Evaluation, value: Any) -> bool:
    if value is None:
        return True
    if not isinstance(value, str | list | tuple | Mapping):
        raise Trouble(f"{kind(value)} is neither empty nor full")
    return not value


def _startswith(_: Evaluation, value: Any, start: str) -> bool:
    return text_of(value, "startswith").startswith(text_of(start, "startswith"))


def _endswith(_: Evaluation, value: Any, end: str) -> bool:
    return text_of(value, "endswith").endswith(text_of(end, "endswith"))


def _even(_: Evaluation, value: Any) -> bool:
    return bool(remainder(value, 2) == 0)


def _odd(_: Evaluation, value: Any) -> bool:
    return bool(remainder(value, 2) == 1)


def _divisibleby(_: Evaluation, value: Any, number: Any) -> bool:
    return bool(remainder(value, number) == 0)


def _lower(_: Evaluation, value: Any) -> bool:
    return text_of(value, "lower").islower()


def _upper(_: Evaluation, value: Any) -> bool:
    return text_of(value, "upper").isupper()


TESTS: dict[str, Filter] = {
    "none": Filter(_none),
    "true": Filter(_true),
    "false": Filter(_false),
    "boolean": _kind_test(bool),
    "string": _kind_test(str),
    "number": Filter(_number),
    "integer": Filter(_integer),
    "float": _kind_test(float),
    "mapping": _kind_test(Mapping),
    "sequence": _kind_test(list, tuple),
    "list": _kind_test(list, tuple),
    "datetime": _kind_test(datetime),
    "duration": _kind_test(timedelta),
    "empty": Filter(_empty),
    "in": Filter(_in),
    "containing": Filter(_containing),
    "contains": Filter(_containing),
    "startswith": Filter(_startswith),
    "endswith": Filter(_endswith),
    "match": Filter(matches, prepare={"pattern": pattern}),
    "search": Filter(found, prepare={"pattern": pattern}),
    "even": Filter(_even),
    "odd": Filter(_odd),
    "divisibleby": Filter(_divisibleby),
    "lower": Filter(_lower),
    "upper": Filter(_upper),
    **{name: _comparison("eq") for name in ("equalto", "eq", "==")},
    **{name: _comparison("ne") for name in ("ne", "!=")},
    **{name: _comparison("lt") for name in ("lessthan", "lt", "<")},
    **{name: _comparison("lteq") for name in ("le", "<=")},
    **{name: _comparison("gt") for name in ("greaterthan", "gt", ">")},
    **{name: _comparison("gteq") for name in ("ge", ">=")},
}
