"""The company the simulator serves: everything it knows, in one object."""

import random
import threading
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from connectors.opsgenie.simulator.alerts import Alert, Alerts
from connectors.opsgenie.simulator.alerts import Entry as Line
from connectors.opsgenie.simulator.clock import Clock
from connectors.opsgenie.simulator.faults import Faults
from connectors.opsgenie.simulator.forwarding import Forwarding
from connectors.opsgenie.simulator.incidents import Incidents
from connectors.opsgenie.simulator.keys import Key
from connectors.opsgenie.simulator.ledger import Effect, Entry
from connectors.opsgenie.simulator.limits import Limits
from connectors.opsgenie.simulator.notices import Notices
from connectors.opsgenie.simulator.schedules import Schedule
from connectors.opsgenie.simulator.webhooks import Webhook
from connectors.opsgenie.simulator.writes import Outcome, Write, Writes

PLANS = ("Free", "Essentials", "Standard", "Enterprise")
PLANS_WITH_INCIDENTS = ("Standard", "Enterprise")

Thing = dict[str, Any]
"""A user, team, escalation, service, integration or heartbeat, as it looks on the wire."""


@dataclass
class Settings:
    """What can be turned while the simulator runs."""

    process_after: float = 0.05
    """Seconds between a 202 and the change."""
    overlong: Literal["reject", "truncate"] = "reject"
    """What happens to alert and incident fields that are too long."""
    visible_after: float = 0.0
    """Seconds between the making of an alert through the API and its showing in lists."""
    plan: str = "Enterprise"
    """One of PLANS."""


