"""Events: a list by stream, and one event with its versions, decisions and runs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse

from playbooks_engine.errors import EngineError
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.mappings import mapping_of
from playbooks_engine.runtime.streams import source
from playbooks_engine.store import events, journal
from playbooks_engine.store.triggers import decisions
from playbooks_engine.web.changes import history
from playbooks_engine.web.listing import cursor_of, latest_events, row_before
from playbooks_engine.web.rendering import Site

router = APIRouter()

PAGE = 50
VERSIONS = 50
"""Versions that are shown; a flapping alert may have thousands."""


@router.get("/events")
def event_list(
    request: Request,
    stream: Annotated[str | None, Query(max_length=300)] = None,
    before: Annotated[str | None, Query(max_length=2_000)] = None,
) -> HTMLResponse:
    site: Site = request.app.state.site
    stream = stream or None
    try:
        start = row_before(before)
    except ValueError:
        raise HTTPException(400, "This place in the list is not understood; begin at its first page.") from None
    with site.engine.database.reading() as connection:
        streams = [row.stream for row in events.stream_states(connection)]
        asked = [stream] if stream else streams
        found = latest_events(connection, asked, PAGE + 1, start)
        total = events.count_events(connection, stream)
    shown = found[:PAGE]
    return site.page(
        request,
        "events.html",
        streams=streams if stream is None or stream in streams else [*streams, stream],
        stream=stream,
        events=shown,
        total=total,
        start=start,
        following=cursor_of(shown[-1]) if len(found) > PAGE else None,
    )


@router.get("/events/{stream}/{key:path}")
def one_event(request: Request, stream: str, key: str) -> HTMLResponse:
    site: Site = request.app.state.site
    with site.engine.database.reading() as connection:
        event = events.event(connection, stream, key)
        if event is None:
            raise HTTPException(404, f"There is no event {key} in stream {stream}.")
        versions = events.versions(connection, stream, key)
        started = journal.runs(connection, event_stream=stream, event_key=key, limit=PAGE)
        decided = decisions(connection, stream=stream, event_key=key, limit=PAGE)
    return site.page(
        request,
        "event.html",
        event=event,
        labels=_labels(site.engine, stream),
        versions=history(versions[-VERSIONS - 1 :])[:VERSIONS],
        runs=started,
        decisions=decided,
    )


def _labels(engine: Engine, stream: str) -> dict[str, str]:
    """What the stream's mapping calls its fields; nothing when the stream or the mapping is gone since."""
    try:
        mapping, _ = mapping_of(engine, source(engine, stream))
    except EngineError:
        return {}
    return {name: field.label for name, field in mapping.fields.items() if field.label}
