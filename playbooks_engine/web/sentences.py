"""Rows of the store as sentences: what started a run, what a call did, why something failed."""

from __future__ import annotations

from typing import Any

from playbooks_engine.errors import from_json
from playbooks_engine.store.audit import AuditRow
from playbooks_engine.store.journal import Run

_PAST = {
    "acknowledge": "acknowledged",
    "add": "added",
    "assign": "assigned",
    "close": "closed",
    "create": "created",
    "delete": "deleted",
    "disable": "disabled",
    "enable": "enabled",
    "escalate": "escalated",
    "fetch": "fetched",
    "get": "read",
    "list": "listed",
    "ping": "pinged",
    "remove": "removed",
    "send": "sent",
    "snooze": "snoozed",
    "test": "tested",
    "update": "updated",
}


def trigger(run: Run) -> str:
    """What started the run: `by hand`, `event a1 of ops.alerts`, `on schedule`, `playbook night, run 7`."""
    told = run.trigger
    kind = told.get("kind")
    if kind == "person":
        name = told.get("name")
        return f"by hand ({name})" if name else "by hand"
    if kind == "event":
        return f"event {told.get('key', run.event_key)} of {told.get('stream', run.event_stream)}"
    if kind == "schedule":
        return "on schedule"
    if kind == "playbook":
        return f"playbook {told.get('name')}, run {told.get('run')}"
    return str(kind or "unknown")


def audit(row: AuditRow) -> str:
    """`playbook chase, run 41, added note (4821) on ops: allowed by alerts: write`, and how it ended."""
    verb, _, rest = row.command.partition("_")
    did = f"{_PAST[verb]} {rest.replace('_', ' ')}".strip() if verb in _PAST else f"called {row.command}"
    target = f" ({row.target})" if row.target else ""
    if row.decision == "denied":
        return f"{_who(row.actor)} was not let to call {row.command}{target} on {row.connection}: denied by {row.rule}"
    if row.decision == "planned":
        return f"{_who(row.actor)} planned {row.command}{target} on {row.connection}: {row.rule}"
    if row.outcome not in (None, "succeeded"):
        did = f"tried {row.command}"
    return f"{_who(row.actor)} {did}{target} on {row.connection}: allowed by {row.rule}"


def outcome(row: AuditRow) -> str:
    """How the call ended, in a few words."""
    if row.decision != "allowed":
        return "not sent"
    if row.outcome is None:
        return "under way, or its process died"
    status = f", status {row.status_code}" if row.status_code and row.outcome != "succeeded" else ""
    return f"{row.outcome.replace('_', ' ')}{status}"


def _who(actor: dict[str, Any]) -> str:
    kind, name = actor.get("kind") or "someone", actor.get("name") or ""
    who = f"{kind} {name}".strip() if kind != "service" else f"the service ({name})" if name else "the service"
    return f"{who}, run {actor['run']}," if actor.get("run") else who


def error(told: Any) -> str:
    """The failure as operators know it: indicator, status code, message."""
    if not isinstance(told, dict):
        return str(told or "")
    return str(from_json(told)).partition("\n")[0]


def hint(told: Any) -> str:
    """Whose move it is; empty where nobody knows."""
    return str(told.get("hint") or "") if isinstance(told, dict) else ""


def status(word: str) -> str:
    """A status as people write it."""
    return word.replace("_", " ")
