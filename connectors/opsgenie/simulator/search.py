"""The search query grammar: text in, a test for items out."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from connectors.opsgenie.simulator.refusals import unprocessable

T = TypeVar("T")
Kind = Literal["text", "exact", "number", "flag"]

_DEEPEST = 50
_OPERATOR = re.compile(r"\s*(<=|>=|:|<|>)\s*")
_NAME = re.compile(r'[^\s():<>"]+')
_VALUE = re.compile(r'[^\s()"]+')
_RESERVED = {"AND", "OR", "NOT"}


@dataclass(frozen=True)
class Field(Generic[T]):
    """How a field of the query is read from an item."""

    kind: Kind
    values: Callable[[T], Iterable[Any]]
    """What the item holds there; nothing, one, or many."""
    choices: tuple[str, ...] = ()


class _Malformed(Exception):
    pass


def matcher(query: str, fields: Mapping[str, Field[T]], main_text: Callable[[T], Iterable[Any]]) -> Callable[[T], bool]:
    """The test a query stands for; a malformed query is refused with a 422."""
    if not query.strip():
        return lambda item: True
    try:
        return _Reading(query, fields, main_text).whole()
    except _Malformed as problem:
        # The vendor's words for a bad query are not recorded.
        raise unprocessable({"query": str(problem)}) from None


class _Reading(Generic[T]):
    """Reads one query from left to right."""

    def __init__(self, query: str, fields: Mapping[str, Field[T]], main_text: Callable[[T], Iterable[Any]]) -> None:
        self.query = query
        self.at = 0
        self.depth = 0
        self.fields = fields
        self.main_text: Field[T] = Field("text", main_text)

    def whole(self) -> Callable[[T], bool]:
        test = self.any_of(self.clause)
        if self.at < len(self.query):
            raise _Malformed(f"Unexpected [{self.query[self.at]}] at position {self.at}")
        return test

    def any_of(self, part: Callable[[], Callable[[T], bool]]) -> Callable[[T], bool]:
        tests = [self.all_of(part)]
        while self.word("OR"):
            tests.append(self.all_of(part))
        return tests[0] if len(tests) == 1 else lambda item: any(test(item) for test in tests)

    def all_of(self, part: Callable[[], Callable[[T], bool]]) -> Callable[[T], bool]:
        tests = [self.maybe_not(part)]
        while True:
            if self.word("AND"):
                tests.append(self.maybe_not(part))
            elif self.rest() and self.rest()[0] != ")" and not re.match(r"OR(?=[\s(]|$)", self.rest()):
                # Two clauses side by side: both must hold. Not confirmed.
                tests.append(self.maybe_not(part))
            else:
                break
        return tests[0] if len(tests) == 1 else lambda item: all(test(item) for test in tests)

    def maybe_not(self, part: Callable[[], Callable[[T], bool]]) -> Callable[[T], bool]:
        minus = re.match(r"-(?=[^\s)])", self.rest())
        if minus:
            self.at += 1
        if minus or self.word("NOT"):
            test = part()
            return lambda item: not test(item)
        return part()

    def clause(self) -> Callable[[T], bool]:
        if self.rest().startswith("("):
            return self.group(self.clause)
        if self.rest().startswith('"'):
            return _test(self.main_text, ":", self.phrase(), quoted=True)
        name = self.match(_NAME, "a field or a word")
        operator = _OPERATOR.match(self.query, self.at)
        if not operator:
            return _test(self.main_text, ":", name, quoted=False)
        field = self.fields.get(name)
        if field is None:
            raise _Malformed(f"Unknown field [{name}]")
        self.at = operator.end()
        return self.value(field, operator.group(1))

    def value(self, field: Field[T], sign: str) -> Callable[[T], bool]:
        if self.rest().startswith("(") and sign == ":":
            return self.group(lambda: self.value(field, sign))
        if self.rest().startswith('"'):
            return _test(field, sign, self.phrase(), quoted=True)
        return _test(field, sign, self.match(_VALUE, "a value"), quoted=False)

    def group(self, part: Callable[[], Callable[[T], bool]]) -> Callable[[T], bool]:
        self.at += 1
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _Malformed("Too many parentheses")
        test = self.any_of(part)
        if not self.rest().startswith(")"):
            raise _Malformed("A parenthesis is not closed")
        self.at += 1
        self.depth -= 1
        return test

    def phrase(self) -> str:
        found = re.compile(r'"((?:[^"\\]|\\.)*)"').match(self.query, self.at)
        if not found:
            raise _Malformed("A quote is not closed")
        self.at = found.end()
        return re.sub(r"\\(.)", r"\1", found.group(1))

    def rest(self) -> str:
        while self.at < len(self.query) and self.query[self.at].isspace():
            self.at += 1
        return self.query[self.at :]

    def word(self, word: str) -> bool:
        found = re.match(word + r"(?=[\s()]|$)", self.rest())
        if found:
            self.at += len(word)
        return found is not None

    def match(self, pattern: re.Pattern[str], wanted: str) -> str:
        self.rest()
        found = pattern.match(self.query, self.at)
        if not found or found.group() in _RESERVED:
            raise _Malformed(f"Expected {wanted} at position {self.at}")
        self.at = found.end()
        return found.group()


def _test(field: Field[T], sign: str, value: str, *, quoted: bool) -> Callable[[T], bool]:
    values = field.values
    if field.kind == "number":
        return _number_test(values, sign, value)
    if sign != ":":
        raise _Malformed(f"[{sign}] compares numbers and dates only")
    wanted = value.lower()
    if field.kind == "flag" and wanted not in {"true", "false"}:
        raise _Malformed(f"[{value}] is not true or false")
    if field.choices and wanted not in field.choices:
        raise _Malformed(f"[{value}] is not one of {', '.join(field.choices)}")
    begins = wanted.endswith("*") and not quoted
    if field.kind == "text":
        return _text_test(values, wanted.removesuffix("*") if begins else wanted, begins=begins)
    if begins:
        return lambda item: any(str(held).lower().startswith(wanted[:-1]) for held in values(item))
    return lambda item: any(str(held).lower() == wanted for held in values(item))


def _number_test(values: Callable[[T], Iterable[Any]], sign: str, value: str) -> Callable[[T], bool]:
    if not re.fullmatch(r"-?[0-9]{1,19}", value):
        raise _Malformed(f"[{value}] is not a number")
    wanted = int(value)
    compare: dict[str, Callable[[int], bool]] = {
        ":": wanted.__eq__,
        # The held number stands left of the sign, so the wanted one is asked the other way round.
        "<": wanted.__gt__,
        "<=": wanted.__ge__,
        ">": wanted.__lt__,
        ">=": wanted.__le__,
    }
    holds = compare[sign]
    return lambda item: any(holds(held) for held in values(item))


def _text_test(values: Callable[[T], Iterable[Any]], wanted: str, *, begins: bool) -> Callable[[T], bool]:
    # Whole words: `disk` finds "Disk full" and not "diskette"; with * the end is open.
    pattern = re.compile(r"(?<!\w)" + re.escape(wanted) + ("" if begins else r"(?!\w)"), re.IGNORECASE)
    return lambda item: any(pattern.search(str(held)) for held in values(item))
