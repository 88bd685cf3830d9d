"""Generated playbooks are refused with a position or run to an end; what an alert says changes no request."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from written import HEAD
from written_playbooks import playbooks, texts

from playbooks_engine.errors import BadPlaybook
from playbooks_engine.runtime.holding import LEASE
from playbooks_engine.runtime.running.runs import execute
from playbooks_engine.store import journal

EXAMPLES = settings(
    max_examples=int(os.environ.get("PLAYBOOKS_EXAMPLES", "30")),
    deadline=None,
    derandomize="PLAYBOOKS_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
)
ENDS = {"succeeded", "succeeded_with_errors", "failed", "timed_out"}
ENDED_STEPS = {"succeeded", "failed", "skipped", "reused", "timed_out", "cancelled"}
PART = "steps:\n  - {id: a, uses: core.set, with: {x: 1}}\noutput: {x: 1}\n"
CHASE = HEAD + (
    "steps:\n"
    '  - {id: made, uses: ops.create_alert, with: {message: "${{ event.message }}", note: "${{ event.message }}"}}\n'
    "  - id: noted\n    uses: ops.add_note\n    with:\n"
    "      identifier: ${{ steps.made.output.alertId }}\n      note: x ${{ event.message }}\n"
)
event = st.fixed_dictionaries(
    {
        "id": texts,
        "message": texts,
        "tags": st.lists(texts, max_size=3),
        "count": st.integers(0, 9),
        "owner": st.none() | st.fixed_dictionaries({"name": texts}),
    }
)


@EXAMPLES
@given(playbooks(), event)
async def test_a_playbook_is_refused_with_a_position_or_runs_to_an_end(bench: Any, text: str, event: Any) -> None:
    bench.write(PART, "part")
    try:
        done = await bench.run(text, event=event)
    except BadPlaybook as refused:
        errors = [one for one in refused.findings if one.severity == "error"]
        assert errors
        assert all(one.line >= 1 and one.column >= 1 and one.message for one in errors)
        return
    rounds = 0
    while done.status == "waiting":
        rounds += 1
        assert rounds < 100, "the run waits for ever"
        done = await _an_hour_later(bench, done.run.id)
    assert done.status in ENDS
    assert {row.status for row in done.steps} <= ENDED_STEPS


async def _an_hour_later(bench: Any, run_id: int) -> Any:
    bench.clock.pass_time(3_600)
    async with bench.engine() as engine:
        with engine.database.transaction() as cx:
            due = journal.claim_next(cx, engine.owner, engine.clock.now(), LEASE, 10)
        for run in due:
            await execute(engine, run)
        return bench.look(engine.database, run_id)


@EXAMPLES
@given(texts.filter(str.strip))
async def test_what_an_alert_says_changes_no_request_but_its_own_text(bench: Any, text: str) -> None:
    before = len(bench.simulator.ledger)
    done = await bench.run(CHASE, event={"message": text})
    sent = [entry for entry in bench.simulator.ledger[before:] if entry.method != "GET"]
    if done.status == "failed":
        assert done.error["type"] in ("invalid_input", "bad_request", "unprocessable"), done.error
        return
    identifier = done.step("made").output["alertId"]
    assert [(entry.method, entry.path) for entry in sent] == [
        ("POST", "/v2/alerts"),
        ("POST", f"/v2/alerts/{identifier}/notes"),
    ]
