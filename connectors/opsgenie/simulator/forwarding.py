"""Forwarding rules: for a while, what is meant for one person goes to another."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.opsgenie.simulator.instants import written
from connectors.opsgenie.simulator.rotations import Participant


@dataclass
class Forwarding:
    """One rule."""

    id: str
    alias: str
    from_user: Participant
    to_user: Participant
    start: datetime
    end: datetime

    def shown(self) -> dict[str, Any]:
        """As on the wire."""
        return {
            "id": self.id,
            "alias": self.alias,
            "fromUser": {"id": self.from_user.id, "username": self.from_user.name},
            "toUser": {"id": self.to_user.id, "username": self.to_user.name},
            "startDate": written(self.start),
            "endDate": written(self.end),
        }


def forwarded(rules: Iterable[Forwarding], participant: Participant, at: datetime) -> Participant:
    """Who takes over from a participant at a moment; the participant, when nobody does.

    Of two rules the later made one holds, and what was forwarded once is not forwarded again: not confirmed.
    """
    if participant.type != "user" or participant.forwarded_from is not None:
        return participant
    for rule in reversed(list(rules)):
        if rule.from_user.id == participant.id and rule.start <= at < rule.end:
            return Participant("user", rule.to_user.id, rule.to_user.name, participant)
    return participant


def edges(rules: Iterable[Forwarding], participant: Participant, start: datetime, end: datetime) -> list[datetime]:
    """The moments inside a stretch of time at which forwarding begins or ends for a participant."""
    concerned = [rule for rule in rules if rule.from_user.id == participant.id]
    return sorted({edge for rule in concerned for edge in (rule.start, rule.end) if start < edge < end})
