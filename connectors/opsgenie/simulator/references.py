"""What names what: schedules, escalations, teams and people stand in each other's rules."""

from collections.abc import Iterator
from dataclasses import replace

from connectors.opsgenie.simulator.company import Company, Thing
from connectors.opsgenie.simulator.fields import Fields
from connectors.opsgenie.simulator.rotations import Participant


def judged_owner(fields: Fields, company: Company, name: str = "ownerTeam") -> dict[str, str] | None:
    """The team a request names as owner, as {id, name}."""
    inside = fields.inside(name)
    if inside is None:
        return None
    team = company.team(inside.text("id", 130) or inside.text("name", 512) or "")
    if team is None:
        fields.refuse(name, "There is no such team.")
        return None
    return {"id": team["id"], "name": team["name"]}


def judged_recipient(inside: Fields, company: Company, kinds: tuple[str, ...]) -> dict[str, str]:
    """Whom a rule of a request names, as {type, id, name}; empty when that is noted as wrong."""
    kind = inside.choice("type", kinds, required=True)
    if kind is None:
        return {}
    if kind == "none":
        return {"type": "none"}
    named = {part: inside.text(part, 512) or "" for part in ("id", "name", "username")}
    found = company.recipient({"type": kind, **named})
    if found is None:
        inside.refuse("id", f"There is no such {kind}.")
        return {}
    return {**found, "username" if kind == "user" else "name": company.recipient_name(found)}


def users_of(company: Company, kind: str, identifier: str) -> list[str]:
    """What in the company would miss this team, schedule, escalation or user."""
    wanted = (kind, identifier)
    found = [f"escalation {name}" for name, to in _ruled(company) if (to["type"], to["id"]) == wanted]
    found += [f"schedule {name}" for name, who in _turns(company) if (who.type, who.id) == wanted]
    found += [
        f"routing rule of team {team['name']}"
        for team in company.teams
        for rule in team.get("routingRules", ())
        if (rule["notify"]["type"], rule["notify"].get("id")) == wanted
    ]
    if kind == "team":
        # That owning something counts as use is not confirmed.
        schedules = [("schedule", item.name) for item in company.schedules if _owns(identifier, item.owner_team)]
        escalations = [
            ("escalation", item["name"]) for item in company.escalations if _owns(identifier, item.get("ownerTeam"))
        ]
        services = [("service", item["name"]) for item in company.services if item.get("teamId") == identifier]
        found += [f"{noun} {name}" for noun, name in (*schedules, *escalations, *services)]
    return list(dict.fromkeys(found))


def _owns(identifier: str, owner: Thing | None) -> bool:
    return owner is not None and owner.get("id") == identifier


def _ruled(company: Company) -> Iterator[tuple[str, dict[str, str]]]:
    for escalation in company.escalations:
        for rule in escalation.get("rules", ()):
            yield escalation["name"], rule["recipient"]


def _turns(company: Company) -> Iterator[tuple[str, Participant]]:
    for schedule in company.schedules:
        for rotation in schedule.rotations:
            for participant in rotation.participants:
                yield schedule.name, participant
        for override in schedule.overrides:
            yield schedule.name, override.participant


def renamed(company: Company, kind: str, identifier: str, name: str) -> None:
    """Carry a new name to wherever the old one was copied."""
    copies = [recipient for _, recipient in _ruled(company)]
    copies += [rule["notify"] for team in company.teams for rule in team.get("routingRules", ())]
    for copy in copies:
        if (copy["type"], copy.get("id")) == (kind, identifier):
            copy["name"] = name
    for schedule in company.schedules:
        for rotation_number, rotation in enumerate(schedule.rotations):
            participants = tuple(_renamed(who, kind, identifier, name) for who in rotation.participants)
            schedule.rotations[rotation_number] = replace(rotation, participants=participants)
    if kind == "team":
        owned = [schedule.owner_team for schedule in company.schedules]
        owned += [thing.get("ownerTeam") for thing in (*company.escalations, *company.heartbeats)]
        for owner in owned:
            if owner is not None and owner.get("id") == identifier:
                owner["name"] = name


def _renamed(participant: Participant, kind: str, identifier: str, name: str) -> Participant:
    mine = (participant.type, participant.id) == (kind, identifier)
    return replace(participant, name=name) if mine else participant
