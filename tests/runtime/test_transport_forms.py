"""Files on the wire: a form as RFC 7578 has it, and the same bytes at the other end."""

from __future__ import annotations

import asyncio
from email import message_from_bytes
from email.message import Message

import pytest
from loopback import body, exchange, request_of, server

from playbooks_engine.sdk import File, Request


async def sent(request: Request) -> tuple[bytes, list[Message]]:
    """The head of the request, and the parts of its form."""
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await request_of(reader))
        writer.write(body(b"{}"))
        await writer.drain()

    async with server(serve) as port:
        await exchange(port, request)
    head, _, content = seen[0].partition(b"\r\n\r\n")
    kind = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-type:"))
    return head, [*message_from_bytes(kind + b"\r\n\r\n" + content).get_payload()]  # type: ignore[list-item]


def upload(content: bytes, path: str = "df.txt", fields: dict[str, object] | None = None) -> Request:
    return Request("POST", "/x", body=fields, files={"file": File(path, content)})


@pytest.mark.parametrize(
    "content",
    [b"", b"93 %\n", b"\r\n--boundary--\r\n", bytes(range(256)) * 300],
    ids=["none", "text", "dashes", "bytes"],
)
async def test_the_bytes_arrive_as_they_are(content: bytes) -> None:
    _, parts = await sent(upload(content))
    assert [part.get_payload(decode=True) for part in parts] == [content]


async def test_a_file_has_its_name_without_folders_and_its_type_and_the_other_fields_stand_beside_it() -> None:
    head, parts = await sent(upload(b"x", "logs/df.txt", {"user": "ana", "urgent": True}))
    assert head.startswith(b"POST /x HTTP/1.1\r\n")
    assert b"content-type: multipart/form-data; boundary=" in head.lower()
    assert b"content-length: " in head.lower()
    assert b"x-key: k" in head.lower()
    assert b"application/json" not in head.lower().replace(b"accept: application/json", b"")
    told = {part.get_param("name", header="content-disposition"): part for part in parts}
    assert set(told) == {"file", "user", "urgent"}
    assert (told["file"].get_filename(), told["file"].get_content_type()) == ("df.txt", "text/plain")
    assert [told[name].get_payload() for name in ("user", "urgent")] == ["ana", "true"]


async def test_a_name_cannot_leave_its_place_in_the_form() -> None:
    _, parts = await sent(upload(b"x", 'a"; name="user"; x=".txt'))
    assert [part.get_param("name", header="content-disposition") for part in parts] == ["file"]
