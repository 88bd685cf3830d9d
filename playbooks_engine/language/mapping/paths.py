"""JSONPath by RFC 9535, compiled once; a path to a single place is walked by hand, twenty times faster."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jsonpath import JSONPath, JSONPathEnvironment, JSONPathMatch
from jsonpath.exceptions import JSONPathError
from jsonpath.filter import BaseExpression, FilterQuery
from jsonpath.function_extensions import Match, Search
from jsonpath.selectors import Filter, IndexSelector, NameSelector

from playbooks_engine.language.suggesting import shown

LONGEST = 1_000
"""Characters of a path."""

MOST_NODES = 100_000
"""Places that one path may visit in one document."""

DEEPEST = 64
"""Maps and lists inside each other that `..` descends into."""

REGEX_SECONDS = 0.1
"""Time for one match() or search(); stock, `(a|aa)+c` takes six seconds on 36 letters."""


class PathProblem(Exception):
    """A path cannot be read or followed; the text says why."""

    def __init__(self, message: str, offset: int = 0) -> None:
        super().__init__(message)
        self.offset = offset


class _Match(Match):
    def __call__(self, value: object, pattern: object) -> bool:
        return _matched(self.check_cache, "fullmatch", value, pattern)


class _Search(Search):
    def __call__(self, value: object, pattern: object) -> bool:
        return _matched(self.check_cache, "search", value, pattern)


def _matched(compiled: Callable[[str], Any], how: str, value: object, pattern: object) -> bool:
    if not isinstance(value, str) or not isinstance(pattern, str):
        return False
    ready = compiled(pattern)
    return ready is not None and bool(getattr(ready, how)(value, timeout=REGEX_SECONDS))


_budget = threading.local()


class _Visited(JSONPathMatch):
    """A visited place; each one is counted, because `$..[?@..a]` visits the square of a document."""

    __slots__ = ()

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        _budget.left = getattr(_budget, "left", MOST_NODES) - 1
        if _budget.left < 0:
            raise PathProblem(f"the path visits more than {MOST_NODES:,} places")


class _CountedPath(JSONPath):
    """A path whose every visit is counted; the library makes the first place by another class."""

    __slots__ = ()

    def finditer(self, data: Any, *, filter_context: Any = None) -> Iterable[JSONPathMatch]:
        root = _Visited(filter_context=filter_context or {}, obj=data, parent=None, path="$", parts=(), root=data)
        matches: Iterable[JSONPathMatch] = [root]
        for segment in self.segments:
            matches = segment.resolve(matches)
        return matches


def _count_visits(query: JSONPath) -> None:
    """Make the path and every path inside its filters a counted one."""
    query.__class__ = _CountedPath
    selectors = [selector for segment in query.segments for selector in segment.selectors]
    waiting: list[BaseExpression] = [selector.expression for selector in selectors if isinstance(selector, Filter)]
    while waiting:
        expression = waiting.pop()
        if isinstance(expression, FilterQuery):
            _count_visits(expression.path)
        else:
            waiting.extend(expression.children())


class _Environment(JSONPathEnvironment):
    max_recursion_depth = DEEPEST

    def setup_function_extensions(self) -> None:
        super().setup_function_extensions()
        self.function_extensions["match"] = _Match(thread_safe=True)
        self.function_extensions["search"] = _Search(thread_safe=True)


# Without caching, a compiled path holds no state of an evaluation, and threads may share it.
_ENVIRONMENT = _Environment(strict=True, filter_caching=False)


@dataclass(frozen=True)
class Path:
    """A compiled path; `keys` is set when it leads to a single place."""

    text: str
    keys: tuple[str | int, ...] | None
    _query: JSONPath

    def find(self, document: Any) -> list[Any]:
        """Every value the path leads to; raises PathProblem when it cannot be followed."""
        if self.keys is not None:
            return _walk(document, self.keys)
        # The library would read a text as a JSON document.
        if not isinstance(document, dict | list):
            return [document] if self.text == "$" else []
        _budget.left = MOST_NODES
        try:
            return [match.obj for match in self._query.finditer(document)]
        except TimeoutError:
            raise PathProblem(f"a pattern in it takes longer than {REGEX_SECONDS * 1000:.0f} ms") from None
        except (JSONPathError, RecursionError):
            raise PathProblem("the document is nested too deep for this path") from None


@lru_cache(maxsize=1_000)
def compile_path(text: str) -> Path:
    """The path of a text that begins with `$`; raises PathProblem with the offset of the mistake."""
    if len(text) > LONGEST:
        raise PathProblem(f"a path may have {LONGEST:,} characters")
    try:
        query = _ENVIRONMENT.compile(text)
    except JSONPathError as error:
        token = getattr(error, "token", None)
        offset = getattr(token, "index", 0) or 0
        offset = len(text) - 1 if offset < 0 else offset  # the end of the text has the index -1
        said = str(error.args[0]) if error.args else "cannot be read"
        raise PathProblem(shown(said, 120), max(0, min(offset, len(text) - 1))) from None
    except (RecursionError, ValueError, OverflowError):
        raise PathProblem("this path cannot be read") from None
    if not isinstance(query, JSONPath):
        raise PathProblem("paths cannot be joined with | or &")
    _count_visits(query)
    return Path(text, _keys(query), query)


def _keys(query: JSONPath) -> tuple[str | int, ...] | None:
    if not query.singular_query():
        return None
    keys: list[str | int] = []
    for segment in query.segments:
        selector = segment.selectors[0]
        if isinstance(selector, NameSelector):
            keys.append(selector.name)
        elif isinstance(selector, IndexSelector):
            keys.append(selector.index)
    return tuple(keys)


def _walk(value: Any, keys: tuple[str | int, ...]) -> list[Any]:
    for key in keys:
        if isinstance(value, dict):
            if not isinstance(key, str) or key not in value:
                return []
            value = value[key]
        elif isinstance(value, list):
            if not isinstance(key, int) or not -len(value) <= key < len(value):
                return []
            value = value[key]
        else:
            return []
    return [value]
