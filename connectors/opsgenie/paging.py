"""Reads over pages that are found by a key: what was last read says where the next page begins."""

from __future__ import annotations

import sys
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import parse_qs, urlsplit

from pydantic import Field

from connectors.opsgenie.shapes import Get, foreign, payload
from playbooks_engine.sdk import NOT_SENT, Request, Result, Sender


class ListKeyed(Get):
    """A read over pages found by a key: `output` is the list of all items, and so is `raw.data`."""

    order: Literal["asc", "desc"] | None = None
    """asc or desc (the default): the newest first."""
    max_items: Annotated[int | None, NOT_SENT] = Field(None, ge=1)
    """Stop after this many items."""

    PAGE: ClassVar[int] = 100

    async def run(self, sender: Sender) -> Result:
        wanted = self.max_items or sys.maxsize
        first, items, document = self.request(), list[Any](), dict[str, Any]()
        asked: set[str] = set()
        key: str | None = None
        while len(items) < wanted:
            here = () if key is None else (("offset", key),)
            query = (*first.query, ("limit", str(min(self.PAGE, wanted))), *here)
            document = (await sender.send(Request(first.method, first.path, query))).json
            page = self.items_of(document)
            items += page
            key = self.next_key(document)
            # A key that comes again would lead round in a circle.
            if not page or key is None or key in asked:
                break
            asked.add(key)
        return Result(items[:wanted], {**document, "data": items[:wanted]})

    def newest(self) -> Request:
        """The first page, for a change that looks for itself."""
        first = self.request()
        return Request(first.method, first.path, (*first.query, ("limit", str(self.PAGE))))

    def items_of(self, document: Any) -> list[Any]:
        """The items of one page."""
        page = payload(document)
        if not isinstance(page, list):
            raise foreign("`data` in the answer is not a list.")
        return page

    def next_key(self, document: Any) -> str | None:
        """Where the next page begins. Only the key is taken of a link, which could lead to another host."""
        link = (document.get("paging") or {}).get("next")
        return parse_qs(urlsplit(link).query).get("offset", [None])[0] if isinstance(link, str) else None
