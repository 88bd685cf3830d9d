"""A step as JSON Schema: its kinds, its modifiers, and `with` as the command in `uses` wants it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from playbooks_engine.language.checking.calls import ONLY_ON_CALLS
from playbooks_engine.language.checking.modifiers import MOST_ATTEMPTS
from playbooks_engine.language.checking.steps import KINDS, MOST_AT_ONCE
from playbooks_engine.language.playbook import RETRY_ON, Retry
from playbooks_engine.runtime.schema.shapes import NAME, Schema, duration, either, keys, name, ref, told, words

STEPS: Schema = {"type": "array", "items": ref("step"), "minItems": 1}

_FILE = r"^\./.+\.ya?ml$"

_NO_COMMAND = "This project has no such command. After a change of its connections: playbooks schema --write"

_DEFAULTS = Retry()

_GROUP = 16

_ATTEMPTS: Schema = {"type": "integer", "minimum": 1, "maximum": MOST_ATTEMPTS}

_KEY: Schema = {"type": ["string", "number", "boolean"], "minLength": 1}


@dataclass
class Called:
    """What a step says that calls one of the `commands`, which share the definition of their inputs.

    `about` says what they do, `needs` whether there are inputs that must be given, and `never` which keys do not fit.
    """

    about: str
    commands: list[str] = field(default_factory=list)
    needs: bool = False
    never: Sequence[str] = ()


def step(uses: Mapping[str, str], called: Mapping[str, Called]) -> Schema:
    """A step.

    `uses` are the commands there are, each with what it does, and `called` what goes with them, by the name of the
    definition of their inputs.
    """
    return {
        "description": "A step: a call (uses), a block (steps) or branches (parallel).",
        "type": "object",
        "properties": {**_kinds(uses), **_calls(), **_conditions(), **_loops(), **_ends()},
        "additionalProperties": False,
        "required": ["id"],
        "anyOf": [{"required": [kind]} for kind in KINDS],
        "dependencies": {
            "else": ["when"],
            "repeat": ["timeout"],
            **{key: ["for_each"] for key in _loops() if key != "for_each"},
        },
        "allOf": [*_one_kind(), _playbook(), *_calls_of(called)],
    }


def _one_kind() -> list[Schema]:
    """What one kind of step has, another has not."""
    never = {kind: [other for other in KINDS if other != kind] for kind in KINDS}
    never |= {kind: [*never[kind], *ONLY_ON_CALLS] for kind in KINDS if kind != "uses"}
    return [
        {"if": {"required": [kind]}, "then": {"properties": dict.fromkeys(others, False)}}
        for kind, others in never.items()
    ]


def _playbook() -> Schema:
    """A playbook that is called is not called again: that would repeat what it had done."""
    file = {"properties": {"uses": {"type": "string", "pattern": _FILE}}, "required": ["uses"]}
    return {"if": file, "then": {"properties": {"retry": False, "repeat": False}}}


def _calls_of(called: Mapping[str, Called]) -> list[Schema]:
    """What goes with each command, asked in two rounds: editors ask at every key that is pressed."""
    names = list(called)
    groups = [names[first : first + _GROUP] for first in range(0, len(names), _GROUP)]
    return [
        {
            "if": _named([command for one in group for command in called[one].commands]),
            "then": {"allOf": [_call(one, called[one]) for one in group]},
        }
        for group in groups
    ]


def _call(definition: str, called: Called) -> Schema:
    then: Schema = {
        "properties": {
            "uses": {"description": called.about},
            "with": ref(definition),
            **dict.fromkeys(called.never, False),
        },
        **({"required": ["with"]} if called.needs else {}),
    }
    return {"if": _named(called.commands), "then": then}


def _named(commands: Sequence[str]) -> Schema:
    """A step whose `uses` is one of these; an `enum` would be shown by editors, wherever one points at a command."""
    return {"properties": {"uses": {"type": "string", "pattern": _one_of(commands)}}, "required": ["uses"]}


def _one_of(commands: Iterable[str]) -> str:
    return f"^({'|'.join(re.escape(command) for command in commands)})$"


def _kinds(uses: Mapping[str, str]) -> dict[str, Schema]:
    return {
        "id": name("The name of the step, unique in the file."),
        "uses": _uses(uses),
        "steps": told("A block: steps one after the other, treated as one step.", STEPS),
        "parallel": {
            "description": "Branches that run together, each with a list of steps; the step ends when all have ended.",
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": NAME},
            "additionalProperties": STEPS,
        },
    }


def _uses(uses: Mapping[str, str]) -> Schema:
    """Any of the commands, or a file.

    Editors offer every value of an `enum`, and show all of them with whichever one is pointed at. So the enum stands
    where no value gets through, to be offered, and a pattern lets values pass; what a command does is said in `_call`.
    """
    offered = {"enum": list(uses), "enumDescriptions": list(uses.values()), "not": {}, "errorMessage": _NO_COMMAND}
    known = {"type": "string", "pattern": _one_of(uses), "patternErrorMessage": _NO_COMMAND}
    file = {"type": "string", "pattern": _FILE, "patternErrorMessage": _NO_COMMAND, "description": "Another playbook."}
    return {"anyOf": [known, file, offered]}


def _calls() -> dict[str, Schema]:
    once = keys(
        {
            "key": told("The key, such as ${{ event.id }}.", _KEY),
            "within": duration("For how long what was done is reused."),
        },
        ["key"],
    )
    repeat = keys(
        {
            "until": told("A condition on `output`, such as output.status == 'closed'.", ref("condition")),
            "every": duration("The time between two askings."),
        },
        ["until"],
    )
    return {
        "with": {"type": "object"},
        "retry": either("Try again after a failure: a number of attempts in all, or a map.", _retry(), _ATTEMPTS),
        "once": either("Do this once for a key; later runs reuse what it gave then.", once, _KEY),
        "repeat": told("Ask again after a success, until a condition holds; needs a `timeout`.", repeat),
    }


def _retry() -> Schema:
    classes = {"type": "array", "items": {"enum": sorted(RETRY_ON)}}
    return keys(
        {
            "attempts": told("Attempts in all.", _ATTEMPTS),
            "delay": duration("The pause before the second attempt."),
            "backoff": words(
                "How the pause grows.",
                {"constant": "It stays.", "exponential": "It doubles each time."},
                _DEFAULTS.backoff,
            ),
            "max_delay": duration("The longest pause."),
            "on": told("After which failures; all of these, if left out.", classes),
        }
    )


def _conditions() -> dict[str, Schema]:
    return {
        "when": told("Run the step only if this holds, such as event.priority == 'P1'.", ref("condition")),
        "else": told("The steps to run where `when` does not hold.", STEPS),
    }


def _loops() -> dict[str, Schema]:
    return {
        "for_each": {
            "description": "Run the step once for each item of this list, such as ${{ steps.find.output }}.",
            "anyOf": [ref("expression"), {"type": "array"}],
        },
        "as": name("The name of the item; `item`, if left out."),
        "max_parallel": {
            "description": "How many items at once.",
            "type": "integer",
            "minimum": 1,
            "maximum": MOST_AT_ONCE,
            "default": 1,
        },
        "fail_fast": {"description": "Stop at the first item that fails.", "type": "boolean", "default": False},
    }


def _ends() -> dict[str, Schema]:
    carry = "Record the failure and carry on; the run ends as succeeded_with_errors."
    return {
        "timeout": duration("The time for the whole step, attempts and waits included."),
        "continue_on_error": {"description": carry, "type": "boolean", "default": False},
        "on_error": told("Steps to run if this one failed; it stays a failure.", STEPS),
        "always": told("Steps to run when this one ends, however it ends.", STEPS),
    }
