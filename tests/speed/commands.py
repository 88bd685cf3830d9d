"""Commands beside a hand-written httpx loop: `python tests/speed/commands.py`.

A list of 10,000 alerts over 100 pages from a server that takes 20 ms for each answer, and single reads from one that
takes none: what a command call costs above a bare GET, with its audit row, its permission and its place in the rate
limits. The loop does the same with one shared httpx client and keeps nothing. Ratios count; the rest depends on the
machine.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.records import Actor

ALERTS, PAGE, CALLS, ROUNDS, LATENCY = 10_000, 100, int(os.environ.get("CALLS", "2000")), 3, 0.02
ME = Actor("person", "me")
GOAL_LIST, GOAL_CALL = 1.1, 1.0


def _alert(number: int) -> dict[str, Any]:
    return {
        "id": f"70413a06-38d6-4c85-92b8-{number:012d}",
        "tinyId": str(number),
        "message": f"Disk of db-{number} is full",
        "status": "open",
        "tags": ["disk", "db"],
        "priority": "P3",
        "owner": "ana@example.com",
        "createdAt": "2026-03-27T10:00:00.000Z",
        "updatedAt": "2026-03-27T10:00:00.000Z",
    }


class _Vendor(asyncio.Protocol):
    """Pages of alerts, each after 20 ms; anything else at once, with one alert."""

    def connection_made(self, transport: Any) -> None:
        self._transport, self._read = transport, b""

    def data_received(self, data: bytes) -> None:
        self._read += data
        while b"\r\n\r\n" in self._read:
            head, self._read = self._read.split(b"\r\n\r\n", 1)
            target = urlsplit(head.split(b" ", 2)[1].decode())
            if target.path == "/v2/alerts":
                offset = int(parse_qs(target.query).get("offset", ["0"])[0])
                asyncio.get_running_loop().call_later(LATENCY, self._transport.write, _pages()[offset])
            else:
                self._transport.write(_single())


_KEPT: dict[int, bytes] = {}


def _pages() -> dict[int, bytes]:
    if not _KEPT:
        for offset in range(0, ALERTS, PAGE):
            document: dict[str, Any] = {"data": [_alert(offset + n) for n in range(PAGE)], "paging": {}}
            if offset + PAGE < ALERTS:
                document["paging"]["next"] = f"https://api.opsgenie.com/v2/alerts?limit={PAGE}&offset={offset + PAGE}"
            _KEPT[offset] = _answer(document)
    return _KEPT


def _single() -> bytes:
    return _answer({"data": _alert(1), "took": 0.01, "requestId": "r"})


def _answer(document: dict[str, Any]) -> bytes:
    body = json.dumps(document).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def _serve(pipe: Any) -> None:
    async def forever() -> None:
        _pages()
        server = await asyncio.get_running_loop().create_server(_Vendor, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(forever())


async def _timed(one: Callable[[], Awaitable[Any]], times: int = 1, at_once: int = 1) -> float:
    async def worker() -> None:
        for _ in range(times // at_once):
            await one()

    begun = perf_counter()
    await asyncio.gather(*(worker() for _ in range(at_once)))
    return (perf_counter() - begun) / times


async def by_hand(port: int) -> list[float]:
    """Seconds of a list, of a single read, and of one of ten at once."""
    headers = {"Authorization": "GenieKey k"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as client:

        async def pages() -> None:
            items: list[Any] = []
            while True:
                answer = await client.get("/v2/alerts", params={"limit": PAGE, "offset": len(items)})
                answer.raise_for_status()
                document = answer.json()
                items += document["data"]
                if not document["paging"].get("next"):
                    break
            assert len(items) == ALERTS

        async def single() -> None:
            answer = await client.get("/v2/alerts/x", params={"identifierType": "id"})
            assert answer.raise_for_status().json()["data"]["id"]

        await single()
        return [await _timed(pages), await _timed(single, CALLS), await _timed(single, CALLS, at_once=10)]


async def ours(port: int) -> list[float]:
    """The same by commands."""
    os.environ["SPEED_KEY"] = "k"
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "project.yml").write_text(
            "connections:\n  ops:\n    connector: opsgenie\n    api_key: env:SPEED_KEY\n"
            f"    server_url: http://127.0.0.1:{port}\n"
        )
        async with Engine.open(folder) as engine:

            async def pages() -> None:
                called = await engine.calling.call("ops", engine.calling.command("ops", "list_alerts", {}), ME)
                assert called.result is not None
                assert len(called.result.output) == ALERTS

            async def single() -> None:
                command = engine.calling.command("ops", "get_alert", {"identifier": "x"})
                called = await engine.calling.call("ops", command, ME)
                assert called.result is not None

            await single()
            return [await _timed(pages), await _timed(single, CALLS), await _timed(single, CALLS, at_once=10)]


def main() -> int:
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(there,), daemon=True)
    server.start()
    port = here.recv()
    print(f"medians of {ROUNDS}")
    rounds = [(asyncio.run(by_hand(port)), asyncio.run(ours(port))) for _ in range(ROUNDS)]
    server.terminate()
    server.join()
    ratios = []
    names = (
        f"{ALERTS:,} alerts over {ALERTS // PAGE} pages, 20 ms each",
        "a call, one at a time",
        "a call, ten at once",
    )
    for place, name in enumerate(names):
        hand, engine = (median(figures[side][place] for figures in rounds) for side in (0, 1))
        ratios.append(median(figures[1][place] / figures[0][place] for figures in rounds))
        print(f"  {name:<40} by hand {hand * 1e3:9.3f} ms, ours {engine * 1e3:9.3f} ms, x {ratios[-1]:.2f}")
    print(f"goal: the list at most x {GOAL_LIST:.2f}, a call one at a time at most x {GOAL_CALL:.2f}")
    return 0 if ratios[0] <= GOAL_LIST and ratios[1] <= GOAL_CALL else 1


if __name__ == "__main__":
    sys.exit(main())
