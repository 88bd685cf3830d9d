"""From tokens to a tree that holds only what the language allows."""

from __future__ import annotations

import re
from copy import copy

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.lexer import TokenStream
from jinja2.parser import Parser

from playbooks_engine.errors import ExpressionError
from playbooks_engine.language.expressions import limits
from playbooks_engine.language.expressions.lexing import Source

_ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.Add,
    nodes.And,
    nodes.Call,
    nodes.Compare,
    nodes.Concat,
    nodes.CondExpr,
    nodes.Const,
    nodes.Dict,
    nodes.Div,
    nodes.Filter,
    nodes.FloorDiv,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Keyword,
    nodes.List,
    nodes.Mod,
    nodes.Mul,
    nodes.Name,
    nodes.Neg,
    nodes.Not,
    nodes.Operand,
    nodes.Or,
    nodes.Pair,
    nodes.Pos,
    nodes.Slice,
    nodes.Sub,
    nodes.Test,
    nodes.Tuple,
)

_GOT = re.compile(r"got '(.*)'$|unexpected '(.*)'$")
_NAMED = {
    "assign": ("= assigns", "to compare, write =="),
    "pipe": ("a filter is missing after |", "for a choice write `or`"),
    "end of template": ("the expression ends too early", "finish it"),
}


class _Parser(Parser):
    """Jinja's parser over tokens that we have already cut, with offsets for line numbers."""

    @classmethod
    def over(cls, source: Source) -> Parser:
        """A parser of these tokens; setting one up from nothing would cut an empty text each time."""
        parser = copy(_BLANK)
        parser.stream = TokenStream(iter(source.tokens), None, None)
        return parser


_BLANK = _Parser(Environment(autoescape=True), "")


def parse(source: Source) -> nodes.Expr:
    """The tree of an expression; raises ExpressionError at the offending place."""
    if not source.tokens:
        raise ExpressionError("there is no expression here", hint="write one, or remove the value", offset=source.start)
    parser = _Parser.over(source)
    try:
        tree = parser.parse_expression()
        if not parser.stream.eos:
            raise _leftover(source, parser)
    except TemplateSyntaxError as error:
        raise _syntax(source, parser, error) from None
    except RecursionError:
        raise _too_deep(source) from None
    _allow(tree, source)
    return tree


def start_of(node: nodes.Node) -> int:
    """Where the text of a node begins (a chain or a filter begins with what it is applied to)."""
    at = node
    while True:
        match at:
            case nodes.Getattr() | nodes.Getitem() | nodes.Filter() | nodes.Test() | nodes.Call():
                inner = at.node
            case nodes.BinExpr():
                inner = at.left
            case nodes.Compare():
                inner = at.expr
            case nodes.Concat():
                inner = at.nodes[0]
            case nodes.CondExpr():
                inner = at.expr1
            case _:
                return at.lineno
        if inner is None:
            return at.lineno
        at = inner


def end_of(node: nodes.Node, source: Source) -> int:
    """Where the text of a node ends."""
    match node:
        case nodes.Getattr():
            return source.text.index(node.attr, node.lineno) + len(node.attr)
        case nodes.Getitem():
            closed = source.closing.get(node.lineno)
            return closed if closed is not None else end_of(node.arg, source)
        case nodes.Call() | nodes.List() | nodes.Dict():
            return source.closing.get(node.lineno, source.end)
        case nodes.Filter():
            end = source.ends[node.lineno]
            after = next((start for start in source.ends if start >= end), None)
            return source.closing.get(after, end) if after is not None and source.text[after] == "(" else end
        case nodes.BinExpr():
            return end_of(node.right, source)
        case nodes.Compare():
            return end_of(node.ops[-1].expr, source)
        case nodes.UnaryExpr():
            return end_of(node.node, source)
        case _:
            return source.ends.get(node.lineno, source.end)


def _leftover(source: Source, parser: Parser) -> ExpressionError:
    token = parser.stream.current
    text = source.text[token.lineno : source.ends[token.lineno]]
    if token.type == "assign":
        message, hint = _NAMED["assign"]
        return ExpressionError(message, hint=hint, offset=token.lineno)
    return ExpressionError(
        f"{text} is not expected here",
        hint="join conditions with `and` or `or`; put text in quotes",
        offset=token.lineno,
        length=len(text),
    )


def _syntax(source: Source, parser: Parser, error: TemplateSyntaxError) -> ExpressionError:
    message = error.message or "this cannot be read"
    ended = not parser.stream or "end of template" in message
    offset = source.tokens[-1].lineno if ended else error.lineno
    found = _GOT.search(message)
    got = next((word for word in found.groups() if word is not None), "") if found else ""
    if ended:
        message, hint = _NAMED["end of template"]
        return ExpressionError(message, hint=hint, offset=offset, length=source.ends[offset] - offset)
    if got in _NAMED or got in ("=", "|"):
        message, hint = _NAMED[{"=": "assign", "|": "pipe"}.get(got, got)]
        return ExpressionError(message, hint=hint, offset=offset)
    if found:
        text = source.text[offset : source.ends.get(offset, offset + 1)]
        return ExpressionError(f"{text} is not expected here", offset=offset, length=len(text))
    return ExpressionError(f"{message[:1].lower()}{message[1:].rstrip('.')}", offset=offset)


def _too_deep(source: Source) -> ExpressionError:
    return ExpressionError(
        "the expression is nested too deep", hint="compute a part of it in a core.set step", offset=source.start
    )


def _allow(tree: nodes.Node, source: Source) -> None:
    count, waiting = 0, [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        count += 1
        if count > limits.NODES:
            raise ExpressionError(
                f"an expression may have {limits.NODES} parts, this one has more",
                hint="compute parts of it in core.set steps",
                offset=source.start,
            )
        if depth > limits.DEPTH:
            raise _too_deep(source)
        if isinstance(node, _LEAVES):
            continue
        _judge(node, source)
        waiting.extend((child, depth + 1) for child in node.iter_child_nodes())


_LEAVES = (nodes.Name, nodes.Const)


def _judge(node: nodes.Node, source: Source) -> None:
    if isinstance(node, nodes.Pow):
        raise ExpressionError(
            "** is not part of the language", hint="multiply instead", offset=start_of(node), length=1
        )
    if not isinstance(node, _ALLOWED):
        raise ExpressionError(f"{type(node).__name__} is not part of the language", offset=source.start)
    if isinstance(node, nodes.Filter | nodes.Test | nodes.Call) and (node.dyn_args or node.dyn_kwargs):
        raise ExpressionError("* and ** are not part of the language", offset=node.lineno)
    if isinstance(node, nodes.CondExpr) and node.expr2 is None:
        raise ExpressionError(
            "this `if` has no `else`", hint="say what it is otherwise: else ''", offset=start_of(node.test)
        )
