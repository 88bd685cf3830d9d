"""Pages of lists: by number, and by an opaque key."""

import re
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar
from urllib.parse import quote, urlencode

from connectors.opsgenie.simulator.refusals import unprocessable
from connectors.opsgenie.simulator.routing import Answer, Call

FURTHEST = 20_000


class Keyed(Protocol):
    """Something in a list that is paged by key."""

    @property
    def offset(self) -> str: ...


T = TypeVar("T")
K = TypeVar("K", bound=Keyed)


def window(call: Call, *, default: int = 20) -> tuple[int, int]:
    """Offset and limit of a list paged by number."""
    limit = call.number("limit", default, 1, 100)
    offset = call.number("offset", 0, 0, 2**31)
    if offset + limit > FURTHEST:
        # The vendor's words for this are not recorded.
        raise unprocessable({"offset": f"The sum of offset and limit must not exceed {FURTHEST}"})
    return offset, limit


def page(
    call: Call, found: Sequence[T], shown: Any, *, sort: str, order: str, default: int = 20, **beside: Any
) -> Answer:
    """One page of `found`, each item through `shown`, with its links."""
    offset, limit = window(call, default=default)
    starts = {"first": 0}
    if offset > 0:
        starts["prev"] = max(0, offset - limit)
    if offset + limit < len(found):
        starts["next"] = offset + limit
    # Recordings show count or count - 1 here, even where no page starts.
    starts["last"] = max(0, len(found) - 1)
    links = {name: _link(call, start, limit, sort, order) for name, start in starts.items()}
    paging = {name: links[name] for name in ("prev", "next", "first", "last") if name in links}
    headers = {f"X-Paging-{name.title()}": link for name, link in paging.items()}
    items = [shown(item) for item in found[offset : offset + limit]]
    return Answer({"data": items, "paging": paging, **beside}, headers=headers)


def _link(call: Call, offset: int, limit: int, sort: str, order: str) -> str:
    # The parameters come in the vendor's order, not in the caller's.
    parts = {"limit": str(limit), "sort": sort, "offset": str(offset), "order": order}
    if "query" in call.query:
        parts["query"] = call.query["query"]
    return f"{call.server}{call.path}?{urlencode(parts, quote_via=quote)}"


def keyed_page(call: Call, entries: Sequence[K], shown: Any) -> Answer:
    """One page of a list whose offset is the key of an entry."""
    limit = call.number("limit", 20, 1, 100)
    order = call.choice("order", ("asc", "desc"), "desc")
    direction = call.choice("direction", ("next", "prev"), "next")
    ordered = sorted(entries, key=_place, reverse=order == "desc")
    offset = call.query.get("offset", "")
    if offset:
        here = _place_of(offset)
        sign = -1 if order == "desc" else 1
        behind = [entry for entry in ordered if _signed(_place(entry), sign) > _signed(here, sign)]
        before = [entry for entry in ordered if _signed(_place(entry), sign) < _signed(here, sign)]
        chosen = behind[:limit] if direction == "next" else before[-limit:]
    else:
        chosen = ordered[:limit]
    answer = Answer({"data": [shown(entry) for entry in chosen]})
    paging = {}
    if chosen and chosen[-1] is not ordered[-1]:
        paging["next"] = _keyed_link(call, chosen[-1].offset, limit, order)
    if offset:
        paging["first"] = _keyed_link(call, "", limit, order)
    if paging:
        answer.body["paging"] = paging
    return answer


def _keyed_link(call: Call, offset: str, limit: int, order: str) -> str:
    parts = {"order": order, "limit": str(limit), "direction": "next"}
    if offset:
        parts["offset"] = offset
    if "identifierType" in call.query:
        parts["identifierType"] = call.query["identifierType"]
    return f"{call.server}{call.path}?{urlencode(parts, quote_via=quote)}"


def _place(entry: Keyed) -> tuple[int, int]:
    return _place_of(entry.offset)


def _place_of(offset: str) -> tuple[int, int]:
    found = re.fullmatch(r"([0-9]{1,15})_([0-9]{1,15})", offset)
    if not found:
        raise unprocessable({"offset": f"Invalid offset [{offset[:100]}]"})
    return int(found.group(1)), int(found.group(2))


def _signed(place: tuple[int, int], sign: int) -> tuple[int, int]:
    return sign * place[0], sign * place[1]
