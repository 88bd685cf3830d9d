"""`json_query`: JMESPath, compiled when the text is, and counted while it runs."""

from __future__ import annotations

import re
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError, ParseError
from jmespath.visitor import TreeInterpreter

from playbooks_engine.language.expressions import limits
from playbooks_engine.language.expressions.filters.table import Doubt, Filter
from playbooks_engine.language.expressions.operators import too_large
from playbooks_engine.language.expressions.scope import Evaluation
from playbooks_engine.language.expressions.trouble import Trouble
from playbooks_engine.language.suggesting import shown

# In a comparison "P1" is a field name, so the comparison is with null and quietly never true.
_QUOTED = re.compile(r"""(?:==|!=|<=|>=|<|>)\s*("(?:[^"\\]|\\.)*")|("(?:[^"\\]|\\.)*")\s*(?:==|!=|<=|>=|<|>)""")


_HOW = "write it like [?priority == 'P1'].message, with text in single quotes"


class Query:
    """A compiled query with its text, for messages."""

    def __init__(self, text: str, parsed: Any) -> None:
        self.text = text
        self.parsed = parsed


class _Counting(TreeInterpreter):
    """JMESPath's interpreter, spending steps: a query can double a list again and again."""

    def __init__(self, evaluation: Evaluation) -> None:
        super().__init__()
        self._evaluation = evaluation

    def visit(self, node: Any, *args: Any, **kwargs: Any) -> Any:
        result = super().visit(node, *args, **kwargs)
        self._evaluation.spend(1 + (len(result) if isinstance(result, list) else 0))
        if isinstance(result, str) and len(result) > limits.LENGTH:
            raise too_large()
        return result


def query(text: str) -> Query:
    """The compiled query; raises Trouble with the place of the mistake."""
    if len(text) > limits.PATTERN:
        raise Trouble(f"a query may have {limits.PATTERN:,} characters")
    if sum(text.count(bracket) for bracket in "([{") > 4 * limits.BRACKETS:
        raise Trouble("this query has too many brackets")
    try:
        return Query(text, jmespath.compile(text).parsed)
    except ParseError as error:
        raise Trouble(f"this JMESPath query cannot be read at character {error.lex_position + 1}", _HOW) from None
    except (JMESPathError, ValueError, RecursionError) as error:
        raise Trouble(f"this JMESPath query cannot be read: {shown(error)}", _HOW) from None


def doubts(text: str) -> list[Doubt]:
    """Double-quoted words in a comparison: JMESPath takes them for field names."""
    found = []
    for match in _QUOTED.finditer(re.sub(r"'(?:[^'\\]|\\.)*'", lambda m: " " * len(m.group()), text)):
        word = match.group(1) or match.group(2)
        found.append(
            Doubt(
                f"in JMESPath {word} is a field name, not text, so this comparison is with null",
                f"write '{word[1:-1]}' in single quotes, and the query in double quotes",
            )
        )
    return found


def _json_query(evaluation: Evaluation, value: Any, query: Query) -> Any:
    try:
        return _Counting(evaluation).visit(query.parsed, value)
    except (JMESPathError, TypeError, AttributeError, ValueError, KeyError) as error:
        raise Trouble(f"the query {shown(query.text, 200)!r} does not fit this value: {shown(error, 200)}") from None


QUERIES: dict[str, Filter] = {
    "json_query": Filter(_json_query, prepare={"query": query}, doubts=doubts),
}
