"""Rows of the store as sentences: what a call did, what started a run, why something failed."""

from __future__ import annotations

import json
import re
from typing import Any

from playbooks_engine.errors import from_json
from playbooks_engine.store.audit import AuditRow
from playbooks_engine.store.journal import Run

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
    if row.actor.get("looks_back") and row.decision == "allowed":
        return f"looked after a crash whether it had {told}"
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


def outcome(row: AuditRow) -> str:
    """How the call ended, in a few words."""
    if row.decision != "allowed":
        return "not sent"
    if row.outcome is None:
        return "under way, or its process died"
    status = f", status {row.status_code}" if row.status_code and row.outcome != "succeeded" else ""
    return f"{row.outcome.replace('_', ' ')}{status}"


def trigger(run: Run) -> str:
    """What started the run: `by hand`, `event a1 of ops.alerts`, `on schedule`, `playbook night, run 7`,
    `run 7 again from close (ana)`.
    """
    told = run.trigger
    kind = told.get("kind")
    if kind == "person":
        name = told.get("name")
        return f"by hand ({name})" if name else "by hand"
    if kind == "event":
        return f"event {told.get('key', run.event_key)} of {told.get('stream', run.event_stream)}"
    if kind == "schedule":
        return "on schedule"
    if kind == "playbook":
        return f"playbook {told.get('name')}, run {told.get('run')}"
    if kind == "rerun":
        name, start = told.get("name"), told.get("from")
        return f"run {told.get('run')} again{f' from {start}' if start else ''}{f' ({name})' if name else ''}"
    return str(kind or "unknown")


def error(told: Any) -> str:
    """The failure as operators know it: indicator, status code, message."""
    if not isinstance(told, dict):
        return str(told or "")
    return str(from_json(told)).partition("\n")[0]


def hint(told: Any) -> str:
    """Whose move it is; empty where nobody knows."""
    return str(told.get("hint") or "") if isinstance(told, dict) else ""


def status(word: str) -> str:
    """A status as people write it."""
    return word.replace("_", " ")


def value(seen: Any) -> str:
    """A value that a condition saw, short and on one line."""
    text = seen if isinstance(seen, str) else json.dumps(seen, ensure_ascii=False, default=str)
    flat = " ".join(text.split())
    return flat if len(flat) <= 60 else f"{flat[:59]}…"
