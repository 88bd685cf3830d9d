"""What people decide on the page: questions of runs, and whether a run goes on."""

from __future__ import annotations

from typing import Literal, cast

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse

from playbooks_engine.runtime.cancelling import ask_cancel
from playbooks_engine.runtime.deciding import decide
from playbooks_engine.web.pages.runs import RunId
from playbooks_engine.web.rendering import Site, address, own_address

router = APIRouter()

WHO = "page"
"""Whom the page names as deciding: its key is one for all who have it."""

_INPUT = "input."


@router.post("/runs/{run_id}/decide")
def decision(request: Request, run_id: RunId) -> RedirectResponse:
    """Approve or reject, with what was filled in: what was left empty was not given."""
    site: Site = request.app.state.site
    said: dict[str, str] = request.state.form
    word = said.get("decision", "")
    if word not in {"approved", "rejected"}:
        raise HTTPException(400, "A decision is to approve or to reject.")
    given = {name.removeprefix(_INPUT): text for name, text in said.items() if name.startswith(_INPUT) and text}
    decide(site.engine, run_id, said.get("step", ""), cast(Literal["approved", "rejected"], word), WHO, given)
    return RedirectResponse(own_address(said.get("back", address("runs", run_id))), 303)


@router.post("/runs/{run_id}/cancel")
def cancellation(request: Request, run_id: RunId) -> RedirectResponse:
    """Ask that a run be cancelled; whoever executes it, or the service, ends it."""
    site: Site = request.app.state.site
    ask_cancel(site.engine, run_id, WHO)
    return RedirectResponse(address("runs", run_id), 303)
