"""The first schema. A script is never changed once it was released; the next change is the next script."""

from alembic import op
from sqlalchemy import ForeignKeyConstraint, UniqueConstraint, column, literal_column

from playbooks_engine.store.columns import flag, fraction, instant, json, number_key, text, whole

revision = "0001"
down_revision = None


def upgrade() -> None:
    for make in (
        _audit, _decision, _event, _event_match, _event_trigger, _event_version, _fetch, _health_check,
        _health_state, _lease, _notification, _playbook_text, _schedule, _slot, _stream, _throttle, _run,
        _approval, _intent, _once, _step,
    ):  # fmt: skip
        make()


def downgrade() -> None:
    raise NotImplementedError("a store is never taken back; use the copy made before the upgrade")


def _audit() -> None:
    op.create_table(
        "audit",
        text("id", "made by the writer: uuid4 in hex", key=True),
        instant("at", "when it was written, which is before the request left"),
        json("actor", "who: {kind: person|playbook|service|agent, name, run, step}"),
        text("connection", "name of the connection"),
        text("connector", "name of the connector"),
        text("command", "name of the command"),
        text("area", "what the permission is about, such as alerts"),
        text("effect", "read, write or destructive"),
        text("target", "what it acts on, such as alert 4821", null=True),
        text("decision", "allowed, denied or planned"),
        text("rule", "the rule that decided, such as alerts: write"),
        text("outcome", "how it ended; nothing while under way", null=True),
        whole("requests", "requests sent", null=True),
        instant("ended_at", "when it ended", null=True),
        whole("status_code", "HTTP status of the last answer", null=True),
        comment="Every call of a command, written before it is sent; reads as a sentence",
    )
    op.create_index("ix_audit_connection_at", "audit", ["connection", "at"])


def _decision() -> None:
    op.create_table(
        "decision",
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
        comment="What triggers decided, and why something ran or did not",
    )
    for names in (["playbook", "id"], ["playbook", "kind", "id"], ["stream", "event_key"]):
        op.create_index(f"ix_decision_{'_'.join(names)}", "decision", names)


def _event() -> None:
    op.create_table(
        "event",
        text("stream", "name of the stream", key=True),
        text("key", "the event's key in its stream", key=True),
        whole("current_version_id", "its newest content: event_version.id"),
        whole("versions", "how many versions are known"),
        instant("first_seen", "when it was first stored"),
        instant("last_seen", "when a fetch last brought it, changed or not"),
        comment="One event, as it is now",
        sqlite_with_rowid=False,
    )
    op.create_index("ix_event_stream_last_seen", "event", ["stream", "last_seen"])


def _event_match() -> None:
    op.create_table(
        "event_match",
        text("playbook", "name of the playbook", key=True),
        text("stream", "stream of the event", key=True),
        text("key", "key of the event", key=True),
        flag("matching", "whether the event matches now; false means armed again"),
        instant("since", "since when"),
        whole("run_id", "the run this occurrence started: run.id", null=True),
        fraction("held", "seconds of its hold time that are over; nothing when it is not held", null=True),
        instant("held_to", "until when the hold time is counted: the last look of the stream", null=True),
        instant("tried_at", "when reading it again before firing failed last", null=True),
        comment="Which events match which trigger, so that it fires once per occurrence",
    )
    held = column("held").is_not(None)
    op.create_index("ix_event_match_playbook_stream", "event_match", ["playbook", "stream"], sqlite_where=held)


def _event_trigger() -> None:
    op.create_table(
        "event_trigger",
        text("playbook", "name of the playbook", key=True),
        text("stream", "the stream it watches"),
        text("digest", "sha256 of the trigger; when it changes there is a new baseline"),
        whole("cursor", "versions up to this one were considered: event_version.id"),
        comment="How far each event trigger has looked",
    )


