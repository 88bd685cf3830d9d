"""Whole runs beside a plain script that sends the same requests: `python tests/speed/runs.py`.

1,000 runs of a ten-step playbook; each step is a GET of 2 KB, with an expression in its address and a map of values
from the answer before. The script does the same with one shared httpx client and keeps nothing; the engine keeps
every step, every call's audit row and the run. Ratios count; steps a second depend on the machine.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import httpx

from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.holding import LEASE
from playbooks_engine.runtime.running.runs import execute
from playbooks_engine.runtime.starting import start
from playbooks_engine.store import journal

RUNS, STEPS, ROUNDS = int(os.environ.get("RUNS", "1000")), 10, 3
ITEMS = [{"name": f"item {n}", "value": "x" * 40, "rank": n} for n in range(24)]
BODY = json.dumps({"data": {"id": "7c1b", "count": 3, "owner": "ana", "items": ITEMS}}).encode()
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY


class _Bare(asyncio.Protocol):
    """Answers every request with the same 2 KB."""

    def connection_made(self, transport: Any) -> None:
        self._transport, self._read = transport, b""

    def data_received(self, data: bytes) -> None:
        self._read += data
        while b"\r\n\r\n" in self._read:
            _, self._read = self._read.split(b"\r\n\r\n", 1)
            self._transport.write(ANSWER)


def _serve(pipe: Any) -> None:
    async def forever() -> None:
        server = await asyncio.get_running_loop().create_server(_Bare, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(forever())


def _project(folder: Path, port: int) -> None:
    steps = ["name: ten_steps", "connections: {api: http}", "steps:"]
    for number in range(STEPS):
        before = f"steps.s{number - 1}.output.data" if number else "{'id': 'first', 'count': 0, 'owner': 'nobody'}"
        steps += [
            f"  - id: s{number}",
            "    uses: api.request",
            "    with:",
            "      method: GET",
            f'      path: "/items/${{{{ ({before}).count + {number} }}}}"',
            "      query:",
            f'        after: "${{{{ ({before}).id }}}}"',
            f'        owner: "${{{{ ({before}).owner | upper }}}}"',
        ]
    (folder / "playbooks").mkdir(parents=True)
    (folder / "playbooks" / "ten_steps.yml").write_text("\n".join(steps) + "\n")
    (folder / "project.yml").write_text(
        f"connections:\n  api:\n    connector: http\n    server_url: http://127.0.0.1:{port}\n"
    )


async def plain(port: int, at_once: int) -> float:
    """Steps a second of the script."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:

        async def one() -> None:
            before: dict[str, Any] = {"id": "first", "count": 0, "owner": "nobody"}
            for number in range(STEPS):
                query = {"after": before["id"], "owner": before["owner"].upper()}
                answer = await client.get(f"/items/{before['count'] + number}", params=query)
                before = answer.json()["data"]

        return await _timed(one, at_once)


async def ours(port: int, at_once: int) -> float:
    """Steps a second of the engine, history kept."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "project"
        _project(folder, port)
        async with Engine.open(folder) as engine:
            loaded = engine.library.playbook("ten_steps")

            async def one() -> None:
                run_id = start(engine, loaded, {"kind": "person"}, {})
                with engine.database.transaction() as connection:
                    run = journal.claim(connection, run_id, engine.owner, engine.clock.now(), LEASE)
                assert run is not None
                ended = await execute(engine, run)
                assert ended is not None
                assert ended.status == "succeeded", ended

            return await _timed(one, at_once)


async def _timed(one: Any, at_once: int) -> float:
    async def worker() -> None:
        for _ in range(RUNS // at_once):
            await one()

    await one()
    begun = perf_counter()
    await asyncio.gather(*(worker() for _ in range(at_once)))
    return RUNS * STEPS / (perf_counter() - begun)


def main() -> int:
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(there,), daemon=True)
    server.start()
    port = here.recv()
    print(f"{RUNS:,} runs x {STEPS} steps, medians of {ROUNDS}")
    ratios = {}
    for at_once in (1, 10):
        figures = [(asyncio.run(plain(port, at_once)), asyncio.run(ours(port, at_once))) for _ in range(ROUNDS)]
        script, engine = (median(figure[n] for figure in figures) for n in (0, 1))
        ratios[at_once] = median(s / e for s, e in figures)
        print(
            f"  {at_once:>2} at once: plain httpx {script:7,.0f} steps/s, the engine {engine:7,.0f} steps/s, "
            f"time against the script x {ratios[at_once]:.2f}"
        )
    server.terminate()
    server.join()
    print("goal: at most x 1.20 one at a time, below x 1.00 ten at once")
    return 0 if ratios[1] <= 1.2 and ratios[10] < 1.0 else 1


if __name__ == "__main__":
    sys.exit(main())
