"""Runs: a list, and one run step by step."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Request
from fastapi.responses import HTMLResponse

from playbooks_engine.language.checking import check
from playbooks_engine.language.playbook import Call
from playbooks_engine.runtime.deciding import open_questions_within
from playbooks_engine.runtime.running.frame import duration_of
from playbooks_engine.store import journal
from playbooks_engine.store.journal import Intent
from playbooks_engine.web.nesting import first_bad, nested
from playbooks_engine.web.rendering import Site

router = APIRouter()

PAGE = 50
STEPS = 100
"""Steps on one page; a loop may have ten thousand."""

LARGEST_ID = 2**53
STATUSES = (
    "queued", "running", "waiting", "succeeded", "succeeded_with_errors", "failed", "timed_out", "cancelled",
)  # fmt: skip

RunId = Annotated[int, Path(ge=1, le=LARGEST_ID)]


@dataclass(frozen=True)
class StepText:
    """What the playbook says of a step: what it runs, its line, its condition."""

    uses: str = ""
    line: int = 0
    when: str = ""


@router.get("/runs")
def run_list(
    request: Request,
    playbook: Annotated[str | None, Query(max_length=300)] = None,
    status: Annotated[str | None, Query(max_length=40)] = None,
    before: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
) -> HTMLResponse:
    site: Site = request.app.state.site
    playbook, status = playbook or None, status or None
    with site.engine.database.reading() as connection:
        found = journal.runs(connection, playbook=playbook, status=status, limit=PAGE + 1, before=before)
        total = journal.count(connection, playbook=playbook, status=status)
    shown = found[:PAGE]
    names = {path.stem for path in site.engine.project.playbook_files} | {run.playbook for run in shown}
    return site.page(
        request,
        "runs.html",
        runs=shown,
        total=total,
        playbooks=sorted(names | ({playbook} if playbook else set())),
        playbook=playbook,
        statuses=STATUSES,
        status=status,
        start=before,
        following=shown[-1].id if len(found) > PAGE else None,
    )


@router.get("/runs/{run_id}")
def one_run(request: Request, run_id: RunId, first: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0) -> HTMLResponse:
    site: Site = request.app.state.site
    with site.engine.database.reading() as connection:
        run = journal.run_by_id(connection, run_id)
        if run is None:
            raise HTTPException(404, f"There is no run {run_id}.")
        rows = journal.steps(connection, run_id)
        intents = journal.intents(connection, run_id)
        children = journal.children(connection, run_id)
        text = journal.text_of(connection, run.digest)
        decided = [one for one in journal.approvals(connection, run_id=run_id) if one.decision is not None]
    order, said = _steps_of(text or "")
    reached = {row.step_id for row in rows}
    steps = nested(rows)
    bad = first_bad(steps)
    first = min(first, max(0, len(steps) - 1)) // STEPS * STEPS
    writes: dict[str, list[Intent]] = {}
    for intent in intents:
        writes.setdefault(intent.path or "", []).append(intent)
    return site.page(
        request,
        "run.html",
        run=run,
        ended=run.status in journal.ENDED,
        questions=open_questions_within(site.engine, run_id),
        decided=decided,
        steps=steps[first : first + STEPS],
        step_count=len(steps),
        first=first,
        page=STEPS,
        bad=None if bad is None else (steps[bad].row, bad // STEPS * STEPS),
        writes=writes,
        intents=intents,
        children=children,
        text=text,
        said=said,
        unsaid=StepText(),
        unreached=[name for name in order if name not in reached] if run.status in journal.ENDED else [],
        duration_of=duration_of,
    )


@lru_cache(maxsize=100)
def _steps_of(text: str) -> tuple[list[str], dict[str, StepText]]:
    """The outer steps of a playbook text in order, and what the text says of each step, inner ones too.

    Nothing where this version cannot read the text.
    """
    playbook = check(text, "").playbook
    if playbook is None:
        return [], {}
    return [step.id for step in playbook.steps], {
        step.id: StepText(
            step.uses.text if isinstance(step, Call) else "",
            step.position.line,
            step.when.text.strip() if step.when else "",
        )
        for step in playbook.every_step()
    }
