"""A project with a real store, filled through store functions, and its page on a real port."""

from __future__ import annotations

import asyncio
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from jinja2 import FileSystemBytecodeCache

from connectors.opsgenie import connector as opsgenie
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.store import health
from playbooks_engine.store.audit import NewAudit
from playbooks_engine.store.events import Arrival, move_watermark, store_page, stream_failed, stream_fetched
from playbooks_engine.store.journal import Intent, NewRun, StepRow, finish, keep_text, start_run
from playbooks_engine.store.triggers import NewDecision, decide
from playbooks_engine.web.app import make_app

NOW = datetime(2026, 11, 22, 3, 10, 0, tzinfo=UTC)
Get = Callable[..., httpx.Response]
Fill = Callable[..., int]

KEY = "b1946ac9-2f43-4b86-8a3e-0c5e9d2d1f00"

PROJECT = """connections:
  ops:
    connector: opsgenie
    description: Main account
    server_url: http://127.0.0.1:9
    api_key: env:OPSGENIE_API_KEY
    health_check: {every: 5m}
    fetch:
      alerts: {every: 1m}
web: {public_url: "https://oncall.example.com/playbooks"}
"""

PLAYBOOK = """name: chase
connections:
  ops: opsgenie
steps:
  - id: find
    uses: ops.list_alerts
  - id: each
    for_each: ${{ steps.find.output }}
    steps:
      - id: note
        uses: ops.add_note
        with: {identifier: a, note: b}
  - id: last
    uses: core.log
    with: {message: bye}
"""

ERROR = {
    "type": "auth",
    "indicator": "Test Connection failed.",
    "status_code": 401,
    "message": "Could not authenticate",
    "hint": "The key is wrong.",
    "retryable": False,
    "request_id": "r-1",
}


class StoppedClock:
    """Time stands still."""

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


class Stage:
    """One real port for all tests; each puts its own application on it."""

    def __init__(self) -> None:
        self.app: FastAPI | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert self.app is not None, "asked for a page outside of a test"
        await self.app(scope, receive, send)


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with an empty store: making one for every test would cost most of the tests' time."""
    folder = tmp_path_factory.mktemp("pristine") / "acme"
    (folder / "playbooks").mkdir(parents=True)
    (folder / "project.yml").write_text(PROJECT)
    (folder / "playbooks" / "chase.yml").write_text(PLAYBOOK)
    asyncio.run(Engine.open(folder, clock=StoppedClock(), catalog=Catalog.of(opsgenie)).close())
    return folder


