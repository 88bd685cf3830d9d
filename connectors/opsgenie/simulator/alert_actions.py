"""What can be done to an alert that is there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from connectors.opsgenie.simulator.accepting import accepted
from connectors.opsgenie.simulator.alert_creating import NOBODY
from connectors.opsgenie.simulator.alerts import Alert
from connectors.opsgenie.simulator.company import Company
from connectors.opsgenie.simulator.fields import PRIORITIES, Fields
from connectors.opsgenie.simulator.instants import read, written
from connectors.opsgenie.simulator.refusals import unprocessable
from connectors.opsgenie.simulator.routing import Answer, Call, Handler, Route
from connectors.opsgenie.simulator.writes import Outcome

KINDS = ("id", "alias", "tiny")
Given = dict[str, Any]


class Failed(Exception):
    """The change turns out impossible when its turn comes; the text is what the status says."""


@dataclass(frozen=True)
class Action:
    """One thing that can be done to an alert."""

    name: str
    """As the request status calls it."""
    done: str
    apply: Callable[[Company, Alert, Given, datetime], None]
    ask: Callable[[Fields, Call], Given] = lambda fields, call: {}
    # Which actions a closed alert still takes is not confirmed; remarks and removal are let through.
    on_closed: bool = False


def _handler(action: Action) -> Handler:
    def handle(call: Call) -> Answer:
        kind = call.choice("identifierType", KINDS, "id")
        # A DELETE carries its words in the query.
        asked = {**call.query} if call.method == "DELETE" else call.body
        fields = Fields(asked, truncate=call.company.settings.overlong == "truncate")
        given = {
            "identifier": call.named["identifier"],
            "identifier_type": kind,
            "user": fields.text("user", 100) or NOBODY,
            "source": fields.text("source", 100) or "",
            "note": fields.text("note", 25_000) or "",
            **action.ask(fields, call),
        }
        fields.done()
        return accepted(call, "alerts", action.name, given, lambda at: _perform(call.company, action, given, at))

    return handle


def _perform(company: Company, action: Action, given: Given, at: datetime) -> Outcome:
    alert = company.alerts.find(given["identifier"], given["identifier_type"])
    if alert is None:
        return Outcome(False, "Alert does not exist")
    if alert.status == "closed" and not action.on_closed:
        return Outcome(False, "Alert is already closed")
    try:
        action.apply(company, alert, given, at)
    except Failed as failure:
        return Outcome(False, str(failure))
    if company.alerts.find(alert.id) is not None:
        alert.write_log(action.done, given["user"], at)
        if given["note"]:
            alert.add_note(given["note"], given["user"], at)
        company.alerts.changed(alert, at)
    return Outcome(True, action.done, alert.id, alert.alias)


def _close(company: Company, alert: Alert, given: Given, at: datetime) -> None:
    alert.status = "closed"
    alert.closed_at, alert.closed_by = at, given["user"]
    alert.snoozed_until = None


def _acknowledge(company: Company, alert: Alert, given: Given, at: datetime) -> None:
    if alert.acknowledged:
        raise Failed("Alert is already acknowledged")  # not confirmed; made like the answer to a second close
    alert.acknowledged = alert.seen = True
    alert.acknowledged_at, alert.acknowledged_by = at, given["user"]
    if not alert.owner and company.user(given["user"]):
        alert.owner = given["user"]


def _unacknowledge(company: Company, alert: Alert, given: Given, at: datetime) -> None:
    if not alert.acknowledged:
        raise Failed("Alert is not acknowledged")
    alert.acknowledged = False
    alert.acknowledged_at, alert.acknowledged_by, alert.snoozed_until = None, "", None


def _ask_snooze(fields: Fields, call: Call) -> Given:
    try:
        end = read(call.body.get("endTime"))
    except ValueError:
        raise unprocessable({"endTime": "EndTime must be a date and time."}) from None
    if end <= call.company.clock.now():
        fields.errors["endTime"] = "EndTime must be in the future."
    return {"end_time": written(end)}


def _snooze(company: Company, alert: Alert, given: Given, at: datetime) -> None:
    alert.snoozed_until = read(given["end_time"])
    if not alert.acknowledged:
        _acknowledge(company, alert, given, at)  # acknowledged while snoozed, as some recordings show


def _escalate(company: Company, alert: Alert, given: Given, at: datetime) -> None:
    wanted = given["escalation"]
    escalation = company.escalation(wanted.get("id") or wanted.get("name", ""))
    if escalation is None:
        raise Failed("Escalation does not exist")
    _add_responder(alert, "escalation", escalation["id"])


def _assign(company: Company, alert: Alert, given: Given, at: datetime) -> None:
    wanted = given["owner"]
    user = company.user(wanted.get("id") or wanted.get("username", ""))
    if user is None:
        raise Failed("User does not exist")
    alert.owner = user["username"]
    _add_responder(alert, "user", user["id"])


def _add_responder(alert: Alert, kind: str, identifier: str) -> None:
    responder = {"type": kind, "id": identifier}
    if responder not in alert.responders:
        alert.responders.append(responder)
    if kind == "team" and identifier not in alert.teams:
        alert.teams.append(identifier)


def _ask_responder(fields: Fields, call: Call) -> Given:
    inside = fields.inside("responder", required=True)
    if inside is None:
        return {}
    kind = inside.choice("type", ("user", "team", "escalation", "schedule"), required=True)
    named = {part: inside.text(part, 512) or "" for part in ("id", "name", "username")}
    if not any(named.values()):
        inside.refuse("id", "Either id or name must be given.")
    return {"responder": {"type": kind or "", **named}}


def _respond(company: Company, alert: Alert, given: Given, at: datetime) -> None:
    found = company.recipient(given["responder"])
    if found is None:
        raise Failed("Responder does not exist")
    _add_responder(alert, found["type"], found["id"])


def _add_team(company: Company, alert: Alert, given: Given, at: datetime) -> None:
    team = company.team(given["team"].get("id") or given["team"].get("name", ""))
    if team is None:
        raise Failed("Team does not exist")
    _add_responder(alert, "team", team["id"])


def _take_action(company: Company, alert: Alert, given: Given, at: datetime) -> None:
    # Whether the vendor minds an action the alert does not offer is not confirmed.
    if given["action"] not in alert.actions:
        raise Failed("Action does not exist")
    alert.write_log(f"Action [{given['action']}] was asked for", given["user"], at)


def _ask_note(fields: Fields, call: Call) -> Given:
    return {"note": fields.text("note", 25_000, required=True)}


def _nothing_more(company: Company, alert: Alert, given: Given, at: datetime) -> None:
    """The note every action may carry is the whole action."""


def _ask_tags(fields: Fields, call: Call) -> Given:
    return {"tags": fields.texts("tags", 20, 50, required=True)}


def _add_tags(company: Company, alert: Alert, given: Given, at: datetime) -> None:
    # Beyond twenty the rest is dropped: not confirmed.
    alert.tags = [*alert.tags, *(tag for tag in given["tags"] if tag not in alert.tags)][:20]


def _asked_list(name: str) -> Callable[[Fields, Call], Given]:
    def ask(fields: Fields, call: Call) -> Given:
        items = [item.strip() for item in call.query.get(name, "").split(",") if item.strip()]
        if not items:
            fields.errors[name] = f"{name.title()} can not be empty."
        return {name: items}

    return ask


def _remove_tags(company: Company, alert: Alert, given: Given, at: datetime) -> None:
    alert.tags = [tag for tag in alert.tags if tag not in given["tags"]]


def _add_details(company: Company, alert: Alert, given: Given, at: datetime) -> None:
    alert.details = {**alert.details, **given["details"]}


def _remove_details(company: Company, alert: Alert, given: Given, at: datetime) -> None:
    alert.details = {key: value for key, value in alert.details.items() if key not in given["keys"]}


def _asked_text(name: str, limit: int) -> Callable[[Fields, Call], Given]:
    return lambda fields, call: {name: fields.text(name, limit, required=True)}


def _setting(name: str) -> Callable[[Company, Alert, Given, datetime], None]:
    return lambda company, alert, given, at: setattr(alert, name, given[name])


def _row(method: str, tail: str, right: Literal["U", "D"], action: Action) -> Route:
    path = "/v2/alerts/{identifier}" + tail
    return Route(method, path, _handler(action), "Alert", right, alert_write=True)


ROUTES = [
    _row(
        "DELETE",
        "",
        "D",
        Action("Delete", "Deleted alert", lambda company, alert, *_: company.alerts.remove(alert), on_closed=True),
    ),
    _row("POST", "/close", "U", Action("Close", "Closed alert", _close)),
    _row("POST", "/acknowledge", "U", Action("Acknowledge", "Acknowledged alert", _acknowledge)),
    _row("POST", "/unacknowledge", "U", Action("UnAcknowledge", "Unacknowledged alert", _unacknowledge)),
    _row("POST", "/snooze", "U", Action("Snooze", "Snoozed alert", _snooze, _ask_snooze)),
    _row(
        "POST",
        "/escalate",
        "U",
        Action(
            "EscalateToNext",
            "Escalated alert",
            _escalate,
            lambda fields, call: {"escalation": fields.reference("escalation", "id", "name")},
        ),
    ),
    _row(
        "POST",
        "/assign",
        "U",
        Action(
            "Assign",
            "Assigned alert",
            _assign,
            lambda fields, call: {"owner": fields.reference("owner", "id", "username")},
        ),
    ),
    _row("POST", "/responders", "U", Action("AddResponder", "Added responder", _respond, _ask_responder)),
    _row(
        "POST",
        "/teams",
        "U",
        Action(
            "AddTeam",
            "Added team",
            _add_team,
            lambda fields, call: {"team": fields.reference("team", "id", "name")},
        ),
    ),
    _row(
        "POST",
        "/actions/{actionName}",
        "U",
        Action(
            "ExecuteCustomAction",
            "Executed action",
            _take_action,
            lambda fields, call: {"action": call.named["actionName"]},
        ),
    ),
    _row("POST", "/notes", "U", Action("AddNote", "Added note", _nothing_more, _ask_note, on_closed=True)),
    _row("POST", "/tags", "U", Action("AddTags", "Added tags", _add_tags, _ask_tags, on_closed=True)),
    # Remove needs D here; U is possible too.
    _row(
        "DELETE", "/tags", "D", Action("RemoveTags", "Removed tags", _remove_tags, _asked_list("tags"), on_closed=True)
    ),
    _row(
        "POST",
        "/details",
        "U",
        Action(
            "AddDetails",
            "Added details",
            _add_details,
            lambda fields, call: {"details": fields.mapping("details", 8000, required=True)},
            on_closed=True,
        ),
    ),
    _row(
        "DELETE",
        "/details",
        "D",
        Action("RemoveDetails", "Removed details", _remove_details, _asked_list("keys"), on_closed=True),
    ),
    _row(
        "PUT",
        "/priority",
        "U",
        Action(
            "UpdatePriority",
            "Updated priority",
            _setting("priority"),
            lambda fields, call: {"priority": fields.choice("priority", PRIORITIES, required=True)},
        ),
    ),
    _row(
        "PUT",
        "/message",
        "U",
        Action("UpdateMessage", "Updated message", _setting("message"), _asked_text("message", 130)),
    ),
    _row(
        "PUT",
        "/description",
        "U",
        Action("UpdateDescription", "Updated description", _setting("description"), _asked_text("description", 15_000)),
    ),
]
