"""What the demo shows: real command lines, in the order one would type them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Act:
    """A title, a sentence, and the command lines that do it. `fails` says that the last one is meant to."""

    title: str
    about: str
    lines: tuple[str, ...]
    fails: bool = False


ACTS = (
    Act(
        "Does the connection work?",
        "A real request to a real port; the result is stored as a health check.",
        ("connections test ops",),
    ),
    Act(
        "Fetch alerts",
        "Three days of them, page by page; each is mapped to an event and kept with every version it ever had.",
        ("fetch ops", "events list --where \"event.status == 'open' and event.priority == 'P1'\""),
    ),
    Act(
        "Ask single questions",
        "Every command of a connection can be called by itself; its flags are its inputs.",
        ("call ops.get-schedules", "call ops.get-on-call-user --schedule-name ops_primary"),
    ),
    Act(
        "Check a playbook",
        "playbooks/chase_unacknowledged_polling.yml finds urgent alerts that nobody acknowledged, notes who is "
        "on call, and escalates a P1.",
        ("check",),
    ),
    Act(
        "Plan it",
        "Reads are real; what would be changed is listed and not sent.",
        ("run chase_unacknowledged_polling --input older_than=2h --plan",),
    ),
    Act(
        "Run it",
        "Every step is written down before it is sent and after it is answered: a crash loses nothing.",
        ("run chase_unacknowledged_polling --input older_than=2h",),
    ),
    Act(
        "Run it again",
        "Nothing is done twice: what `once` did for an alert before is reused.",
        ("run chase_unacknowledged_polling --input older_than=2h",),
    ),
    Act(
        "Fetch again",
        "The alerts that were changed come back as updates, and older versions are kept.",
        ("fetch ops", "events list --where \"event.updated_at > ago('1m')\" --limit 4"),
    ),
    Act(
        "A command that fails",
        "What failed, with which status, why - and whose move it is.",
        ("call ops.get-on-call-user --schedule-name no_such_schedule",),
        fails=True,
    ),
    Act(
        "What was done, and by whom",
        "Health checks are kept; and each call left a sentence before it was sent.",
        ("connections health ops", "connections audit ops --limit 8", "runs list"),
    ),
)


def perform(act: Act, line: Callable[[str], int]) -> bool:
    """Perform the command lines of an act; whether they ended as they should."""
    ended = [line(words) for words in act.lines]
    return all(status == 0 for status in ended[:-1]) and (ended[-1] != 0) == act.fails
