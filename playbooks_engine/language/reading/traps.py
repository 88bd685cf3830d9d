"""The traps of YAML, each with a message of its own and the way out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from playbooks_engine.language.position import START, Position
from playbooks_engine.language.reading.tree import Lines, ScalarNode

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

QUOTE_IT = "put the whole value in double quotes"

_COMMENT = re.compile(r"\s+(#.*)")
_VALUE = re.compile(r"^(\s*(?:- +)*(?:[\w.-]+|\"[^\"]*\"|'[^']*') *: +|\s*- +)(\S.*)$")


@dataclass(frozen=True)
class Trap:
    """What a finding will say."""

    code: str
    position: Position
    message: str
    suggestion: str | None = None


def comment_after(node: ScalarNode, line: int, column: int) -> Trap | None:
    """The trap, if the comment behind a value looks like a part of it."""
    behind = _COMMENT.match(node.lines[line], column)
    if behind is None:
        return None
    comment, at = behind.group(1), Position(line, behind.start(1) + 1)
    cut = node.text.count("${{") > node.text.count("}}")
    told = node.text if len(node.text) <= 60 else f"{node.text[:59]}…"
    if cut or "${{" in comment or (node.style == "plain" and "}}" in comment):
        message = f"text after # is a YAML comment, so this value is only '{told}'"
        return Trap("E112", at, message, QUOTE_IT)
    if node.style == "plain" and isinstance(node.value, str) and " " in node.text and re.match(r"#\w", comment):
        message = f"text after # is a YAML comment, so this value is only '{told}'"
        return Trap("W101", at, message, f"{QUOTE_IT}; a real comment has a space after #")
    return None


def explain(error: Any, lines: Lines, opened: Position | None = None) -> Trap:
    """What a syntax error of the parser means, judged by the line it happened on.

    `opened` is the innermost bracket that is open there.
    """
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return Trap("E106", START, "the file cannot be read as YAML")
    position = _inside(Position(mark.line + 1, mark.column + 1), lines)
    line = lines[position.line]
    problem = str(error.problem or "")
    rest = line[position.column - 1 :]
    indent = line[: len(line) - len(line.lstrip())]
    if "\t" in indent or rest.startswith("\t"):
        column = (indent.find("\t") if "\t" in indent else position.column - 1) + 1
        return Trap("E105", Position(position.line, column), "a tab stands where only spaces may", "indent with spaces")
    if "mapping values" in problem:
        return _colon(lines, position)
    if "quoted scalar" in str(error.context):
        return _leading_quote(lines, position) or _quoted(error, problem, position, lines)
    if opened is not None:
        return _flow(lines, position, opened)
    if (quote := _leading_quote(lines, position)) is not None:
        return quote
    if rest[:1] in "@`%" and rest:
        return Trap("E117", position, f"a plain value cannot begin with {rest[0]}", "put it in quotes")
    if "alias" in str(error.context):
        return Trap("E117", _start(error, position), "a plain value cannot begin with *", "put it in quotes")
    if "undefined tag handle" in problem or "tag" in str(error.context):
        return Trap(
            "E110", _start(error, position), "this tag is not supported", "put text that begins with ! in quotes"
        )
    return _line(error, problem, position, lines)


def _line(error: Any, problem: str, position: Position, lines: Lines) -> Trap:
    """A line that fits nothing above it."""
    here = lines[position.line][position.column - 1 : position.column]
    if "could not find expected ':'" in problem:
        place = _inside(_start(error, position), lines)
        stripped = lines[place.line].strip()
        if re.match(r"[\w-]+:\S", stripped):
            return Trap("E106", place, "a colon needs a space after it", "write `key: value`")
        return Trap(
            "E106", place, "this line is neither `key: value` nor `- item`", "add the colon, or indent it under its key"
        )
    if here in ("]", "}"):
        return Trap("E106", position, f"this {here} closes nothing", "remove it, or put the value in quotes")
    if "did not find expected" in problem or "expected <block end>" in problem:
        return Trap(
            "E106",
            position,
            "this line does not line up with the ones above it",
            "give the keys of one map the same indent",
        )
    return Trap("E106", position, f"this is not YAML: {problem or 'it cannot be read'}")


def _colon(lines: Lines, position: Position) -> Trap:
    before = lines[position.line][: position.column - 1]
    above = re.match(r"(\s*(?:- +)*[\w-]+:)[^\s/]", lines[position.line - 1])
    if above is not None and not before.strip("\t -\"'_" + _LETTERS):
        place = Position(position.line - 1, above.end(1))
        return Trap("E106", place, "a colon needs a space after it", "write `key: value`")
    over = lines[position.line - 1]
    if over.strip() and _indent(over) == _indent(before) and not re.search(r":(\s|$)", over):
        place = Position(position.line - 1, _indent(over) + 1, len(over.strip()))
        return Trap("E106", place, "this line is neither `key: value` nor `- item`", "add the colon after its key")
    if not before.strip() or re.fullmatch(r"\s*(?:- +)*[\w.\"'-]+ *", before):
        return Trap(
            "E106",
            position,
            "a key stands where a value goes on, or its indent is wrong",
            "indent the keys of one map alike, and put nothing after the key they belong to",
        )
    return Trap("E111", position, "a value without quotes cannot hold a colon and a space", QUOTE_IT)


def _flow(lines: Lines, position: Position, opened: Position) -> Trap:
    line = lines[position.line]
    around = line[max(0, position.column - 4) : position.column + 3]
    if "{{" in around or "${{" in line[: position.column + 2]:
        at = line.rfind("${{", 0, position.column + 2)
        place = Position(position.line, at + 1, 3) if at >= 0 else position
        message = "${{ }} cannot stand unquoted inside { } or [ ]"
        return Trap("E113", place, message, "put it in double quotes, or write one key a line")
    bracket = lines[opened.line][opened.column - 1]
    closing = "}" if bracket == "{" else "]"
    here = line[position.column - 1 : position.column]
    if here in ("]", "}") and here != closing:
        message = f"this {here} does not close the {bracket} opened at {opened.line}:{opened.column}"
        return Trap("E106", position, message, f"write {closing} before it, or one entry a line")
    if not _closed_later(lines, position, opened, closing):
        return Trap("E106", opened, f"this {bracket} is never closed", f"add {closing}, or write one entry a line")
    message = f"a comma or {closing} is missing in the {bracket} {closing} opened at {opened.line}:{opened.column}"
    return Trap("E106", position, message, "write one entry a line instead")


def _closed_later(lines: Lines, position: Position, opened: Position, closing: str) -> bool:
    """Whether the bracket's partner stands behind the place, in what is indented under the bracket's line."""
    if closing in lines[position.line][position.column - 1 :]:
        return True
    outer = _indent(lines[opened.line])
    for line in range(position.line + 1, len(lines.lines) + 1):
        text = lines[line]
        if text.strip() and _indent(text) <= outer:
            return text.lstrip().startswith(closing)
        if closing in text:
            return True
    return False


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _leading_quote(lines: Lines, position: Position) -> Trap | None:
    match = _VALUE.match(lines[position.line])
    if match is None or match.group(2)[0] not in "'\"":
        return None
    quote, value = match.group(2)[0], match.group(2)
    end = value.find(quote, 1)
    if end < 0 or not value[end + 1 :].strip() or match.end(1) + 1 > position.column:
        return None
    start = Position(position.line, match.end(1) + 1, end + 1)
    message = f"a value that begins with {quote} ends at the next {quote}, so the rest cannot stand there"
    return Trap("E114", start, message, "put the whole value in other quotes, or a condition in parentheses")


def _quoted(error: Any, problem: str, position: Position, lines: Lines) -> Trap:
    start = _start(error, position)
    if "escape" in problem:
        at = lines[position.line].find("\\", max(0, position.column - 2))
        place = Position(position.line, at + 1, 2) if at >= 0 else position
        return Trap(
            "E120", place, "this backslash sequence means nothing in double quotes", "use single quotes, or write \\\\"
        )
    return Trap("E120", start, "this quote is never closed", "close it, or put the text in the other kind of quotes")


def _start(error: Any, otherwise: Position) -> Position:
    mark = error.context_mark
    return otherwise if mark is None else Position(mark.line + 1, mark.column + 1)


def _inside(position: Position, lines: Lines) -> Position:
    """The end of a file is shown as the end of its last line with something on it."""
    line = min(position.line, len(lines.lines))
    if line == position.line and lines[line].strip():
        return position
    while line > 1 and not lines[line].strip():
        line -= 1
    return Position(line, len(lines[line].rstrip()) + 1)
