"""The first page: what needs attention, connections, streams, latest runs and events."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from playbooks_engine.runtime.deciding import open_questions
from playbooks_engine.store import journal
from playbooks_engine.store.events import StreamRow, stream_states
from playbooks_engine.store.schedules import schedules
from playbooks_engine.web.attention import health_of, matters, of_the_store
from playbooks_engine.web.listing import latest_events
from playbooks_engine.web.rendering import Site

router = APIRouter()

LATEST = 10
MOST_ASKED = 50
"""Questions that are shown with their forms."""
PERIOD = 5
"""Seconds between two looks of an open page."""


@router.get("/")
def overview(request: Request) -> HTMLResponse:
    site: Site = request.app.state.site
    project, now = site.engine.project, site.now()
    fetched = {f"{name}.{stream}": True for name, account in project.connections.items() for stream in account.fetch}
    questions = open_questions(site.engine)
    with site.engine.database.reading() as connection:
        asking = {one.run_id: journal.run_by_id(connection, one.run_id) for one in questions[:MOST_ASKED]}
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
            questions=questions,
            most_asked=MOST_ASKED,
            asking={number: run.playbook for number, run in asking.items() if run is not None},
            runs=journal.runs(connection, limit=LATEST),
            run_count=journal.count(connection),
            events=latest_events(connection, [row.stream for row in streams], LATEST),
            due=[row for row in schedules(connection) if row.next_due is not None],
        )
