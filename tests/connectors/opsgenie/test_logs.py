"""Log files: the requests, the pages, and an answer that is an address and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.opsgenie.logs import GetLogFileLink, ListLogFiles
from playbooks_engine.errors import InvalidInput, UnexpectedAnswer
from playbooks_engine.sdk import Answer
from playbooks_engine.testing import GivenSender, answer

START = "2026-06-03-00-00-00"
LINK = "https://files.example.com/a.json?signed=1"


def page(marker: str, *names: str) -> Answer:
    return answer(200, {"data": [{"filename": name, "size": 1} for name in names], "marker": marker})


def names(files: Any) -> list[str]:
    return [file["filename"] for file in files]


async def test_files_are_listed_until_an_answer_holds_none() -> None:
    sender = GivenSender(page("m1", "a", "b"), page("m2", "b", "c"), page("m2"))
    assert names((await ListLogFiles(marker=START).run(sender)).output) == ["a", "b", "c"]
    assert [request.target for request in sender.sent] == [
        f"/v2/logs/list/{START}?limit=1000",
        "/v2/logs/list/m1?limit=1000",
        "/v2/logs/list/m2?limit=1000",
    ]


async def test_a_marker_that_comes_again_ends_the_list() -> None:
    assert names((await ListLogFiles(marker=START).run(GivenSender(page(START, "a")))).output) == ["a"]


async def test_no_more_are_asked_for_than_are_wanted() -> None:
    sender = GivenSender(page("m1", "a", "b"))
    assert names((await ListLogFiles(marker=START, max_items=2).run(sender)).output) == ["a", "b"]
    assert [request.target for request in sender.sent] == [f"/v2/logs/list/{START}?limit=2"]


@pytest.mark.parametrize("marker", ["", "yesterday", "2026-06-03", f"{START}_1234", f"{START}/x"])
def test_a_marker_of_another_form_is_refused_by_name(marker: str) -> None:
    with pytest.raises(InvalidInput, match="`marker`"):
        ListLogFiles.read_inputs({"marker": marker})


async def test_the_link_is_the_answer_itself() -> None:
    sender = GivenSender(Answer(200, {"content-type": "text/plain"}, f"{LINK}\n".encode()))
    result = await GetLogFileLink(filename="a/b.json").run(sender)
    assert (result.output, result.raw) == ({"url": LINK}, LINK)
    assert sender.sent[0].target == "/v2/logs/download/a%2Fb.json"


@pytest.mark.parametrize("content", [b"", b"<html>", b"ftp://x", b"https://x\nhttps://y"])
async def test_anything_else_is_not_opsgenie(content: bytes) -> None:
    with pytest.raises(UnexpectedAnswer, match="no address"):
        await GetLogFileLink(filename="a").run(GivenSender(Answer(200, {}, content)))
