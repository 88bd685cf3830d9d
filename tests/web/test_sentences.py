"""Rows as sentences."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from playbooks_engine.store.audit import AuditRow
from playbooks_engine.web.sentences import audit, error, hint, outcome

ROW = AuditRow(
    id="x", at=datetime(2026, 11, 22, tzinfo=UTC), connection="ops", connector="opsgenie", command="add_note",
    area="alerts", effect="write", target="4821", decision="allowed", rule="alerts: write", outcome="succeeded",
    requests=2, ended_at=None, status_code=202, actor={"kind": "playbook", "name": "chase", "run": 41, "step": "note"},
)  # fmt: skip


def test_a_call_reads_as_a_sentence() -> None:
    assert audit(ROW) == "playbook chase, run 41, added note (4821) on ops: allowed by alerts: write"
    assert outcome(ROW) == "succeeded"


def test_what_was_only_tried_is_not_told_as_done() -> None:
    failed = replace(ROW, outcome="not_found", status_code=404, actor={"kind": "person", "name": "mika"})
    assert audit(failed) == "person mika tried add_note (4821) on ops: allowed by alerts: write"
    assert outcome(failed) == "not found, status 404"
    denied = replace(ROW, decision="denied", rule="alerts: read", outcome=None)
    assert audit(denied).endswith("was not let to call add_note (4821) on ops: denied by alerts: read")
    assert outcome(denied) == "not sent"
    assert outcome(replace(ROW, outcome=None)) == "under way, or its process died"


def test_an_error_is_told_in_the_three_parts() -> None:
    told = {"type": "auth", "indicator": "Get Schedules failed.", "status_code": 401, "message": "No.", "hint": "Mend."}
    assert error(told) == "Get Schedules failed. Status Code: 401. Message: No."
    assert hint(told) == "Mend."
    assert error(None) == hint(None) == ""