def _event_version() -> None:
    op.create_table(
        "event_version",
        number_key("counts up over all streams in order of storing; a trigger's cursor"),
        text("stream", "name of the stream"),
        text("key", "the event's key in its stream"),
        whole("number", "1, 2, 3 ... in order of storing, per event"),
        text("version", "the vendor's version, such as the time of the last update; only orders", null=True),
        text("hash", "sha256 of the text in raw"),
        json("fields", "the mapped fields"),
        json("raw", "the vendor's JSON, its keys sorted"),
        instant("stored_at", "when it was stored"),
        flag("was_current", "true when it was the newest on arrival; an older arrival is kept, never current"),
        UniqueConstraint("stream", "key", "number", name=op.f("uq_event_version_stream_key_number")),
        comment="Every content an event ever had; never changed",
        sqlite_autoincrement=True,
    )
    op.create_index("ix_event_version_stream_id", "event_version", ["stream", "id"])
    for name in ("alias", "entity", "tiny_id"):
        field = f"json_extract(fields, '$.{name}')"
        op.create_index(f"ix_event_version_stream_{name}", "event_version", ["stream", literal_column(field)])


def _fetch() -> None:
    op.create_table(
        "fetch",
        number_key("counts up"),
        text("stream", "name of the stream"),
        instant("since", "from this time of update", null=True),
        instant("until", "up to this time of update", null=True),
        text("query", "the search condition", null=True),
        text("reason", "tick, sweep or manual"),
        instant("started_at", "when it began"),
        instant("ended_at", "when it ended; nothing if the process died in it", null=True),
        whole("pages", "pages stored"),
        whole("requests", "requests sent"),
        whole("new", "events seen for the first time"),
        whole("updated", "events with new content"),
        whole("unchanged", "events as they were"),
        whole("bad", "items that could not be mapped"),
        json("error", "why it failed, as errors.as_json", null=True),
        comment="Each time a stream was asked, and what came of it",
    )
    op.create_index("ix_fetch_stream_id", "fetch", ["stream", "id"])


def _health_check() -> None:
    op.create_table(
        "health_check",
        number_key("counts up"),
        text("connection", "name of the connection"),
        instant("checked_at", "when it was checked"),
        text("status", "passed or failed"),
        fraction("latency", "seconds the check took", null=True),
        json("error", "why it failed, as errors.as_json", null=True),
        comment="Each health check of a connection",
    )
    op.create_index("ix_health_check_connection_id", "health_check", ["connection", "id"])


def _health_state() -> None:
    op.create_table(
        "health_state",
        text("connection", "name of the connection", key=True),
        text("status", "unknown, up or down"),
        instant("since", "since when"),
        whole("failures_in_a_row", "failed checks since the last that passed"),
        whole("successes_in_a_row", "passed checks since the last that failed"),
        comment="What is held to be true of each connection",
    )


def _lease() -> None:
    op.create_table(
        "lease",
        text("name", "what is held, such as serve", key=True),
        text("owner", "who holds it: host:pid:start", null=True),
        text("host", "the owner's host", null=True),
        whole("pid", "the owner's process id", null=True),
        text("started", "the owner's start, which tells it from a later process of the same id", null=True),
        whole("fence", "counts up each time it is taken"),
        instant("until", "until when, unless renewed", null=True),
        text("note", "what to tell who finds it taken, such as an address", null=True),
        comment="What only one process may do at a time",
    )


def _notification() -> None:
    op.create_table(
        "notification",
        number_key("counts up"),
        text("connection", "the connection it is about", null=True),
        text("subject", "what it is about, so that one matter is told once: down, up, ..."),
        text("title", "its title"),
        text("body", "its text"),
        text("via", "the command that sends it, such as chat.send"),
        instant("created_at", "when it was queued"),
        instant("sent_at", "when it was sent; nothing while it waits", null=True),
        whole("attempts", "how often sending was tried"),
        json("error", "why the last attempt failed, as errors.as_json", null=True),
        comment="Messages to people: stored with the change they tell of, sent afterwards",
    )
    op.create_index("ix_notification_sent_at_id", "notification", ["sent_at", "id"])


def _playbook_text() -> None:
    op.create_table(
        "playbook_text",
        text("digest", "sha256 of the text, in hex", key=True),
        text("text", "the playbook file as it was when a run began with it"),
        comment="The playbook texts that runs began with; editing a file never changes a run under way",
    )


