"""Every table; a test compares them with what the migrations make."""

from playbooks_engine.store.tables.events import FOUND_BY, event, event_version, fetch, field_of, stream
from playbooks_engine.store.tables.metadata import metadata
from playbooks_engine.store.tables.runs import approval, intent, once, playbook_text, run, step
from playbooks_engine.store.tables.triggers import decision, event_match, event_trigger, schedule, slot
from playbooks_engine.store.tables.watching import audit, health_check, health_state, lease, notification, throttle

__all__ = [
    "FOUND_BY",
    "approval",
    "audit",
    "decision",
    "event",
    "event_match",
    "event_trigger",
    "event_version",
    "fetch",
    "field_of",
    "health_check",
    "health_state",
    "intent",
    "lease",
    "metadata",
    "notification",
    "once",
    "playbook_text",
    "run",
    "schedule",
    "slot",
    "step",
    "stream",
    "throttle",
]
