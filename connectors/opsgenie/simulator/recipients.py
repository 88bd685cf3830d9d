"""Participants followed down to people: teams to members, escalations and schedules to who is on call."""

from datetime import datetime
from typing import Any

from connectors.opsgenie.simulator.company import Company, Thing, named
from connectors.opsgenie.simulator.forwarding import forwarded
from connectors.opsgenie.simulator.rotations import Participant

_DEEPEST = 5


def nested(company: Company, participant: Participant, at: datetime, depth: int = 0) -> dict[str, Any]:
    """A participant with the ones under it."""
    participant = forwarded(company.forwardings, participant, at)
    shown: dict[str, Any] = {"id": participant.id, "name": participant.name, "type": participant.type}
    if participant.forwarded_from is not None:
        absent = participant.forwarded_from
        shown["forwardedFrom"] = {"id": absent.id, "name": absent.name, "type": absent.type}
    below = _below(company, participant, at) if depth < _DEEPEST else []
    if participant.type != "user" and below:
        shown["onCallParticipants"] = [{**nested(company, child, at, depth + 1), **extra} for child, extra in below]
    return shown


def usernames(company: Company, participant: Participant, at: datetime) -> list[str]:
    """Everybody a participant stands for, each once."""
    return list(dict.fromkeys(person.name for person in people(company, participant, at)))


def people(company: Company, participant: Participant, at: datetime, depth: int = 0) -> list[Participant]:
    """The users a participant stands for, those who took over in place of those who forward."""
    if participant.type == "user":
        return [forwarded(company.forwardings, participant, at)]
    below = _below(company, participant, at) if depth < _DEEPEST else []
    return [person for child, _ in below for person in people(company, child, at, depth + 1)]


def _below(company: Company, participant: Participant, at: datetime) -> list[tuple[Participant, dict[str, Any]]]:
    if participant.type == "team":
        team = company.team(participant.id) or {}
        members = [member["user"] for member in team.get("members", ())]
        return [(Participant("user", member["id"], member["username"]), {}) for member in members]
    if participant.type == "schedule":
        schedule = company.schedule(participant.id, "id")
        return [(child, {}) for child in schedule.on_call(at)] if schedule else []
    if participant.type == "escalation":
        # All rules are followed, also the later ones: not confirmed.
        escalation = named(company.escalations, participant.id, "id") or {}
        return [_ruled(company, rule) for rule in escalation.get("rules", ())]
    return []


def _ruled(company: Company, rule: Thing) -> tuple[Participant, dict[str, Any]]:
    recipient = rule["recipient"]
    name = company.recipient_name(recipient)
    extra = {"escalationTime": rule["delay"]["timeAmount"], "notifyType": rule["notifyType"]}
    return Participant(recipient["type"], recipient["id"], name), extra
