"""Questions of runs on the page: shown, and decided once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from playbooks_engine.runtime.engine import Engine
from playbooks_engine.store import journal
from playbooks_engine.store.journal import Approval, NewRun, Run, StepRow
from playbooks_engine.web.entry import COOKIE
from tests.web.conftest import KEY, NOW, Get
from tests.web.test_hostile import check

TEXT = """name: lock
steps:
  - id: ask
    uses: core.approval
    with:
      prompt: Lock ana?
      timeout: 1h
      inputs:
        reason: {type: string}
        hours: {type: integer, default: 4}
        how: {type: string, enum: [soft, hard], default: soft}
"""
INPUTS = {
    "reason": {"type": "string", "required": True},
    "hours": {"type": "integer", "required": False, "default": "4"},
    "how": {"type": "string", "required": False, "enum": ["soft", "hard"], "default": "soft"},
}


@pytest.fixture
def asked(engine: Engine) -> Callable[..., int]:
    """A run that is laid down and asks somebody."""

    def ask(prompt: str = "Lock ana?", minutes: int = 60) -> int:
        with engine.database.transaction() as connection:
            digest = journal.keep_text(connection, TEXT)
            new = NewRun(playbook="lock", digest=digest, file="playbooks/lock.yml", trigger={"kind": "person"})
            run = journal.start_run(connection, new, engine.owner, NOW, timedelta(seconds=30))
            due = NOW + timedelta(minutes=minutes)
            question = Approval(
                run_id=run.id, path="ask", prompt=prompt, ask="ben", inputs=INPUTS, asked_at=NOW, due_at=due
            )  # fmt: skip
            journal.ask(connection, question)
            asks = StepRow(run_id=run.id, path="ask", step_id="ask", status="waiting", started_at=NOW)
            journal.add_steps(connection, run.id, [asks])
            journal.park(connection, run.id, run.fence, due, NOW)
        return run.id

    return ask


@pytest.fixture
def post(client: httpx.Client, engine: Engine, app: Any) -> Callable[..., httpx.Response]:
    """Send what a form of the page sends, signed in."""
    entry = app.state.site.entry

    def send(path: str, **fields: str) -> httpx.Response:
        headers = {"origin": str(client.base_url).rstrip("/"), "cookie": f"{COOKIE}={entry.session}"}
        return client.post(path, data={"token": entry.token, **fields}, headers=headers)

    return send


def signed(app: Any) -> dict[str, str]:
    return {"cookie": f"{COOKIE}={app.state.site.entry.session}"}


def run_of(engine: Engine, number: int) -> Run:
    with engine.database.reading() as connection:
        run = journal.run_by_id(connection, number)
    assert run is not None
    return run


def test_a_question_is_shown_to_all_and_its_form_to_who_signed_in(
    get: Get, app: Any, asked: Callable[..., int]
) -> None:
    run = asked()
    for path in ("/", f"/runs/{run}"):
        page = get(path)
        assert "Lock ana?" in check(page.text).text
        assert "ben" in page.text
        assert "Sign in to decide" in page.text
        assert app.state.site.entry.token not in page.text
        assert 'name="input.reason"' not in page.text
        inside = get(path, headers=signed(app)).text
        check(inside)
        assert 'name="input.reason"' in inside
        assert '<option value="hard">' in inside
        assert app.state.site.entry.token in inside


def test_an_approval_is_kept_with_what_was_filled_in_and_the_run_goes_on(
    get: Get, post: Callable[..., httpx.Response], engine: Engine, asked: Callable[..., int]
) -> None:
    run = asked()
    fields = {"input.reason": "he left", "input.hours": "", "input.how": "hard"}
    answer = post(f"/runs/{run}/decide", step="ask", decision="approved", back="/", **fields)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    with engine.database.reading() as connection:
        [question] = journal.approvals(connection, run_id=run)
    assert (question.decision, question.decided_by) == ("approved", "page")
    assert question.given == {"reason": "he left", "hours": 4, "how": "hard"}
    assert run_of(engine, run).wake_at == NOW
    assert "Lock ana?" not in get("/").text
    assert "approved by page" in check(get(f"/runs/{run}").text).text


def test_the_first_decision_counts(post: Callable[..., httpx.Response], asked: Callable[..., int]) -> None:
    run = asked()
    assert post(f"/runs/{run}/decide", step="ask", decision="rejected").status_code == 303
    late = post(f"/runs/{run}/decide", step="ask", decision="approved", **{"input.reason": "x"})
    assert late.status_code == 409
    assert "was rejected by page" in check(late.text).text


@pytest.mark.parametrize(
    ("fields", "code", "says"),
    [
        ({"decision": "approved"}, 400, "needs the input 'reason'"),
        ({"decision": "approved", "input.reason": "x", "input.hours": "soon"}, 400, "must be a whole number"),
        ({"decision": "maybe"}, 400, "A decision is to approve or to reject."),
        ({"decision": "approved", "input.reason": KEY}, 400, "holds a secret"),
    ],
)
def test_what_does_not_fit_decides_nothing(
    post: Callable[..., httpx.Response], engine: Engine, asked: Callable[..., int], fields: dict[str, str], code: int,
    says: str,
) -> None:  # fmt: skip
    engine.secrets.reveal(engine.project.connections["ops"].api_key)
    run = asked()
    answer = post(f"/runs/{run}/decide", step="ask", **fields)
    assert answer.status_code == code
    assert says in check(answer.text).text
    assert KEY not in answer.text
    with engine.database.reading() as connection:
        assert journal.approvals(connection, run_id=run)[0].decision is None


def test_a_run_is_cancelled_and_goes_on_to_its_always_even_if_a_person_stopped_it(
    get: Get, post: Callable[..., httpx.Response], engine: Engine, asked: Callable[..., int]
) -> None:
    run = asked()
    with engine.database.transaction() as connection:
        journal.hold_back(connection, run)
    assert post(f"/runs/{run}/cancel").status_code == 303
    cancelled = run_of(engine, run)
    assert (cancelled.cancel_at, cancelled.cancelled_by, cancelled.wake_at) == (NOW, "page", NOW)
    assert post("/runs/99/cancel").status_code == 409


def test_hostile_prompts_stay_text(get: Get, app: Any, asked: Callable[..., int]) -> None:
    run = asked("<h6>x</h6>\"'><script>alert(1)</script>\u202e")
    for path in ("/", f"/runs/{run}"):
        page = get(path, headers=signed(app)).text
        check(page)
        assert "<script>alert" not in page
        assert "[U+202E]" in page
