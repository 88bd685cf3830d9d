"""Schedules from the JSON they have on the wire."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from connectors.opsgenie.simulator.company import Company
from connectors.opsgenie.simulator.forwarding import Forwarding
from connectors.opsgenie.simulator.instants import read
from connectors.opsgenie.simulator.rotations import Participant, Rotation, Window
from connectors.opsgenie.simulator.schedules import Override, Schedule


def make_schedule(company: Company, given: Mapping[str, Any]) -> Schedule:
    """A schedule with its rotations and, in `overrides`, its overrides."""
    schedule = Schedule(
        id=given.get("id") or company.new_id(),
        name=given["name"],
        zone=ZoneInfo(given.get("timezone", "UTC")),
        rotations=[make_rotation(company, item) for item in given.get("rotations", ())],
        description=given.get("description", ""),
        enabled=given.get("enabled", True),
        owner_team=given.get("ownerTeam"),
        forwardings=company.forwardings,
    )
    for item in given.get("overrides", ()):
        schedule.overrides.append(make_override(company, schedule, item))
    return schedule


def make_override(company: Company, schedule: Schedule, given: Mapping[str, Any]) -> Override:
    wanted = given.get("rotations", ())
    references = [item.get("id") or item.get("name") for item in wanted]
    rotation_ids = [item.id for item in schedule.rotations if {item.id, item.name} & set(references)]
    if len(rotation_ids) != len(references):
        raise ValueError(f"the schedule {schedule.name} lacks one of the rotations {references}")
    return Override(
        given.get("alias") or company.new_id(),
        make_participant(company, given["user"]),
        read(given["startDate"]),
        read(given["endDate"]),
        tuple(rotation_ids),
    )


def make_forwarding(company: Company, given: Mapping[str, Any]) -> Forwarding:
    """A forwarding rule; its alias is its id unless given."""
    identifier = given.get("id") or company.new_id()
    return Forwarding(
        identifier,
        given.get("alias") or identifier,
        make_participant(company, {"type": "user", **given["fromUser"]}),
        make_participant(company, {"type": "user", **given["toUser"]}),
        read(given["startDate"]),
        read(given["endDate"]),
    )


def make_participant(company: Company, given: Mapping[str, Any]) -> Participant:
    kind = given["type"]
    if kind == "none":
        return Participant("none")
    if kind == "user":
        user = company.user(given.get("id") or given.get("username", ""))
        if user is None:
            raise ValueError(f"a schedule names a user who is not there: {dict(given)}")
        return Participant("user", user["id"], user["username"])
    find = {"team": company.team, "escalation": company.escalation}[kind]
    thing = find(given.get("id") or given.get("name", ""))
    if thing is None:
        raise ValueError(f"a schedule names a {kind} that is not there: {dict(given)}")
    return Participant(kind, thing["id"], thing["name"])


def make_rotation(company: Company, given: Mapping[str, Any]) -> Rotation:
    if not given["participants"]:
        raise ValueError(f"the rotation {given.get('name', '')} has no participants")
    restriction = given.get("timeRestriction") or {}
    windows = restriction.get("restrictions") or [window for window in (restriction.get("restriction"),) if window]
    return Rotation(
        id=given.get("id") or company.new_id(),
        name=given.get("name", ""),
        start=read(given["startDate"]),
        end=read(given["endDate"]) if given.get("endDate") else None,
        type=given["type"],
        length=given.get("length", 1),
        participants=tuple(make_participant(company, item) for item in given["participants"]),
        windows=tuple(_window(window) for window in windows),
        restriction=restriction.get("type"),
    )


def _window(given: Mapping[str, Any]) -> Window:
    return Window(
        given["startHour"],
        given.get("startMin", 0),
        given["endHour"],
        given.get("endMin", 0),
        given.get("startDay"),
        given.get("endDay"),
    )