@pytest.fixture
def engine(tmp_path: Path, pristine: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setenv("OPSGENIE_API_KEY", KEY)
    folder = shutil.copytree(pristine, tmp_path / "acme")
    opened = Engine.open(folder, clock=StoppedClock(), catalog=Catalog.of(opsgenie))
    yield opened
    asyncio.run(opened.close())


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates once compiled: every application compiles its own, and every test has an application of its own."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("compiled")))


@pytest.fixture
def app(engine: Engine, compiled: FileSystemBytecodeCache) -> FastAPI:
    made = make_app(engine)
    made.state.site._environment.bytecode_cache = compiled
    return made


@pytest.fixture(scope="session")
def stage() -> Iterator[tuple[Stage, httpx.Client]]:
    staged = Stage()
    server = uvicorn.Server(uvicorn.Config(staged, port=0, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        yield staged, client
    server.should_exit = True
    thread.join(10)
    assert not thread.is_alive(), "the page kept the service from stopping"


@pytest.fixture
def client(get: Get, stage: tuple[Stage, httpx.Client]) -> httpx.Client:
    """The same, for what is sent; it keeps no cookie from one test to the next."""
    stage[1].cookies.clear()
    return stage[1]


@pytest.fixture
def get(app: FastAPI, stage: tuple[Stage, httpx.Client]) -> Iterator[Get]:
    """GET over a real port."""
    staged, client = stage
    staged.app = app
    yield client.get
    staged.app = None


@pytest.fixture
def fill(engine: Engine) -> Callable[..., int]:
    """A little of everything, with `said` wherever text comes from outside; gives the number of the run."""

    def filled(said: str = "The disk is full", key: str = "a1") -> int:
        error = {**ERROR, "message": said, "hint": said}
        with engine.database.transaction() as connection:
            for turn, status in enumerate(("open", "closed")):
                fields: dict[str, Any] = {"message": said, "status": status, "tags": [said], said: said}
                raw = {"id": key, "turn": turn, "text": said}
                store_page(connection, "ops.alerts", [Arrival(key, str(turn), fields, raw)], NOW)
            move_watermark(connection, "ops.alerts", complete_up_to=NOW)
            stream_fetched(connection, "ops.alerts", NOW)
            stream_failed(connection, "ops.alerts", error, NOW)
            check = health.HealthCheck(connection="ops", checked_at=NOW, status="failed", latency=0.1, error=error)
            health.add_check(connection, check)
            health.set_health_state(connection, health.HealthState(connection="ops", status="down", since=NOW))
            new = NewRun(
                playbook="chase",
                digest=keep_text(connection, PLAYBOOK + f"# {said}"),
                file="playbooks/chase.yml",
                trigger={"kind": "event", "stream": "ops.alerts", "key": key},
                event_stream="ops.alerts",
                event_key=key,
                inputs={"why": said},
            )
            run = start_run(connection, new, engine.owner, NOW - timedelta(seconds=5), timedelta(seconds=30))
            child = NewRun(playbook=said, digest=new.digest, parent_run_id=run.id, parent_path="each[0]/note")
            start_run(connection, child, engine.owner, NOW, timedelta(seconds=30))
            decide(
                connection,
                [NewDecision(at=NOW, playbook="chase", kind="matched", reason=said, stream="ops.alerts",
                             event_key=key, run_id=run.id)],
            )  # fmt: skip
        _steps(engine, run.id, said, error)
        with engine.database.transaction() as connection:
            finish(connection, run.id, 1, "failed", None, {**error, "step": "note"}, NOW)
        return run.id

    return filled


def store_many(engine: Engine, pages: int, stream: str = "ops.alerts") -> None:
    """A hundred events a page."""
    with engine.database.transaction() as connection:
        for page in range(pages):
            arrivals = [Arrival(f"k{page}-{n}", None, {"message": f"m{n}"}, {"p": page, "n": n}) for n in range(100)]
            store_page(connection, stream, arrivals, NOW)
        stream_fetched(connection, stream, NOW)


def words(text: str) -> str:
    """The text without its line breaks."""
    return " ".join(text.split())


def _steps(engine: Engine, run: int, said: str, error: dict[str, Any]) -> None:
    def step(path: str, status: str, **values: Any) -> None:
        name = path.rpartition("/")[2].partition("[")[0]
        row = StepRow(run_id=run, path=path, step_id=name, status=status, started_at=NOW, ended_at=NOW, **values)
        engine.journal.step(row, 1)

    step("find", "succeeded", output=[{"message": said}], attempts=2)
    step("each", "failed", inputs={"items": [{"message": said}]}, error=error)
    step("each[0]", "failed", item=0, error=error)
    step("each[0]/note", "failed", inputs={"note": said}, error=error, child_run_id=run)
    step("each[0]/other", "skipped", conditions=[[said, said]])
    intent = Intent(
        id=f"{run:032}", run_id=run, path="each[0]/note", command="opsgenie.add_note", connection="ops",
        effect="write", key=said, request_hash="h", method="POST", url_path=f"/v2/alerts/{said}", body={"note": said},
        written_at=NOW,
    )  # fmt: skip
    engine.journal.intent(intent, 1)
    row = NewAudit(
        at=NOW, actor={"kind": "playbook", "name": "chase", "run": run, "step": "note"}, connection="ops",
        connector="opsgenie", command="add_note", area="alerts", effect="write", target=said, decision="allowed",
        rule="alerts: write",
    )  # fmt: skip
    calls = engine.recorder._audit
    calls.after(calls.before(row), "not_found", NOW, requests=1, status_code=404)
    engine.journal.flush()
