"""The first page: what needs attention, connections, streams, latest runs and events."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from playbooks_engine.store import journal
from playbooks_engine.store.events import StreamRow, stream_states
from playbooks_engine.store.schedules import schedules
from playbooks_engine.web.attention import health_of, matters, of_the_store
from playbooks_engine.web.listing import latest_events
from playbooks_engine.web.rendering import Site

router = APIRouter()

LATEST = 10
PERIOD = 5
"""Seconds between two looks of an open page."""


@router.get("/")
def overview(request: Request) -> HTMLResponse:
    site: Site = request.app.state.site
    project, now = site.engine.project, site.now()
    fetched = {f"{name}.{stream}": True for name, account in project.connections.items() for stream in account.fetch}
    with site.engine.database.reading() as connection:
        healths = health_of(connection, project.connections)
        stored = {row.stream: row for row in stream_states(connection)}
        streams = [stored.get(name) or StreamRow(stream=name) for name in {**fetched, **stored}]
        return site.page(
            request,
            "overview.html",
            period=PERIOD,
            healths=healths,
            matters=[*of_the_store(site.engine.database.room, now), *matters(connection, healths, now)],
            streams=streams,
            runs=journal.runs(connection, limit=LATEST),
            run_count=journal.count(connection),
            events=latest_events(connection, [row.stream for row in streams], LATEST),
            due=[row for row in schedules(connection) if row.next_due is not None],
        )