def _schedule() -> None:
    op.create_table(
        "schedule",
        text("playbook", "name of the playbook", key=True),
        text("digest", "sha256 of the trigger, to see that it was edited"),
        instant("next_due", "when it falls due next", null=True),
        instant("last_due", "the last due time that was dealt with", null=True),
        comment="Where each schedule stands, so that a restart neither loses nor repeats a slot",
    )


def _slot() -> None:
    op.create_table(
        "slot",
        text("playbook", "name of the playbook", key=True),
        instant("due", "the due time", key=True),
        whole("run_id", "the run it started: run.id", null=True),
        text("outcome", "ran, missed or overlapped"),
        instant("at", "when that was decided"),
        comment="One due time of one schedule; the key makes it fire once",
    )


def _stream() -> None:
    op.create_table(
        "stream",
        text("stream", "name of the stream, such as ops.alerts", key=True),
        instant("complete_up_to", "everything updated before this is stored", null=True),
        instant("swept_up_to", "the hourly sweep has looked again up to here", null=True),
        text("query", "the search condition it is fetched with", null=True),
        text("mapping_digest", "sha256 of the field mapping its events were mapped with", null=True),
        instant("last_fetch_at", "when a fetch last ended well", null=True),
        instant("failing_since", "first failure in a row, while fetches fail", null=True),
        json("last_error", "the last failure, as errors.as_json", null=True),
        comment="Where events come from, and how far they are known",
    )


def _throttle() -> None:
    op.create_table(
        "throttle",
        text("connection", "name of the connection", key=True),
        text("domain", "the rate-limit domain, as the connector names it", key=True),
        instant("blocked_until", "until when nothing is sent, as the last 429 asked"),
        json("limits", "what refusals have shown: requests by window in seconds, such as {60.0: 300}"),
        instant("learned_at", "when this was learned"),
        comment="What processes on one store tell each other of a service's rate limits",
    )


def _run() -> None:
    op.create_table(
        "run",
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
        instant("wake_at", "a waiting run goes on then; one without waits for a person", null=True),
        text("lane", "runs with the same one go one after the other: playbook and concurrency key", null=True),
        instant("cancel_at", "when a person asked to cancel it", null=True),
        text("cancelled_by", "who asked to cancel it", null=True),
        ForeignKeyConstraint(["digest"], ["playbook_text.digest"], name=op.f("fk_run_digest")),
        ForeignKeyConstraint(["parent_run_id"], ["run.id"], name=op.f("fk_run_parent_run_id")),
        comment="One execution of a playbook",
    )
    for names in (
        ["event_stream", "event_key"], ["lane"], ["parent_run_id"], ["playbook", "id"], ["playbook", "status", "id"],
        ["status", "id"],
    ):  # fmt: skip
        op.create_index(f"ix_run_{'_'.join(names)}", "run", names)


def _approval() -> None:
    op.create_table(
        "approval",
        whole("run_id", "the run that asks: run.id", key=True),
        text("path", "path of the step in the run", key=True),
        text("prompt", "what is asked"),
        text("ask", "whom the playbook asks", null=True),
        json("inputs", "what the person may fill in, as it was declared"),
        instant("asked_at", "when it was asked"),
        instant("due_at", "until when it may be decided"),
        text("decision", "approved, rejected, expired or withdrawn; nothing while it is open", null=True),
        text("decided_by", "who decided", null=True),
        instant("decided_at", "when it was decided", null=True),
        json("given", "what the person filled in", null=True),
        ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_approval_run_id")),
        comment="A question to a person that a run waits for",
    )


def _intent() -> None:
    op.create_table(
        "intent",
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
        ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_intent_run_id")),
        UniqueConstraint("run_id", "path", "attempt", name=op.f("uq_intent_run_id_path_attempt")),
        comment="A write that was about to leave; without an outcome it may or may not have arrived",
    )


def _once() -> None:
    op.create_table(
        "once",
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
        ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_once_run_id")),
        comment="Steps that succeed once per key: claimed before anything is sent",
    )
    op.create_index("ix_once_run_id", "once", ["run_id"])


def _step() -> None:
    op.create_table(
        "step",
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
        ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_step_run_id")),
        comment="One step of a run; to resume is to read these and skip what is finished",
    )