class Company:
    """All state. Whoever touches it from outside holds `lock` and calls `catch_up` first."""

    def __init__(self, clock: Clock, found: Callable[["Company"], None]) -> None:
        self.clock = clock
        self.lock = threading.RLock()
        self._found = found
        self._clear()

    def reset(self) -> None:
        """Everything as it was at the start: time, state, settings, ledger."""
        self.clock.restart()
        self._clear()

    def refound(self, found: Callable[["Company"], None]) -> None:
        """Begin again as another company; raises what `found` raises, and then all is as it was."""
        Company(self.clock, found)
        self._found = found
        self.reset()

    def _clear(self) -> None:
        # Seeded, so that the same start and the same requests give the same ids.
        self.random = random.Random(20240603)  # noqa: S311  # ids and made-up alerts, nothing secret
        self.settings = Settings()
        self.name = "Example Company"
        self.keys: list[Key] = []
        self.users: list[Thing] = []
        self.teams: list[Thing] = []
        self.escalations: list[Thing] = []
        self.services: list[Thing] = []
        self.integrations: list[Thing] = []
        self.heartbeats: list[Thing] = []
        self.schedules: list[Schedule] = []
        self.forwardings: list[Forwarding] = []
        self.searches: list[Thing] = []
        self.templates: list[Thing] = []
        self.user_searches: list[Thing] = []
        self.policies: list[Thing] = []
        self.roles: list[Thing] = []
        self.maintenances: list[Thing] = []
        self.deployments: list[Thing] = []
        self.log_files: list[Thing] = []
        self.team_logs: dict[str, list[Line]] = {}
        self.alerts = Alerts()
        self.incidents = Incidents()
        self.writes = Writes()
        self.webhook = Webhook()
        self.watches: list[Callable[[Company, datetime], None]] = []
        """What time brings about; called with each moment that is caught up with."""
        self.notices = Notices()
        self.listeners: list[Callable[[Company, str, Alert, Thing, datetime], None]] = []
        """Told of everything that is done to alerts: the action, the alert, what was asked for, and when."""
        self.faults = Faults()
        self.limits = Limits()
        self.ledger: list[Entry] = []
        self.applied: list[Effect] = []
        self._listings: dict[tuple[str, str, str], tuple[int, list[Alert]]] = {}
        self._found(self)

    def new_id(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def catch_up(self) -> datetime:
        """Process every write and end every snooze whose time has come; the time it is now."""
        now = self.clock.now()
        while write := self.writes.next_due(now):
            self._pass_time(write.due)
            subject = self._subject(write)
            outcome = self.writes.perform(write)
            if outcome.success:
                self._record(write, outcome)
                self._tell(write, outcome, subject)
        self._pass_time(now)
        return now

    def _pass_time(self, moment: datetime) -> None:
        self.alerts.pass_time(moment)
        for watch in self.watches:
            watch(self, moment)

    def accept(
        self,
        area: str,
        request_id: str,
        action: str,
        *,
        given: dict[str, Any],
        integration_id: str,
        apply: Callable[[datetime], Outcome],
    ) -> None:
        """Put a write into the queue behind its 202."""
        due = self.clock.now() + timedelta(seconds=self.settings.process_after)
        number = len(self.ledger)
        self.writes.add(Write(due, number, area, request_id, action, given, integration_id, apply))

    def _record(self, write: Write, outcome: Outcome) -> None:
        self.note(
            Effect(
                write.due,
                write.request_id,
                write.area,
                write.action,
                outcome.subject_id,
                outcome.alias,
                outcome.deduplicated,
                write.given,
            )
        )

    def _subject(self, write: Write) -> Alert | None:
        """The alert that a write is about, as long as it is there: a deleted one is told of too."""
        if self.webhook.url is None or write.area != "alerts" or "identifier" not in write.given:
            return None
        return self.alerts.find(write.given["identifier"], write.given["identifier_type"])

    def _tell(self, write: Write, outcome: Outcome, subject: Alert | None) -> None:
        if write.area != "alerts" or outcome.deduplicated:
            return
        alert = self.alerts.find(outcome.subject_id) or subject
        if alert is not None:
            for listen in self.listeners:
                listen(self, write.action, alert, write.given, write.due)
            user = self.user(str(write.given.get("user", ""))) or {}
            self.webhook.tell(write.action, alert, write.given, write.due, user.get("id", ""))

    def note(self, effect: Effect) -> None:
        """Put a change that has happened into the books."""
        self.applied.append(effect)
        for entry in reversed(self.ledger):
            if entry.request_id == effect.request_id:
                entry.changed.append(effect.subject_id)
                break

    def listed(self, key: tuple[str, str, str], build: Callable[[], list[Alert]]) -> list[Alert]:
        """A sorted listing of alerts, built again only when an alert has changed: full reads take many pages."""
        kept = self._listings.get(key)
        if kept and kept[0] == self.alerts.version:
            return kept[1]
        if len(self._listings) > 20:
            self._listings.clear()
        found = build()
        self._listings[key] = (self.alerts.version, found)
        return found

    def user(self, reference: str) -> Thing | None:
        """A user by id or username."""
        return _first(self.users, lambda user: reference in (user["id"], user["username"]))

    def team(self, reference: str) -> Thing | None:
        """A team by id or name."""
        return named(self.teams, reference, "id") or named(self.teams, reference, "name")

    def escalation(self, reference: str) -> Thing | None:
        return named(self.escalations, reference, "id") or named(self.escalations, reference, "name")

    def schedule(self, reference: str, kind: str | None = None) -> Schedule | None:
        """A schedule by id, by name, or by either."""
        for schedule in self.schedules:
            if reference in {None: (schedule.id, schedule.name), "id": (schedule.id,)}.get(kind, (schedule.name,)):
                return schedule
        return None

    def recipient(self, given: dict[str, str]) -> dict[str, str] | None:
        """A responder from a request, as {type, id}; None when there is no such."""
        kind = given.get("type", "")
        reference = given.get("id") or given.get("name") or given.get("username") or ""
        if kind == "schedule":
            schedule = self.schedule(reference)
            return {"type": kind, "id": schedule.id} if schedule else None
        find = {"user": self.user, "team": self.team, "escalation": self.escalation}.get(kind)
        thing = find(reference) if find else None
        return {"type": kind, "id": thing["id"]} if thing else None

    def recipient_name(self, recipient: dict[str, str]) -> str:
        """The name of a {type, id}; for a user the username."""
        kind, identifier = recipient.get("type", ""), recipient.get("id", "")
        if kind == "user":
            return str((self.user(identifier) or {}).get("username", ""))
        if kind == "schedule":
            schedule = self.schedule(identifier, "id")
            return schedule.name if schedule else ""
        things = self.teams if kind == "team" else self.escalations
        return str((named(things, identifier, "id") or {}).get("name", ""))


def named(things: Iterable[Thing], value: str, part: str) -> Thing | None:
    """The thing whose `part` has this value."""
    return _first(things, lambda thing: thing.get(part) == value)


def _first(things: Iterable[Thing], test: Callable[[Thing], bool]) -> Thing | None:
    return next((thing for thing in things if test(thing)), None)
