"""Streams, events, every version of every event, and the fetches that brought them."""

from __future__ import annotations

from sqlalchemy import Index, Table, UniqueConstraint
from sqlalchemy import text as sql

from playbooks_engine.store.columns import flag, instant, json, number_key, text, whole
from playbooks_engine.store.tables.metadata import metadata

FOUND_BY = ("alias", "entity", "tiny_id")
"""Mapped fields that events are looked for by; each has an index."""


def field_of(name: str) -> str:
    """The SQL of a field in `FOUND_BY`, word for word as it stands in its index; a list is its JSON."""
    return f"json_extract(fields, '$.{name}')"


stream = Table(
    "stream",
    metadata,
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

event = Table(
    "event",
    metadata,
    text("stream", "name of the stream", key=True),
    text("key", "the event's key in its stream", key=True),
    whole("current_version_id", "its newest content: event_version.id"),
    whole("versions", "how many versions are known"),
    instant("first_seen", "when it was first stored"),
    instant("last_seen", "when a fetch last brought it, changed or not"),
    Index(None, "stream", "last_seen"),
    comment="One event, as it is now",
    sqlite_with_rowid=False,
)

event_version = Table(
    "event_version",
    metadata,
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
    UniqueConstraint("stream", "key", "number"),
    Index(None, "stream", "id"),
    *(Index(f"ix_event_version_stream_{name}", "stream", sql(field_of(name))) for name in FOUND_BY),
    comment="Every content an event ever had; never changed",
    sqlite_autoincrement=True,
)

fetch = Table(
    "fetch",
    metadata,
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
    Index(None, "stream", "id"),
    comment="Each time a stream was asked, and what came of it",
)
