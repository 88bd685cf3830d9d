"""The JSON API: what is stored, and what people decide; described at /api/openapi.json."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import JSONResponse

from playbooks_engine.runtime.cancelling import ask_cancel
from playbooks_engine.runtime.deciding import decide, open_questions, open_questions_within
from playbooks_engine.runtime.telling import question_document, run_header
from playbooks_engine.store import events, journal
from playbooks_engine.store.triggers import decisions
from playbooks_engine.web import shapes
from playbooks_engine.web.attention import health_of, matters, of_the_store
from playbooks_engine.web.changes import history
from playbooks_engine.web.listing import cursor_of, latest_events, row_before
from playbooks_engine.web.moments import stamp
from playbooks_engine.web.pages.runs import LARGEST_ID, RunId
from playbooks_engine.web.rendering import Site

MOST = 500

Limit = Annotated[int, Query(ge=1, le=MOST)]
Name = Annotated[str | None, Query(max_length=300)]

# What is wrong is told as {"error": {"type", "message", "hint"}}, a bad parameter with status 400 like the rest.
router = APIRouter(prefix="/api", responses={422: {"description": "Never sent; a bad parameter is answered 400."}})


@router.get("/health", response_model=shapes.HealthShape)
def health(request: Request) -> Any:
    """Whether anything needs attention: connections down, streams failing, runs that went wrong in 24 hours."""
    site: Site = request.app.state.site
    now = site.now()
    with site.engine.database.reading() as connection:
        found = of_the_store(site.engine.database.room, now)
        found += matters(connection, health_of(connection, site.engine.project.connections), now)
    return {
        "status": "attention" if found else "well",
        "attention": [shapes.matter(one) for one in found],
        "at": stamp(now),
    }


@router.get("/connections", response_model=shapes.ConnectionsShape)
def connections(request: Request) -> Any:
    """Every connection of the project and its health."""
    site: Site = request.app.state.site
    with site.engine.database.reading() as connection:
        found = health_of(connection, site.engine.project.connections)
    return {"connections": [shapes.connection(one) for one in found]}


@router.get("/events", response_model=shapes.EventsShape)
def event_list(
    request: Request,
    stream: Name = None,
    limit: Limit = 50,
    before: Annotated[str | None, Query(max_length=2_000)] = None,
) -> Any:
    """Stored events as they are now, last seen first."""
    site: Site = request.app.state.site
    try:
        start = row_before(before)
    except ValueError:
        raise HTTPException(400, "`before` is not what an earlier answer gave as `next`.") from None
    with site.engine.database.reading() as connection:
        streams = [stream] if stream else [row.stream for row in events.stream_states(connection)]
        found = latest_events(connection, streams, limit + 1, start)
        total = events.count_events(connection, stream)
    following = cursor_of(found[limit - 1]) if len(found) > limit else None
    return {"events": [shapes.event(row) for row in found[:limit]], "total": total, "next": following}


@router.get("/events/{stream}/{key:path}", response_model=shapes.WholeEventShape)
def one_event(request: Request, stream: str, key: str) -> Any:
    """One event with every content it had, what was decided about it, and the runs it started."""
    site: Site = request.app.state.site
    with site.engine.database.reading() as connection:
        event = events.event(connection, stream, key)
        if event is None:
            raise HTTPException(404, "There is no such event.")
        versions = events.versions(connection, stream, key)
        started = journal.runs(connection, event_stream=stream, event_key=key, limit=MOST)
        decided = decisions(connection, stream=stream, event_key=key, limit=MOST)
    return {
        **shapes.event(event),
        "raw": event.raw,
        "history": [shapes.version(one) for one in history(versions)],
        "runs": [run_header(row) for row in started],
        "decisions": [shapes.decision(row) for row in decided],
    }


@router.get("/runs", response_model=shapes.RunsShape)
def run_list(
    request: Request,
    playbook: Name = None,
    status: Name = None,
    limit: Limit = 50,
    before: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
) -> Any:
    """Runs, newest first."""
    site: Site = request.app.state.site
    asked = {"playbook": playbook or None, "status": status or None}
    with site.engine.database.reading() as connection:
        found = journal.runs(connection, **asked, limit=limit + 1, before=before)
        total = journal.count(connection, **asked)
    following = found[limit - 1].id if len(found) > limit else None
    return {"runs": [run_header(row) for row in found[:limit]], "total": total, "next": following}


@router.get("/questions", response_model=shapes.QuestionsShape)
def questions(request: Request) -> Any:
    """What runs ask people and can be decided now, oldest first."""
    site: Site = request.app.state.site
    return {"questions": [question_document(one) for one in open_questions(site.engine)]}


@router.post("/runs/{run_id}/decide", response_model=shapes.DecidedShape)
def decide_one(request: Request, run_id: RunId, given: shapes.Deciding) -> Any:
    """Approve or reject what a run asks for. The first decision counts: later ones are answered 409.

    Programs bring the key of the page: `Authorization: Bearer KEY`.
    """
    site: Site = request.app.state.site
    decided = decide(site.engine, run_id, given.step, given.decision, "page", given.inputs)
    told = {"decision": decided.decision, "by": decided.decided_by, "at": stamp(decided.decided_at)}
    return {"run": run_id, "step": decided.path, **told, "inputs": decided.given or {}}


@router.post("/runs/{run_id}/cancel", response_model=shapes.RunShape)
def cancel_one(request: Request, run_id: RunId) -> Any:
    """Ask that a run be cancelled: nothing further of it begins, and its `always` still runs."""
    site: Site = request.app.state.site
    return run_header(ask_cancel(site.engine, run_id, "page"))


@router.get("/runs/{run_id}", response_model=shapes.WholeRunShape)
def one_run(request: Request, run_id: RunId) -> Any:
    """One run with its steps and its writes."""
    site: Site = request.app.state.site
    with site.engine.database.reading() as connection:
        run = journal.run_by_id(connection, run_id)
        if run is None:
            raise HTTPException(404, "There is no such run.")
        steps = journal.steps(connection, run_id)
        writes = journal.intents(connection, run_id)
    ids = {row.path: row.step_id for row in steps}
    whole = {
        **run_header(run),
        "output": run.output,
        "steps": [shapes.step(row) for row in steps],
        "writes": [shapes.write(intent, ids.get(intent.path or "")) for intent in writes],
        "questions": [question_document(one) for one in open_questions_within(site.engine, run_id)],
    }
    # Made of JSON already: looking through ten thousand steps again would take longer than reading them.
    return JSONResponse(whole)
