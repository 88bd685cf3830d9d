"""Schedules and their slots, event triggers and their matches, and every decision taken."""

from __future__ import annotations

from sqlalchemy import Index, Table, column

from playbooks_engine.store.columns import flag, fraction, instant, json, number_key, text, whole
from playbooks_engine.store.tables.metadata import metadata

schedule = Table(
    "schedule",
    metadata,
    text("playbook", "name of the playbook", key=True),
    text("digest", "sha256 of the trigger, to see that it was edited"),
    instant("next_due", "when it falls due next", null=True),
    instant("last_due", "the last due time that was dealt with", null=True),
    comment="Where each schedule stands, so that a restart neither loses nor repeats a slot",
)

slot = Table(
    "slot",
    metadata,
    text("playbook", "name of the playbook", key=True),
    instant("due", "the due time", key=True),
    whole("run_id", "the run it started: run.id", null=True),
    text("outcome", "ran, missed or overlapped"),
    instant("at", "when that was decided"),
    comment="One due time of one schedule; the key makes it fire once",
)

event_trigger = Table(
    "event_trigger",
    metadata,
    text("playbook", "name of the playbook", key=True),
    text("stream", "the stream it watches"),
    text("digest", "sha256 of the trigger; when it changes there is a new baseline"),
    whole("cursor", "versions up to this one were considered: event_version.id"),
    comment="How far each event trigger has looked",
)

event_match = Table(
    "event_match",
    metadata,
    text("playbook", "name of the playbook", key=True),
    text("stream", "stream of the event", key=True),
    text("key", "key of the event", key=True),
    flag("matching", "whether the event matches now; false means armed again"),
    instant("since", "since when"),
    whole("run_id", "the run this occurrence started: run.id", null=True),
    fraction("held", "seconds of its hold time that are over; nothing when it is not held", null=True),
    instant("held_to", "until when the hold time is counted: the last look of the stream", null=True),
    instant("tried_at", "when reading it again before firing failed last", null=True),
    Index(None, "playbook", "stream", sqlite_where=column("held").is_not(None)),
    comment="Which events match which trigger, so that it fires once per occurrence",
)

decision = Table(
    "decision",
    metadata,
    number_key("counts up"),
    instant("at", "when it was taken"),
    text("playbook", "name of the playbook"),
    text("kind", "matched, baseline, rearmed, suppressed, overlapped, missed ..."),
    text("stream", "stream of the event considered", null=True),
    text("event_key", "key of the event considered", null=True),
    whole("event_version_id", "the version considered: event_version.id", null=True),
    instant("slot", "the due time considered", null=True),
    whole("run_id", "the run that came of it: run.id", null=True),
    text("reason", "why, as a sentence for people"),
    json("saw", "what the condition saw: expressions and values", null=True),
    Index(None, "playbook", "id"),
    Index(None, "playbook", "kind", "id"),
    Index(None, "stream", "event_key"),
    comment="What triggers decided, and why something ran or did not",
)
