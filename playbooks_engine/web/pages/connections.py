"""One connection: its settings, its health over time, and every call made with it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse

from playbooks_engine.sdk import Connection as Account
from playbooks_engine.sdk.durations import format_duration
from playbooks_engine.store.audit import audit_rows
from playbooks_engine.store.events import StreamRow, fetches, stream_states
from playbooks_engine.store.health import checks
from playbooks_engine.web.attention import health_of
from playbooks_engine.web.rendering import Site

router = APIRouter()

CHECKS = 60
CALLS = 100
FETCHES = 10


@router.get("/connections/{name}")
def one_connection(request: Request, name: str) -> HTMLResponse:
    site: Site = request.app.state.site
    account = site.engine.project.connections.get(name)
    if account is None:
        raise HTTPException(404, f"There is no connection {name} in project.yml.")
    with site.engine.database.reading() as connection:
        stored = {row.stream: row for row in stream_states(connection)}
        streams = [stored.get(stream) or StreamRow(stream=stream) for stream in streams_of(name, account, stored)]
        return site.page(
            request,
            "connection.html",
            one=health_of(connection, {name: account})[0],
            settings=settings(account),
            checks=checks(connection, name, CHECKS),
            streams=streams,
            fetches=[row for stream in streams for row in fetches(connection, stream.stream, FETCHES)],
            calls=audit_rows(connection, name, CALLS),
            most_calls=CALLS,
        )


def streams_of(name: str, account: Account, stored: dict[str, StreamRow]) -> list[str]:
    """The streams the connection is set to fetch, then those it once did."""
    told = [f"{name}.{stream}" for stream in account.fetch]
    return [*told, *(stream for stream in stored if stream.startswith(f"{name}.") and stream not in told)]


def settings(account: Account) -> list[tuple[str, Any]]:
    """Its settings as project.yml has them: of a secret only where it is kept, of nested ones a line each."""
    told: list[tuple[str, Any]] = []
    waiting = list(account.model_dump(mode="json", exclude={"description"}).items())
    while waiting:
        name, value = waiting.pop(0)
        if isinstance(value, dict):
            waiting[:0] = [(f"{name}.{inner}", held) for inner, held in value.items()]
        elif value not in (None, []):
            # The only numbers with a point in a connection are durations.
            told.append((name, format_duration(value) if isinstance(value, float) else value))
    return told
