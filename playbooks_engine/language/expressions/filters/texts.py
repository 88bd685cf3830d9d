"""Filters on text."""

from __future__ import annotations

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
}
