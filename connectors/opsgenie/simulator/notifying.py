"""From an alert to people: routing rules, escalations, schedules, and each person's notification rules."""

from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from connectors.opsgenie.simulator.alerts import Alert
from connectors.opsgenie.simulator.company import Company, Thing, named
from connectors.opsgenie.simulator.matching import holds
from connectors.opsgenie.simulator.notices import Notice
from connectors.opsgenie.simulator.recipients import people
from connectors.opsgenie.simulator.rotations import Participant, Window

_NEW = "create-alert"
_KINDS = {"Acknowledge": "acknowledged-alert", "Close": "closed-alert", "AddNote": "add-note"}
_UNTIL_SEEN = (_NEW, "assigned-alert")
"""Told only while the alert is open and nobody has acknowledged it."""
_UNITS = {"days": 86_400, "hours": 3600, "minutes": 60, "seconds": 1, "miliseconds": 1e-3, "micros": 1e-6, "nanos": 0}


def watch(company: Company, now: datetime) -> None:
    """What time brings about: steps and escalations whose delay is over."""
    company.notices.pass_time(now)


def hear(company: Company, action: str, alert: Alert, given: Thing, at: datetime) -> None:
    """Something was done to an alert: see who is to be told."""
    if action == "Create":
        for responder in alert.responders:
            _reach(company, alert, responder, at)
    elif action in {"AddResponder", "AddTeam", "EscalateToNext"}:
        wanted = given.get("responder") or given.get("team") or given.get("escalation") or {}
        kind = wanted.get("type") or ("team" if action == "AddTeam" else "escalation")
        found = company.recipient({**wanted, "type": kind})
        if found is not None:
            _reach(company, alert, found, at)
    elif action == "Assign":
        _tell(company, alert, company.user(alert.owner), "assigned-alert", at)
    elif action in _KINDS:
        for user in _people_of(company, alert, at):
            # That nobody is told of what they did themselves is not confirmed.
            if user["username"] != given.get("user"):
                _tell(company, alert, user, _KINDS[action], at)


def _people_of(company: Company, alert: Alert, at: datetime) -> list[Thing]:
    places = [Participant(item["type"], item["id"]) for item in alert.responders]  # type: ignore[arg-type]  # as kept
    return _users(company, [person for place in places for person in people(company, place, at)])


def _users(company: Company, persons: list[Participant]) -> list[Thing]:
    found = [company.user(identifier) for identifier in dict.fromkeys(person.id for person in persons)]
    return [user for user in found if user is not None]


def _reach(company: Company, alert: Alert, target: dict[str, str], at: datetime, *, escalated: bool = False) -> None:
    """Whom a responder stands for is told of the alert, now or by and by."""
    kind, identifier = target["type"], target.get("id", "")
    if kind == "team" and not escalated:
        rule = _routing_rule(company, alert, company.team(identifier) or {}, at)
        if rule is not None and rule["notify"]["type"] != "none":
            _reach(company, alert, rule["notify"], at)
    elif kind == "escalation":
        for rule in (company.escalation(identifier) or {}).get("rules", ()):
            company.notices.later(at + _delay(rule["delay"]), partial(_escalate, company, alert, rule))
    else:
        # A whole team when an escalation names one; which of its members another notifyType means is not imitated.
        place = Participant(kind, identifier)  # type: ignore[arg-type]  # one of the four kinds
        for user in _users(company, people(company, place, at)):
            _tell(company, alert, user, _NEW, at)


def _escalate(company: Company, alert: Alert, rule: Thing, due: datetime) -> None:
    """Look at one rule of an escalation, now that its delay is over."""
    seen = alert.acknowledged and rule["condition"] == "if-not-acked"
    if _there(company, alert) and not seen:
        _reach(company, alert, rule["recipient"], due, escalated=True)


def _routing_rule(company: Company, alert: Alert, team: Thing, at: datetime) -> Thing | None:
    for rule in team.get("routingRules", ()):
        zone = ZoneInfo(rule.get("timezone") or "UTC")
        if holds(company, alert, rule.get("criteria")) and _within(rule.get("timeRestriction"), at, zone):
            found: Thing = rule
            return found
    return None


def _tell(company: Company, alert: Alert, user: Thing | None, kind: str, at: datetime) -> None:
    """Follow the first of a user's rules that fits. That the later ones are not followed too is not confirmed."""
    if user is None:
        return
    zone = ZoneInfo(user.get("timeZone") or "UTC")
    for rule in user.get("notificationRules", ()):
        fits = rule["enabled"] and rule["actionType"] == kind and holds(company, alert, rule.get("criteria"))
        if not fits or not _within(rule.get("timeRestriction"), at, zone):
            continue
        for step in rule.get("steps", ()):
            if step["enabled"]:
                company.notices.later(
                    at + _delay(step.get("sendAfter")), partial(_take, company, alert, user, rule, step)
                )
        return


def _take(company: Company, alert: Alert, user: Thing, rule: Thing, step: Thing, due: datetime) -> None:
    """Take one step of a notification rule, now that its delay is over."""
    kind, contact = rule["actionType"], step["contact"]
    if kind in _UNTIL_SEEN and (alert.acknowledged or not _there(company, alert)):
        return
    known = named(user.get("userContacts", ()), contact["to"], "to")
    if known is None or known["enabled"]:
        notice = Notice(due, user["username"], contact["method"], contact["to"], alert.id, kind, rule["name"])
        company.notices.told.append(notice)


def _there(company: Company, alert: Alert) -> bool:
    return alert.status == "open" and company.alerts.find(alert.id) is alert


def _delay(given: Thing | None) -> timedelta:
    if given is None:
        return timedelta()
    return timedelta(seconds=given["timeAmount"] * _UNITS[given.get("timeUnit", "minutes")])


def _within(restriction: Thing | None, at: datetime, zone: ZoneInfo) -> bool:
    if not restriction:
        return True
    today = at.astimezone(zone).date()
    for given in restriction.get("restrictions") or [restriction["restriction"]]:
        hours = (given["startHour"], given["startMin"], given["endHour"], given["endMin"])
        window = Window(*hours, given.get("startDay"), given.get("endDay"))
        for days in range(8):
            stretch = window.on(today - timedelta(days=days), zone)
            if stretch and stretch[0] <= at < stretch[1]:
                return True
    return False
