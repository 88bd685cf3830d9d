"""What happened, told: runs and steps in their stable JSON shape, calls as sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection

from playbooks_engine.runtime.running.frame import duration_of
from playbooks_engine.sdk.times import as_json
from playbooks_engine.store import journal
from playbooks_engine.store.audit import AuditRow
from playbooks_engine.store.journal import StepRow


def step_document(row: StepRow) -> dict[str, Any]:
    """A step of a run."""
    return {
        "id": row.step_id,
        "path": row.path,
        "item": row.item,
        "status": row.status,
        "output": as_json(row.output),
        "error": row.error,
        "attempts": row.attempts,
        "started_at": as_json(row.started_at),
        "duration": duration_of(row),
    }


def writes_of(connection: Connection, run_id: int) -> list[dict[str, Any]]:
    """The changes that a run and its sub-runs sent, oldest first."""
    steps = {row.path: row.step_id for row in journal.steps(connection, run_id)}
    sent = [
        {
            "step": steps.get(one.path or "", one.path),
            "command": f"{one.connection}.{one.command.partition('.')[2]}",
            "method": one.method,
            "path": one.url_path,
            "body": one.body,
        }
        for one in journal.intents(connection, run_id)
    ]
    return sent + [write for child in journal.children(connection, run_id) for write in writes_of(connection, child.id)]


def run_document(
    run: int | None,
    playbook: str,
    status: str,
    output: Any,
    steps: Iterable[StepRow],
    writes: list[dict[str, Any]],
    error: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A run with all that happened in it."""
    return {
        "run": run,
        "playbook": playbook,
        "status": status,
        "output": as_json(output),
        "error": error,
        "steps": [step_document(row) for row in steps],
        "writes": writes,
    }


_PAST = {
    "get": "read",
    "send": "sent",
    "read": "read",
    "put": "put",
    "set": "set",
    "find": "found",
    "make": "made",
    "run": "ran",
    "ping": "pinged",
    "stop": "stopped",
    "begin": "began",
    "undo": "undid",
}
# One vowel between consonants: the last one is doubled.
_SHORT = re.compile(r"[^aeiou]+[aeiou][^aeiouwxy]")


def past(verb: str) -> str:
    """What somebody did who was told to: `close` gives `closed`."""
    if verb in _PAST:
        return _PAST[verb]
    if verb.endswith("e"):
        return f"{verb}d"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return f"{verb[:-1]}ied"
    if _SHORT.fullmatch(verb):
        return f"{verb}{verb[-1]}ed"
    return f"{verb}ed"


def deed(command: str, area: str, target: str | None) -> str:
    """`added a note to alert 4821`, from a command's name, its area and what it was about."""
    verb, _, rest = command.partition("_")
    thing = rest.replace("_", " ").removeprefix("single ")
    about = _singular(area)
    named, quoted = (f" {target}", f' "{target}"') if target else ("", "")
    if not thing:
        return f"{past(verb)} {_with_article(about)}{quoted}"
    if verb == "test":
        return f"tested the {thing}"
    if verb == "fetch" and not target:
        return f"{past(verb)} {thing if thing.endswith('s') else f'{thing}s'}"
    if verb in {"create", "open"}:
        return f"{past(verb)} {_with_article(thing)}{quoted}"
    if thing == about or thing.rpartition(" ")[2] == about or not target:
        # Plural things, and things that no name follows, stand as they are.
        return f"{past(verb)} {thing if thing.endswith('s') or target else _with_article(thing)}{named}"
    joined = "to" if verb in {"add", "assign", "send"} else "from" if verb in {"remove", "delete"} else "of"
    phrase = thing if thing.endswith("s") else _with_article(thing) if verb in {"add", "remove"} else f"the {thing}"
    return f"{past(verb)} {phrase} {joined} {about}{named}"


def sentence(row: AuditRow) -> str:
    """One call, as one would tell it: who, what, on what, and by which rule."""
    return f"{_who(row.actor)} {_did(row)} on {row.connection}{_decided(row)}"


def _did(row: AuditRow) -> str:
    told = deed(row.command, row.area, row.target)
    if row.decision == "allowed" and row.outcome == "succeeded":
        return told
    verb = row.command.partition("_")[0]
    plain = told.replace(past(verb), verb, 1)
    if row.decision == "planned":
        return f"planned to {plain}"
    if row.decision == "denied":
        return f"was kept from this: {plain}"
    return f"tried to {plain}"


def _decided(row: AuditRow) -> str:
    if row.decision == "denied":
        return f": denied by {row.rule}"
    if row.decision == "planned":
        return f": nothing was sent; its rule is {row.rule}"
    allowed = f": allowed by {row.rule}"
    if row.outcome is None:
        return f"{allowed}; how it ended is not known"
    if row.outcome == "succeeded":
        return allowed
    code = f" {row.status_code}" if row.status_code else ""
    return f"{allowed}; failed: {row.outcome}{code}"


def _who(actor: dict[str, Any]) -> str:
    kind, name, run = actor.get("kind"), actor.get("name"), actor.get("run")
    who = {"playbook": f"playbook {name}", "service": f"the service ({name})"}.get(str(kind), str(name))
    return f"{who}, run {run}," if run else who


def _singular(area: str) -> str:
    plain = area.replace("_", " ")
    if plain.endswith("ies"):
        return f"{plain[:-3]}y"
    return plain[:-1] if plain.endswith("s") and not plain.endswith("ss") else plain


def _with_article(thing: str) -> str:
    return f"{'an' if thing[:1] in 'aeiou' else 'a'} {thing}"
