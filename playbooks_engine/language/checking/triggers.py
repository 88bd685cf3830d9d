"""Triggers: what may start a playbook by itself."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Literal, cast
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from playbooks_engine.language.checking.compiling import Compiling
from playbooks_engine.language.checking.keys import Keys, Report
from playbooks_engine.language.checking.names import Names
from playbooks_engine.language.checking.words import IN_EVENTS, IN_TRIGGERS
from playbooks_engine.language.playbook import EventTrigger, ScheduleTrigger
from playbooks_engine.language.reading import MapNode, ScalarNode
from playbooks_engine.language.suggesting import did_you_mean

NICKNAMES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
"""Cron's nicknames, which cronsim does not know."""

SHORTEST = 1.0

_STREAM = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,79}\.[a-z][a-z0-9_]{0,79}")
_CATCH_UP = ("none", "last", "all")


class Triggers:
    """Reads `on`; remembers the connection that the event trigger needs."""

    def __init__(self, report: Report, compiling: Compiling) -> None:
        self.report, self.compiling = report, compiling
        self.used: set[str] = set()
        self.stream_alias: ScalarNode | None = None

    def read(self, node: MapNode | None) -> tuple[ScheduleTrigger | None, EventTrigger | None]:
        """The two triggers, where they are there."""
        if node is None:
            return None, None
        later = {"webhook": "use a schedule or event trigger for now"}
        keys = Keys(self.report, node, "on", ("schedule", "event"), later=later, told=IN_TRIGGERS)
        schedule, event = keys.map("schedule"), keys.map("event")
        return (
            self._schedule(schedule) if schedule is not None else None,
            self._event(event) if event is not None else None,
        )

    def _schedule(self, node: MapNode) -> ScheduleTrigger:
        keys = Keys(self.report, node, "schedule", ("every", "cron", "timezone", "catch_up"))
        if keys.has("every") == keys.has("cron"):
            message = "a schedule has `every` or `cron`, not both" if keys.has("cron") else "a schedule needs a time"
            self.report.add("E218", keys.position("cron"), message, "write every: 5m, or cron: '0 8 * * 1-5'")
        every = keys.duration("every")
        if every is not None and every < SHORTEST:
            self.report.add("E217", keys.position("every"), "every must be at least 1s", "write every: 1s")
        cron, zone = self._cron(keys), self._zone(keys)
        if keys.has("timezone") and not keys.has("cron"):
            self.report.add("E208", keys.position("timezone"), "`timezone` belongs to `cron`", "remove it, or use cron")
        catch_up = cast('Literal["none", "last", "all"]', keys.word("catch_up", _CATCH_UP, "last"))
        return ScheduleTrigger(every=every, cron=cron, timezone=zone, catch_up=catch_up, position=node.position)

    def _cron(self, keys: Keys) -> str | None:
        text = keys.text("cron")
        node = keys.node.get("cron")
        if not text or node is None:
            return None
        line = NICKNAMES.get(text.strip().lower(), " ".join(text.split()))
        if line.startswith("@"):
            hint = did_you_mean(line, NICKNAMES, f"the nicknames are: {', '.join(NICKNAMES)}")
            self.report.add("E213", node.position, f"cron does not know {line[:40]}", hint)
            return None
        fields = len(line.split())
        if fields != 5:
            hint = "minute hour day month weekday, as in 0 8 * * 1-5"
            self.report.add("E213", node.position, f"a cron line has five fields, this one has {fields}", hint)
            return None
        try:
            CronSim(line, datetime(2026, 1, 1, tzinfo=UTC))
        except CronSimError as error:
            hint = "minute hour day month weekday, as in 0 8 * * 1-5"
            self.report.add("E213", node.position, f"this cron line cannot be read: {str(error).lower()[:80]}", hint)
            return None
        return line

    def _zone(self, keys: Keys) -> str:
        name = keys.text("timezone", otherwise="UTC")
        node = keys.node.get("timezone")
        try:
            if not name or name.startswith((".", "/")) or "\\" in name:
                raise ValueError(name)
            ZoneInfo(name)
        except (ValueError, OSError, KeyError):
            if node is not None:
                hint = "write it like Europe/Berlin or UTC"
                self.report.add("E214", node.position, f"there is no time zone '{name[:60]}'", hint)
            return "UTC"
        return name

    def _event(self, node: MapNode) -> EventTrigger:
        keys = Keys(self.report, node, "event", ("from", "where", "for", "existing"), told=IN_EVENTS)
        stream = self._stream(keys)
        names = Names(inputs=None, has_event=True, only=("event",), place="`where`")
        where = node.get("where")
        return EventTrigger(
            stream=stream,
            where=self.compiling.condition(where, names, "where") if where is not None else None,
            hold=keys.duration("for"),
            existing=cast('Literal["baseline", "fire"]', keys.word("existing", ("baseline", "fire"), "baseline")),
            position=node.position,
        )

    def _stream(self, keys: Keys) -> str:
        stream, node = keys.text("from"), keys.node.get("from")
        if node is None:
            keys.need("from", "add from: ops.alerts")
        elif stream and not _STREAM.fullmatch(stream):
            self.report.add("E218", node.position, "from is a connection and its stream", "write it like ops.alerts")
        elif stream and isinstance(node, ScalarNode):
            self.used.add(stream.partition(".")[0])
            self.stream_alias = node
        return stream
