"""Cutting a text into literal parts and expressions, and an expression into tokens with their places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jinja2 import Environment, TemplateSyntaxError
from jinja2.lexer import Token

from playbooks_engine.errors import ExpressionError
from playbooks_engine.language.expressions import limits

_LEXER = Environment(keep_trailing_newline=True, autoescape=True).lexer

OPEN = "${{"
CLOSE = "}}"

_FOREIGN = {
    "&": "write `and`",
    "!": "write `not`, or `!=` to compare",
    "$": "inside an expression names stand alone, without ${{ }}",
    "?": "write `a if condition else b`",
    "#": "an expression holds no comments",
    '"': "the quote is not closed",
    "'": "the quote is not closed",
    "`": "text stands in single quotes",
    "\\": "a backslash may stand only inside quotes",
}


@dataclass(frozen=True)
class Source:
    """One expression inside a text: its tokens, whose line numbers are offsets, and their ends."""

    text: str
    start: int
    end: int
    tokens: tuple[Token, ...]
    ends: dict[int, int]
    closing: dict[int, int]


def expression_at(text: str, start: int, *, delimited: bool) -> tuple[Source, int]:
    """The expression that begins here, and where the text goes on after it.

    A delimited one ends at its own `}}`, found by the lexer because `}}` may also close two maps or stand in quotes.
    """
    window = text[start : start + limits.SOURCE + len(CLOSE)] if delimited else text[start:]
    if not delimited and len(window) > limits.SOURCE:
        raise _too_long(start)
    # Jinja joins lines with \n; the same length keeps every offset right.
    source = window.replace("\r\n", " \n").replace("\r", " ")
    cut: list[tuple[int, str, str]] = []
    ends: dict[int, int] = {}
    closing: dict[int, int] = {}
    opened: list[int] = []
    offset = start
    try:
        for _, kind, raw in _LEXER.tokeniter(source, None, None, "variable"):
            if kind == "variable_end":
                if not delimited:
                    raise ExpressionError(
                        "this }} closes nothing",
                        hint=f"write the condition without {OPEN} {CLOSE}",
                        offset=offset,
                        length=2,
                    )
                if raw.startswith("-"):
                    raise ExpressionError("-}} is not part of the language", hint="close with }}", offset=offset)
                return Source(text, start, offset, _tokens(cut), ends, closing), offset + len(CLOSE)
            if kind == "operator":
                _nest(raw, offset, opened, closing)
            if kind != "whitespace":
                cut.append((offset, kind, raw))
                ends[offset] = offset + len(raw)
            offset += len(raw)
    except TemplateSyntaxError as error:
        raise _lexical(text, offset, start, delimited, error) from None
    if delimited:
        raise _unclosed(text, start)
    return Source(text, start, offset, _tokens(cut), ends, closing), offset


def _tokens(cut: list[tuple[int, str, str]]) -> tuple[Token, ...]:
    """What was cut, as Jinja's parser takes it."""
    try:
        return tuple(_LEXER.wrap(cut))
    except TemplateSyntaxError as error:
        message = error.message or "this cannot be read"
        raise ExpressionError(f"{message[:1].lower()}{message[1:]}", offset=error.lineno) from None
    except (ValueError, SyntaxError, RecursionError):
        for piece in cut:
            try:
                list(_LEXER.wrap([piece]))
            except (ValueError, SyntaxError, RecursionError):
                raise ExpressionError("this number cannot be read", offset=piece[0]) from None
        raise


def parts_of(text: str) -> Iterator[str | Source]:
    """The literal parts and the expressions of a text, in order."""
    at, count = 0, 0
    while (found := text.find(OPEN, at)) >= 0:
        count += 1
        if count > limits.PARTS:
            raise ExpressionError(f"more than {limits.PARTS} expressions in one text", offset=found, length=3)
        if found > at:
            yield text[at:found]
        source, at = expression_at(text, found + len(OPEN), delimited=True)
        yield source
    if at < len(text):
        yield text[at:]


def _nest(raw: str, offset: int, opened: list[int], closing: dict[int, int]) -> None:
    if raw in "([{":
        opened.append(offset)
        if len(opened) > limits.BRACKETS:
            raise ExpressionError(
                f"brackets are nested more than {limits.BRACKETS} deep",
                hint="compute a part in a core.set step",
                offset=offset,
            )
    elif raw in ")]}" and opened:
        closing[opened.pop()] = offset + 1


def _lexical(text: str, offset: int, start: int, delimited: bool, error: TemplateSyntaxError) -> ExpressionError:
    message = error.message or ""
    if not message.startswith("unexpected char"):
        return ExpressionError(f"{message[:1].lower()}{message[1:]}", offset=offset)
    char = text[offset : offset + 1]
    if delimited and char in "'\"" and text.find(CLOSE, offset) < 0:
        return _unclosed(text, start)
    return ExpressionError(
        f"{char} has no meaning here" if char.isprintable() else "an invisible character stands here",
        hint=_FOREIGN.get(char, "expressions are written as in Jinja2"),
        offset=offset,
    )


def _unclosed(text: str, start: int) -> ExpressionError:
    if text.find(CLOSE, start) < 0 and len(text) - start <= limits.SOURCE:
        hint = "close it with }}"
        return ExpressionError(f"this {OPEN} is never closed", hint=hint, offset=start - len(OPEN), length=len(OPEN))
    if len(text) - start <= limits.SOURCE:
        hint = "check its brackets and quotes"
        return ExpressionError(f"this {OPEN} is never closed", hint=hint, offset=start - len(OPEN), length=len(OPEN))
    return _too_long(start)


def _too_long(start: int) -> ExpressionError:
    return ExpressionError(
        f"an expression may have {limits.SOURCE:,} characters, this one has more",
        hint="compute parts of it in core.set steps",
        offset=start,
    )
