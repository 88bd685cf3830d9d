"""Runs, their steps, the intents of their writes, and `once` keys."""

from __future__ import annotations

from sqlalchemy import ForeignKeyConstraint, Index, Table, UniqueConstraint

from playbooks_engine.store.columns import instant, json, number_key, text, whole
from playbooks_engine.store.tables.metadata import metadata

playbook_text = Table(
    "playbook_text",
    metadata,
    text("digest", "sha256 of the text, in hex", key=True),
    text("text", "the playbook file as it was when a run began with it"),
    comment="The playbook texts that runs began with; editing a file never changes a run under way",
)

run = Table(
    "run",
    metadata,
    number_key("the run's number, as people see it"),
    text("playbook", "name of the playbook"),
    text("file", "path of the playbook file when the run began", null=True),
    text("digest", "the playbook text it runs: playbook_text.digest"),
    json("sources", "texts of its sub-playbooks, frozen at the start: {path: digest}"),
    json("trigger", "what started it: a person, a schedule, an event, a parent run"),
    text("event_stream", "stream of the event that started it", null=True),
    text("event_key", "key of the event that started it", null=True),
    whole("event_version_id", "the version it started with: event_version.id", null=True),
    json("inputs", "its inputs, validated"),
    json("connections", "aliases bound to other connections: {alias: name}"),
    whole("parent_run_id", "the run that started it as a sub-playbook: run.id", null=True),
    text("parent_path", "path of the step in the parent run that started it", null=True),
    text("slot_of", "the schedule it was started by: slot.playbook", null=True),
    instant("slot", "the due time it was started for: slot.due", null=True),
    text("status", "queued running waiting succeeded succeeded_with_errors failed timed_out cancelled"),
    json("output", "what the playbook gives back", null=True),
    json("error", "why it failed, as errors.as_json", null=True),
    text("owner", "the process that runs it (host:pid:start), while one does", null=True),
    whole("fence", "counts up at each claim; a row written with an older number is refused"),
    instant("lease_until", "until when the owner holds it unless it renews", null=True),
    instant("created_at", "when it was asked for"),
    instant("started_at", "when it was first claimed", null=True),
    instant("ended_at", "when it ended", null=True),
    ForeignKeyConstraint(["digest"], ["playbook_text.digest"]),
    ForeignKeyConstraint(["parent_run_id"], ["run.id"]),
    Index(None, "status", "id"),
    Index(None, "playbook", "id"),
    Index(None, "event_stream", "event_key"),
    Index(None, "parent_run_id"),
    comment="One execution of a playbook",
)

step = Table(
    "step",
    metadata,
    whole("run_id", "the run: run.id", key=True),
    text("path", "place in the run, through blocks and loop items; unique in the run", key=True),
    text("step_id", "the step's id in the playbook"),
    whole("item", "index of the loop item, when in a loop", null=True),
    text("status", "running waiting planned succeeded failed skipped reused cancelled timed_out"),
    json("inputs", "what it was given, once its expressions had values", null=True),
    json("output", "what later steps see", null=True),
    json("raw", "the whole answer", null=True),
    json("error", "why it failed, as errors.as_json", null=True),
    whole("attempts", "how often it was tried"),
    json("conditions", "what its conditions saw: expressions and values", null=True),
    instant("started_at", "when it began", null=True),
    instant("ended_at", "when it ended", null=True),
    whole("child_run_id", "the run of the sub-playbook it started: run.id", null=True),
    ForeignKeyConstraint(["run_id"], ["run.id"]),
    comment="One step of a run; to resume is to read these and skip what is finished",
)

intent = Table(
    "intent",
    metadata,
    text("id", "made by the writer: uuid4 in hex", key=True),
    whole("run_id", "the run: run.id; none for a single call", null=True),
    text("path", "path of the step in the run", null=True),
    whole("attempt", "which attempt of the step, from 1"),
    text("command", "the command, such as opsgenie.close_alert"),
    text("connection", "name of the connection"),
    text("effect", "write or destructive"),
    text("key", "key by which the service knows a repetition, or we look for the result", null=True),
    text("request_hash", "sha256 of method, address and body: the same key with another hash is an error"),
    text("method", "HTTP method of the request", null=True),
    text("url_path", "address of the request, without host and secrets", null=True),
    json("body", "body of the request", null=True),
    instant("written_at", "when it was written, which is before the request left"),
    text("accepted_request_id", "the service's id of the accepted, not yet confirmed request", null=True),
    instant("settled_at", "when its outcome was known", null=True),
    text("outcome", "succeeded, failed or unknown; nothing while under way", null=True),
    ForeignKeyConstraint(["run_id"], ["run.id"]),
    UniqueConstraint("run_id", "path", "attempt"),
    comment="A write that was about to leave; without an outcome it may or may not have arrived",
)

once = Table(
    "once",
    metadata,
    text("playbook", "name of the playbook", key=True),
    text("step", "id of the step", key=True),
    text("connection", "name of the connection", key=True),
    text("key", "the value of `once`", key=True),
    whole("run_id", "the run that claimed it: run.id"),
    text("path", "path of the step in that run"),
    text("state", "claimed, or done when the step succeeded"),
    json("output", "the step's output, for those that reuse it", null=True),
    json("raw", "the step's whole answer, for those that reuse it", null=True),
    instant("at", "when it was claimed, then when it was done"),
    ForeignKeyConstraint(["run_id"], ["run.id"]),
    comment="Steps that succeed once per key: claimed before anything is sent",
)
