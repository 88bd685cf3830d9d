"""Health and rate limits of connections, messages to people, the audit of calls, and leases."""

from __future__ import annotations

from sqlalchemy import Index, Table

from playbooks_engine.store.columns import fraction, instant, json, number_key, text, whole
from playbooks_engine.store.tables.metadata import metadata

health_check = Table(
    "health_check",
    metadata,
    number_key("counts up"),
    text("connection", "name of the connection"),
    instant("checked_at", "when it was checked"),
    text("status", "passed or failed"),
    fraction("latency", "seconds the check took", null=True),
    json("error", "why it failed, as errors.as_json", null=True),
    Index(None, "connection", "id"),
    comment="Each health check of a connection",
)

health_state = Table(
    "health_state",
    metadata,
    text("connection", "name of the connection", key=True),
    text("status", "unknown, up or down"),
    instant("since", "since when"),
    whole("failures_in_a_row", "failed checks since the last that passed"),
    whole("successes_in_a_row", "passed checks since the last that failed"),
    comment="What is held to be true of each connection",
)

notification = Table(
    "notification",
    metadata,
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
    Index(None, "sent_at", "id"),
    comment="Messages to people: stored with the change they tell of, sent afterwards",
)

audit = Table(
    "audit",
    metadata,
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
    Index(None, "connection", "at"),
    comment="Every call of a command, written before it is sent; reads as a sentence",
)

lease = Table(
    "lease",
    metadata,
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

throttle = Table(
    "throttle",
    metadata,
    text("connection", "name of the connection", key=True),
    text("domain", "the rate-limit domain, as the connector names it", key=True),
    instant("blocked_until", "until when nothing is sent, as the last 429 asked"),
    json("limits", "what refusals have shown: requests by window in seconds, such as {60.0: 300}"),
    instant("learned_at", "when this was learned"),
    comment="What processes on one store tell each other of a service's rate limits",
)
