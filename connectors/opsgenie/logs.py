"""Log files of the account: which there are, and where one can be loaded."""

from __future__ import annotations

import sys
from typing import Annotated, Any

from pydantic import Field

from connectors.opsgenie.shapes import Get, foreign, things
from playbooks_engine.sdk import NOT_SENT, Command, Request, Result, Sender, path_of

MARKER = "2026-06-03-00-00-00"
FILE = "2026-06-03-07-52-17_123.json"
# The vendor's page of logs says so.
PAGE = 1_000


# No document names the rate domain or more rights; the page says that only the plan Enterprise has logs.
class Logs(Command, area="logs", limits="configuration"):
    """Something about the account's log files."""


class ListLogFiles(Logs, Get, route="GET /v2/logs/list/{marker}"):
    """List the account's log files from a time on, the oldest first, over all pages."""

    marker: str = Field(pattern=r"^\d{4}(-\d{2}){5}(_\d{1,3})?$", examples=[MARKER])
    """From when on: YYYY-MM-DD-HH-mm-ss, in UTC, with `_` and milliseconds if need be."""
    max_items: Annotated[int | None, NOT_SENT] = Field(None, ge=1)
    """Stop after this many items."""

    async def run(self, sender: Sender) -> Result:
        wanted = self.max_items or sys.maxsize
        files: dict[Any, dict[str, Any]] = {}
        asked, document = set[str](), dict[str, Any]()
        marker: Any = self.marker
        # Each answer names the next marker, until there are no files; one that comes again would go round.
        while isinstance(marker, str) and marker not in asked and len(files) < wanted:
            asked.add(marker)
            path = path_of("/v2/logs/list/{marker}", {"marker": marker})
            document = (await sender.send(Request("GET", path, (("limit", str(min(PAGE, wanted))),)))).json
            page = things(document)
            files.update({file.get("filename", (len(files), n)): file for n, file in enumerate(page)})
            marker = document.get("marker") if page else None
        kept = list(files.values())[: self.max_items]
        return Result(kept, {**document, "data": kept})


class GetLogFileLink(Logs, Get, route="GET /v2/logs/download/{filename}"):
    """Retrieve the address from which a log file can be loaded for five minutes: JSON, one entry a line."""

    filename: str = Field(min_length=1, examples=[FILE])
    """The name of the file, as list_log_files has it."""

    async def run(self, sender: Sender) -> Result:
        # Unlike all others: the answer is the address itself, and no envelope.
        link = (await sender.send(self.request())).content.decode("utf-8", errors="replace").strip()
        if not link.startswith(("https://", "http://")) or any(letter.isspace() for letter in link):
            raise foreign("The answer is no address of a file.")
        return Result({"url": link}, link)
