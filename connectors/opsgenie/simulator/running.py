"""A simulator inside this process, for tests: it serves from a thread, and is arranged in the service's words."""

import asyncio
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

from connectors.opsgenie.simulator import control
from connectors.opsgenie.simulator.alerts import Alert
from connectors.opsgenie.simulator.clock import Clock
from connectors.opsgenie.simulator.company import Company
from connectors.opsgenie.simulator.faults import Fault
from connectors.opsgenie.simulator.forwarding import Forwarding
from connectors.opsgenie.simulator.founding import founder
from connectors.opsgenie.simulator.incidents import Incident
from connectors.opsgenie.simulator.ledger import Effect, Entry
from connectors.opsgenie.simulator.notices import Notice
from connectors.opsgenie.simulator.placing import alter_alert, place_alert, place_incident
from connectors.opsgenie.simulator.schedule_making import make_forwarding, make_override
from connectors.opsgenie.simulator.schedules import Override
from connectors.opsgenie.simulator.server import Application
from connectors.opsgenie.simulator.transport import listen, serve
from connectors.opsgenie.simulator.webhooks import Delivery
from connectors.opsgenie.simulator.writes import LateFailure


class Simulator:
    """An Opsgenie on a port of this machine.

    `now` is where its time starts, running on from there unless `frozen`. `seed` replaces or extends parts of
    the example company, as a seed file does.
    """

    def __init__(
        self,
        seed: Mapping[str, Any] | None = None,
        now: datetime | None = None,
        port: int = 0,
        *,
        key: str | None = None,
        frozen: bool = False,
    ) -> None:
        self._company = Company(Clock(now, frozen=frozen), founder(seed or {}, key))
        self._port = port
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._application: Application | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Go up, on the same port as before if there was one."""
        if self._thread is not None:
            raise RuntimeError("the simulator is up already")
        listening = listen(self._port)
        self._port = listening.getsockname()[1]
        up = threading.Event()

        async def live() -> None:
            self._loop = asyncio.get_running_loop()
            self._application = Application(self._company)
            up.set()
            await serve(self._application, listening)

        self._thread = threading.Thread(target=asyncio.run, args=(live(),), name="opsgenie-simulator", daemon=True)
        self._thread.start()
        up.wait()

    def stop(self) -> None:
        """Go down: connections drop, state stays, `start` brings it back."""
        if self._thread is None or self._loop is None or self._application is None:
            return
        self._loop.call_soon_threadsafe(self._application.stopping.set)
        self._thread.join()
        self._thread = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def key(self) -> str:
        """The integration key with every right."""
        return self.keys[0]

    @property
    def keys(self) -> list[str]:
        """Every key; in the example company: all rights, settings key, read only."""
        return [key.value for key in self._company.keys]

    @property
    def state(self) -> Company:
        """Everything the service knows, as of now."""
        with self._company.lock:
            self._company.catch_up()
        return self._company

    @property
    def now(self) -> datetime:
        return self._company.clock.now()

    @property
    def ledger(self) -> list[Entry]:
        """Every request so far, the control door's aside."""
        return list(self.state.ledger)

    @property
    def applied(self) -> list[Effect]:
        """Every change that requests really made."""
        return list(self.state.applied)

    @property
    def alerts(self) -> list[Alert]:
        return list(self.state.alerts)

    def alert(self, identifier: str, kind: str = "id") -> Alert | None:
        """An alert by `id`, `tiny` or `alias`; an alias finds only the open one."""
        return self.state.alerts.find(identifier, kind)

    def has_alert(self, *, visible_after: float = 0, **fields: Any) -> Alert:
        """Put an alert into the state. `visible_after` seconds, lists begin to show it."""
        company = self.state
        with company.lock:
            if visible_after:
                fields["visible_at"] = company.clock.now() + timedelta(seconds=visible_after)
            return place_alert(company, fields)

    def has_incident(self, **fields: Any) -> Incident:
        """Put an incident into the state; `services` by name or id."""
        with self.state.lock:
            return place_incident(self._company, fields)

    def has_override(
        self, schedule: str, username: str | None, start: str, end: str, rotation: str | None = None
    ) -> Override:
        """Somebody else on call for a while; nobody, when `username` is None."""
        who = {"type": "user", "username": username} if username else {"type": "none"}
        wanted = {"user": who, "startDate": start, "endDate": end}
        with self.state.lock:
            found = self._company.schedule(schedule)
            if found is None:
                raise ValueError(f"there is no schedule {schedule!r}")
            rotations = [{"name": rotation}] if rotation else []
            override = make_override(self._company, found, {**wanted, "rotations": rotations})
            found.overrides.append(override)
            return override

    def has_forwarding(self, from_user: str, to_user: str, start: str, end: str) -> Forwarding:
        """What is meant for one person goes to another for a while."""
        given = {"fromUser": {"username": from_user}, "toUser": {"username": to_user}}
        with self.state.lock:
            rule = make_forwarding(self._company, {**given, "startDate": start, "endDate": end})
            self._company.forwardings.append(rule)
            return rule

    def change(self, alert_id: str, **fields: Any) -> Alert:
        """Alter an alert behind the service's back; `updated_at` moves to now unless given."""
        company = self.state
        with company.lock:
            alert = company.alerts.find(alert_id)
            if alert is None:
                raise ValueError(f"there is no alert {alert_id!r}")
            alter_alert(company, alert, {"updated_at": company.clock.now(), **fields})
            company.alerts.changed(alert)
            return alert

    def misbehave(
        self,
        kind: str,
        times: int = 1,
        method: str | None = None,
        path: str | None = None,
        *,
        after: int = 0,
        **options: Any,
    ) -> None:
        """Bend the next `times` requests whose path contains `path`, once `after` of them have passed unharmed."""
        with self._company.lock:
            self._company.faults.add(Fault(kind, times, method, path, after, options))

    def behave(self) -> None:
        """Forget every fault still to come."""
        with self._company.lock:
            self._company.faults.clear()

    def process_after(self, seconds: float) -> None:
        """How long writes accepted from now on wait."""
        self._company.settings.process_after = seconds

    def show_alerts_after(self, seconds: float) -> None:
        """How long alerts made through the API from now on are missing from lists, once they are there."""
        self._company.settings.visible_after = seconds

    def has_plan(self, plan: str) -> None:
        """`Free`, `Essentials`, `Standard` or `Enterprise`; the first two have no incidents."""
        with self._company.lock:
            control.turn_settings(self._company, {"plan": plan})

    def fail_later(self, action: str, text: str, times: int = 1) -> None:
        """Accept the next writes of an action (`Create`, `Close`, … or `*`) and let them fail when processed."""
        with self._company.lock:
            self._company.writes.late_failures.append(LateFailure(action, text, times))

    def limit(self, domain: str, per_second: float | None = None, per_minute: float | None = None) -> None:
        """New bucket sizes for a request domain, full at first."""
        with self._company.lock:
            self._company.limits.set(domain, per_second=per_second, per_minute=per_minute)

    def posts_alerts_to(self, url: str | None, actions: list[str] | None = None) -> None:
        """Post what is done to alerts to an address, or only these actions (`Create`, `Close`, …); None ends it."""
        with self._company.lock:
            self._company.webhook.turn(url, actions)

    @property
    def deliveries(self) -> list[Delivery]:
        """Every post of the webhook so far."""
        return list(self._company.webhook.deliveries)

    @property
    def notifications(self) -> list[Notice]:
        """Who would have been told of what until now."""
        return list(self.state.notices.told)

    def change_key(self, key: str, *, rights: str | None = None, enabled: bool | None = None) -> None:
        """Give a key (by value or name) other rights, or switch its integration off or on."""
        with self._company.lock:
            control.change_key(self._company, key, rights=rights, enabled=enabled)

    def truncate_overlong(self) -> None:
        """Cut alert and incident fields that are too long, as some say the vendor does, and do not refuse them."""
        self._company.settings.overlong = "truncate"

    def advance(self, seconds: float) -> None:
        """Let time pass at once, and what falls due in it happen."""
        with self._company.lock:
            self._company.clock.advance(seconds)
            self._company.catch_up()

    def reset(self) -> None:
        """Everything as it was at the start."""
        with self._company.lock:
            self._company.reset()
