"""What can be done to an incident that is there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.opsgenie.simulator.accepting import accepted
from connectors.opsgenie.simulator.alert_creating import NOBODY, open_alert
from connectors.opsgenie.simulator.alerts import Entry
from connectors.opsgenie.simulator.company import Company
from connectors.opsgenie.simulator.fields import PRIORITIES, Fields
from connectors.opsgenie.simulator.incidents import Incident
from connectors.opsgenie.simulator.routing import Answer, Call, Handler, Route
from connectors.opsgenie.simulator.writes import Outcome

KINDS = ("id", "tiny")
Given = dict[str, Any]


@dataclass(frozen=True)
class Action:
    """One thing that can be done to an incident."""

    name: str
    """As the request status calls it."""
    done: str
    apply: Callable[[Company, Incident, Given, datetime], str | None]
    """Does it; a text says why it could not be done."""
    ask: Callable[[Fields, Call], Given] = lambda fields, call: {}
    note_required: bool = False


def _handler(action: Action) -> Handler:
    def handle(call: Call) -> Answer:
        kind = call.choice("identifierType", KINDS, "id")
        # A DELETE carries its words in the query.
        asked = {**call.query} if call.method == "DELETE" else call.body
        fields = Fields(asked, truncate=call.company.settings.overlong == "truncate")
        given = {
            "identifier": call.named["identifier"],
            "identifier_type": kind,
            "note": fields.text("note", 25_000, required=action.note_required) or "",
            **action.ask(fields, call),
        }
        fields.done()
        return accepted(call, "incidents", action.name, given, lambda at: _perform(call.company, action, given, at))

    return handle


def _perform(company: Company, action: Action, given: Given, at: datetime) -> Outcome:
    incident = company.incidents.find(given["identifier"], given["identifier_type"])
    if incident is None:
        return Outcome(False, "Incident does not exist")
    if failure := action.apply(company, incident, given, at):
        return Outcome(False, failure)
    incident.updated_at = at
    incident.write_log(action.done, NOBODY, at)
    incident.tell(action.name, action.done, NOBODY, at, company.new_id())
    if given["note"]:
        incident.add_note(given["note"], NOBODY, at)
    return Outcome(True, action.done, incident.id)


def _close(company: Company, incident: Incident, given: Given, at: datetime) -> str | None:
    if incident.status == "closed":
        return "Incident is already closed"
    incident.status, incident.impact_end = "closed", incident.impact_end or at
    return None


def _resolve(company: Company, incident: Incident, given: Given, at: datetime) -> str | None:
    if incident.status != "open":
        return f"Incident is already {incident.status}"
    incident.status, incident.impact_end = "resolved", at
    return None


def _reopen(company: Company, incident: Incident, given: Given, at: datetime) -> str | None:
    if incident.status == "open":
        return "Incident is already open"
    incident.status, incident.impact_end = "open", None
    return None


def _delete(company: Company, incident: Incident, given: Given, at: datetime) -> None:
    company.incidents.remove(incident)


def _nothing_more(company: Company, incident: Incident, given: Given, at: datetime) -> None:
    """The note every action may carry is the whole action."""


def _add_tags(company: Company, incident: Incident, given: Given, at: datetime) -> None:
    # Beyond twenty the rest is dropped, as with alerts: not confirmed.
    incident.tags = [*incident.tags, *(tag for tag in given["tags"] if tag not in incident.tags)][:20]


def _remove_tags(company: Company, incident: Incident, given: Given, at: datetime) -> None:
    incident.tags = [tag for tag in incident.tags if tag not in given["tags"]]


def _add_details(company: Company, incident: Incident, given: Given, at: datetime) -> None:
    incident.details = {**incident.details, **given["details"]}


def _remove_details(company: Company, incident: Incident, given: Given, at: datetime) -> None:
    incident.details = {key: value for key, value in incident.details.items() if key not in given["keys"]}


def _add_responders(company: Company, incident: Incident, given: Given, at: datetime) -> str | None:
    found = [responder for item in given["responders"] if (responder := company.recipient(item))]
    if not found:
        return "Responder does not exist"
    new = [responder for responder in found if responder not in incident.responders]
    incident.responders += new
    call_in(company, incident, new, at)
    return None


def call_in(company: Company, incident: Incident, responders: list[dict[str, str]], at: datetime) -> None:
    """Open the alert by which each responder hears of an incident.

    That there are such alerts is documented; what stands in them is not confirmed.
    """
    for responder in responders:
        given = {
            "alias": "",
            "message": incident.message,
            "description": incident.description,
            "responders": [responder],
            "visible_to": [],
            "actions": [],
            "tags": list(incident.tags),
            "details": {"incident-id": incident.id, "incident-tinyId": incident.tiny_id},
            "entity": "",
            "source": "Incident",
            "priority": incident.priority,
            "user": NOBODY,
        }
        alert = open_alert(company, given, "", at)
        incident.responder_alerts.append(Entry(alert.id, "", at, "alert", len(incident.responder_alerts)))


def _ask_responders(fields: Fields, call: Call) -> Given:
    # GO writes `responder` and puts a list there; the plural is taken too.
    name = "responders" if "responders" in fields else "responder"
    given = fields.recipients(name, 50, ("user", "team"))
    if not given and not fields.errors:
        fields.refuse(name, f"{name.title()} can not be empty.")
    return {"responders": given}


def _asked_list(name: str) -> Callable[[Fields, Call], Given]:
    def ask(fields: Fields, call: Call) -> Given:
        items = [item.strip() for item in call.query.get(name, "").split(",") if item.strip()]
        if not items:
            fields.refuse(name, f"{name.title()} can not be empty.")
        return {name: items}

    return ask


def _changing(name: str, limit: int) -> Action:
    return Action(
        f"Update{name.title()}",
        f"Updated {name}",
        lambda company, incident, given, at: setattr(incident, name, given[name]),
        lambda fields, call: {name: fields.text(name, limit, required=True)},
    )


def _row(method: str, tail: str, action: Action) -> Route:
    right = "D" if method == "DELETE" else "U"
    path = "/v1/incidents/{identifier}" + tail
    return Route(method, path, _handler(action), "Incident", right, noun="incident", incidents=True)


_PRIORITY = Action(
    "UpdatePriority",
    "Updated priority",
    lambda company, incident, given, at: setattr(incident, "priority", given["priority"]),
    lambda fields, call: {"priority": fields.choice("priority", PRIORITIES, required=True)},
)

ROUTES = [
    _row("DELETE", "", Action("Delete", "Deleted incident", _delete)),
    _row("POST", "/close", Action("Close", "Closed incident", _close)),
    _row("POST", "/resolve", Action("Resolve", "Resolved incident", _resolve)),
    # The path of this one is not confirmed.
    _row("POST", "/reopen", Action("Reopen", "Reopened incident", _reopen)),
    _row("POST", "/notes", Action("AddNote", "Added note", _nothing_more, note_required=True)),
    _row(
        "POST",
        "/tags",
        Action(
            "AddTags",
            "Added tags",
            _add_tags,
            lambda fields, call: {"tags": fields.texts("tags", 20, 50, required=True)},
        ),
    ),
    # Removing needs D here, as with alerts; U is possible too.
    _row("DELETE", "/tags", Action("RemoveTags", "Removed tags", _remove_tags, _asked_list("tags"))),
    _row(
        "POST",
        "/details",
        Action(
            "AddDetails",
            "Added details",
            _add_details,
            lambda fields, call: {"details": fields.mapping("details", 8000, required=True)},
        ),
    ),
    _row("DELETE", "/details", Action("RemoveDetails", "Removed details", _remove_details, _asked_list("keys"))),
    _row("POST", "/responders", Action("AddResponder", "Added responder", _add_responders, _ask_responders)),
    _row("PUT", "/priority", _PRIORITY),
    _row("POST", "/message", _changing("message", 130)),
    _row("POST", "/description", _changing("description", 15_000)),
]
