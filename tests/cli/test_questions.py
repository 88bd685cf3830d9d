"""A question is shown with the commands that decide it."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO

from playbooks_engine.cli.printing import Output
from playbooks_engine.cli.questions import show
from playbooks_engine.store.journal import Approval

AT = datetime(2026, 11, 22, 3, 10, tzinfo=UTC)


def test_who_is_asked_what_and_how_it_is_decided() -> None:
    question = Approval(
        run_id=12, path="each[0]/ask", prompt="Lock\nana?", ask="ben@example.com",
        inputs={"reason": {"type": "string", "required": True}, "hours": {"type": "integer", "required": False}},
        asked_at=AT, due_at=AT,
    )  # fmt: skip
    output = Output(stderr=StringIO())
    show(output, [question])
    told = output.stderr.getvalue()  # type: ignore[attr-defined]
    assert "each[0]/ask: ben@example.com is asked: Lock" in told
    assert "playbooks runs approve 12 each[0]/ask --input reason=...\n" in told
    assert "playbooks runs reject 12 each[0]/ask\n" in told
    assert "2026-11-22 03:10" in told
