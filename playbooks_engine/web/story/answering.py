"""The answer in one line: what ran for an event and how it ended, or why nothing ran."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from playbooks_engine.runtime import sentences
from playbooks_engine.store.journal import Run
from playbooks_engine.web.story.gathering import Entry
from playbooks_engine.web.story.standing import Standing

_NEXT = ("held", "not considered", "unjudged", "over", "baseline", "not matching")
"""What tells most about why nothing ran, the most telling first."""


def answer(runs: Sequence[Run], story: Sequence[Entry], standing: Sequence[Standing], around: Sequence[str]) -> str:
    """Why the event did what it did. `runs` oldest first, `around` what keeps the stream or triggers from acting."""
    if runs:
        return _ran(runs, story)
    why = _why_nothing(story, standing)
    because = f" Mind that {'; and '.join(around)}." if around else ""
    made = sum(entry.kind == "call" and entry.status == "succeeded" for entry in story)
    if made:
        changes = f"{made} change{'s' * (made != 1)} of it {'was' if made == 1 else 'were'} made otherwise, see above"
        return f"It started no run; {changes}. {why}.{because}"
    return f"Nothing ran. {why}.{because}"


def _ran(runs: Sequence[Run], story: Sequence[Entry]) -> str:
    told = [_one(run, story) for run in runs[-3:]]
    if len(runs) == 1:
        return f"{told[0]}."
    reasons = [
        f"run {entry.run} at {entry.at:%H:%M:%S} ({entry.text.partition(': ')[2]})"
        for entry in story
        if entry.kind == "decided" and entry.status == "matched" and entry.run is not None
    ]
    each = f" It fired more than once: {'; '.join(reasons[-3:])}." if len(reasons) > 1 else ""
    return f"{len(runs)} runs were started for it. {'. '.join(told)}.{each}"


def _one(run: Run, story: Sequence[Entry]) -> str:
    made = sum(entry.kind == "call" and entry.run == run.id and entry.status == "succeeded" for entry in story)
    changed = f", with {made} change{'s' * (made != 1)} made" if made else ""
    how = {
        "queued": "waits for its turn",
        "running": "is under way",
        "waiting": "waits",
        "succeeded": "succeeded",
        "succeeded_with_errors": "succeeded with errors",
        "cancelled": "was cancelled",
        "timed_out": "ran out of time",
        "failed": "failed",
    }[run.status]
    error = f" ({sentences.error(run.error).rstrip('.')})" if run.error else ""
    return f"Run {run.id} of {run.playbook} {how}{error}{changed}"


def _why_nothing(story: Sequence[Entry], standing: Sequence[Standing]) -> str:
    usable = [one for one in standing if one.state != "broken"]
    broken = [one for one in standing if one.state == "broken"]
    if not usable:
        if broken:
            return f"No playbook that watches this stream can be used; {broken[0].playbook} {broken[0].text}"
        return "No playbook watches this stream"
    first = min(usable, key=lambda one: _NEXT.index(one.state) if one.state in _NEXT else 0)
    last = _last_decision(story, first.playbook)
    if first.state == "not matching" and last is not None and last.status in ("dropped", "rearmed", "suppressed"):
        told = last.text.partition(": ")[2].removesuffix(": nothing was started")
        why = f"{first.playbook}: {told}{_because(last.saw)}"
    else:
        why = f"{first.playbook}: {first.text}{_because(first.saw) if first.state == 'not matching' else ''}"
    if first.paused:
        why += f"; {first.paused}"
    others = len(usable) - 1
    more = f"; of {others} other trigger{'s' * (others != 1)} see above" if others else ""
    return f"{why}{more}".rstrip(".")


def _last_decision(story: Sequence[Entry], playbook: str) -> Entry | None:
    own = [entry for entry in story if entry.kind == "decided" and entry.playbook == playbook]
    return own[-1] if own else None


def _because(saw: Sequence[Sequence[Any]]) -> str:
    """The part of a condition that was read last decided: where it is no more, the rest is not read."""
    if not saw:
        return ""
    text, value = saw[-1]
    return f" ({text} is {sentences.value(value)})"
