"""Filters on text."""

from __future__ import annotations

from textwrap import wrap
from typing import Any
from urllib.parse import quote

from playbooks_engine.language.expressions import limits
from playbooks_engine.language.expressions.filters.table import Filter, items_of, text_of, whole
from playbooks_engine.language.expressions.operators import too_large
from playbooks_engine.language.expressions.printing import printed
from playbooks_engine.language.expressions.reaching import kind
from playbooks_engine.language.expressions.scope import Evaluation
from playbooks_engine.language.expressions.trouble import Trouble


def _lower(_: Evaluation, value: Any) -> str:
    return text_of(value, "lower").lower()


def _upper(_: Evaluation, value: Any) -> str:
    return _capped(text_of(value, "upper").upper())


def _title(_: Evaluation, value: Any) -> str:
    return _capped(text_of(value, "title").title())


def _capitalize(_: Evaluation, value: Any) -> str:
    return _capped(text_of(value, "capitalize").capitalize())


def _trim(_: Evaluation, value: Any, chars: str | None = None) -> str:
    return text_of(value, "trim").strip(None if chars is None else text_of(chars, "trim"))


def _replace(_: Evaluation, value: Any, old: str, new: str, count: int = -1) -> str:
    text, before, after = text_of(value, "replace"), text_of(old, "replace"), text_of(new, "replace")
    if not before:
        raise Trouble("replace needs something to look for")
    found = text.count(before)
    if len(text) + found * (len(after) - len(before)) > limits.LENGTH:
        raise too_large()
    return text.replace(before, after, whole(count, "count", -1, limits.LENGTH))


def _join(evaluation: Evaluation, value: Any, separator: str = "", attribute: str | int | None = None) -> str:
    from playbooks_engine.language.expressions.filters.picking import attribute_of

    items = items_of(evaluation, value, "join")
    if attribute is not None:
        items = [attribute_of(item, attribute) for item in items]
    between = text_of(separator, "join")
    texts = [printed(item) for item in items]
    if sum(map(len, texts)) + len(between) * len(texts) > limits.LENGTH:
        raise too_large()
    return between.join(texts)


def _split(evaluation: Evaluation, value: Any, separator: str | None = None, most: int = -1) -> list[str]:
    between = None if separator is None else text_of(separator, "split")
    if between == "":
        raise Trouble("split needs something to split at")
    parts = text_of(value, "split").split(between, whole(most, "most", -1, limits.LENGTH))
    evaluation.spend(len(parts))
    return parts


def _truncate(_: Evaluation, value: Any, length: int = 255, killwords: bool = False, end: str = "...") -> str:
    text, tail = text_of(value, "truncate"), text_of(end, "truncate")
    most = whole(length, "length", len(tail), limits.LENGTH)
    if len(text) <= most:
        return text
    cut = text[: most - len(tail)]
    return (cut if killwords else cut.rsplit(" ", 1)[0]) + tail


def _string(_: Evaluation, value: Any) -> str:
    return printed(value)


def _wordcount(_: Evaluation, value: Any) -> int:
    return len(text_of(value, "wordcount").split())


def _urlencode(_: Evaluation, value: Any) -> str:
    text = printed(value)
    if isinstance(value, str) and any("\ud800" <= c <= "\udfff" for c in text):
        raise Trouble(f"{kind(value)} with half a character in it cannot be encoded")
    return _capped(quote(text, safe=""))


def _center(_: Evaluation, value: Any, width: int = 80) -> str:
    return text_of(value, "center").center(whole(width, "width", 0, limits.LENGTH))


def _indent(_: Evaluation, value: Any, width: int = 4, first: bool = False, blank: bool = False) -> str:
    text, margin = text_of(value, "indent"), " " * whole(width, "width", 0, 1_000)
    lines = text.splitlines(keepends=True)
    if len(text) + len(lines) * len(margin) > limits.LENGTH:
        raise too_large()
    shifted = [margin + line if blank or line.strip() else line for line in lines]
    return "".join(shifted if first else [*lines[:1], *shifted[1:]])


def _wordwrap(_: Evaluation, value: Any, width: int = 79) -> str:
    most = whole(width, "width", 1, limits.LENGTH)
    lines = text_of(value, "wordwrap").split("\n")
    wrapped = (wrap(line, most, expand_tabs=False, replace_whitespace=False) for line in lines)
    return _capped("\n".join("\n".join(line) for line in wrapped))


def _filesizeformat(_: Evaluation, value: Any, binary: bool = False) -> str:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise Trouble(f"filesizeformat works on a number of bytes, not on {kind(value)}")
    size = float(value)
    base, units = (1024, "KMGTPEZY") if binary else (1000, "kMGTPEZY")
    if abs(size) < base:
        return "1 Byte" if size == 1 else f"{int(size)} Bytes"
    power = 0
    while abs(size) >= base and power < len(units):
        size, power = size / base, power + 1
    return f"{size:.1f} {units[power - 1]}{'iB' if binary else 'B'}"


def _capped(text: str) -> str:
    if len(text) > limits.LENGTH:
        raise too_large()
    return text


TEXTS: dict[str, Filter] = {
    "lower": Filter(_lower),
    "upper": Filter(_upper),
    "title": Filter(_title),
    "capitalize": Filter(_capitalize),
    "trim": Filter(_trim),
    "replace": Filter(_replace),
    "join": Filter(_join),
    "split": Filter(_split),
    "truncate": Filter(_truncate),
    "string": Filter(_string),
    "wordcount": Filter(_wordcount),
    "urlencode": Filter(_urlencode),
    "center": Filter(_center),
    "indent": Filter(_indent),
    "wordwrap": Filter(_wordwrap),
    "filesizeformat": Filter(_filesizeformat),
}
