"""The JSON Schema of a `*.test.yml` in one project, with the commands that tests give answers of."""

from __future__ import annotations

from collections.abc import Mapping

from playbooks_engine.errors import BY_TYPE
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.project import Project
from playbooks_engine.runtime.schema import commands, shapes
from playbooks_engine.runtime.schema.shapes import Schema, keys, ref, told, words
from playbooks_engine.testing.playbooks.expecting import STATUSES, STEP_STATUSES

_MAP: Schema = {"type": "object"}
_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_ERRORS = sorted(BY_TYPE)
_DECISIONS = {"approved": "Somebody agrees.", "rejected": "Somebody refuses.", "expired": "Nobody answers in time."}


def suite_schema(project: Project, catalog: Catalog) -> Schema:
    """The schema of the project's test files."""
    known = {called: model.spec.summary for called, model in commands(project, catalog).items()}
    name: Schema = {**_TEXT, "description": "What is true when it passes."}
    top = {
        "playbook": {**_TEXT, "description": "The playbook under test, such as ./who_is_on_call.yml."},
        "defaults": {"description": "What holds for every test that does not say it itself.", **keys(_given(known))},
        "tests": {
            "description": "The tests.",
            "type": "array",
            "minItems": 1,
            "items": keys({"name": name, **_given(known)}, ["name"]),
        },
    }
    return {
        "$schema": shapes.DRAFT,
        "title": "Tests of a playbook",
        "description": "Tests of a playbook of this project. Made by `playbooks schema test`.",
        **keys(top, ["playbook", "tests"]),
        "definitions": {
            "answer": _answer(),
            "given": _given_answer(),
            "event": _event(),
            "expect": _expect(known),
            "call": _call(),
        },
    }


def _given(known: Mapping[str, str]) -> dict[str, Schema]:
    return {
        "now": {**_TEXT, "description": "The time when the test begins.", "examples": ["2026-05-01T10:12:00Z"]},
        "inputs": {**_MAP, "description": "What the run is given."},
        "event": told("The event that the playbook is run for.", ref("event")),
        "events": {"description": "Events that are stored beforehand.", "type": "array", "items": ref("event")},
        "timeline": _timeline(),
        "answers": {
            "description": "What each command answers; a change without an answer fails the test.",
            "type": "object",
            "properties": {name: told(about, ref("given")) for name, about in known.items()},
            "additionalProperties": ref("given"),
        },
        "steps": {
            "description": "What a step answers, by its id; it goes before the answer of its command.",
            "type": "object",
            "additionalProperties": ref("given"),
        },
        "approvals": _approvals(),
        "allow_live_reads": {"description": "Whether reads without an answer are made for real.", "type": "boolean"},
        "expect": told("What must have happened.", ref("expect")),
    }


def _timeline() -> Schema:
    moment = keys(
        {
            "at": {"description": "How long after the beginning, such as 9m.", "type": ["string", "integer"]},
            "event": told("An event that arrives then.", ref("event")),
            "change": {**_MAP, "description": "Fields of the event that change then."},
            "key": {**_TEXT, "description": "Which event changes, where there are several."},
        },
        ["at"],
    )
    about = "What arrives and changes, moment by moment; the trigger itself is tested with it."
    return {"description": about, "type": "array", "minItems": 1, "items": moment}


def _approvals() -> Schema:
    decision = words("What is decided.", _DECISIONS)
    given = keys({
        "decision": decision,
        "by": {**_TEXT, "description": "Who decides."},
        "inputs": {**_MAP, "description": "What they fill in."},
    }, ["decision"])  # fmt: skip
    about = "What people decide, by the id of the step that asks."
    one = shapes.either("A decision, or a map with it.", given, decision)
    return {"description": about, "type": "object", "additionalProperties": one}


def _event() -> Schema:
    return keys(
        {
            "fixture": {**_TEXT, "description": "A file of the folder fixtures/ with the fields of an event."},
            "fields": {**_MAP, "description": "Mapped fields, as `event.<field>` reads them."},
            "raw": {**_MAP, "description": "The event in the vendor's JSON."},
            "change": {**_MAP, "description": "Fields that are different in this test."},
            "stream": {**_TEXT, "description": "The stream it is of; the trigger's, if left out."},
        }
    )


def _answer() -> Schema:
    error = keys(
        {
            "type": words("What kind of failure.", _ERRORS),
            "message": {**_TEXT, "description": "What the service says."},
            "status_code": {"type": ["integer", "null"], "description": "The HTTP status."},
            "hint": {"type": ["string", "null"], "description": "Whose move it is."},
        },
        ["type"],
        "The command fails.",
    )
    return keys(
        {
            "output": {"description": "What the command gives: the payload."},
            "raw": {"description": "The whole answer, where `steps.<id>.raw` is read."},
            "error": error,
        },
        oneOf=[{"required": ["output"]}, {"required": ["error"]}],
    )


def _given_answer() -> Schema:
    many = {"description": "One answer for each call, in turn.", "type": "array", "minItems": 1, "items": ref("answer")}
    return {"if": {"required": ["sequence"]}, "then": keys({"sequence": many}), "else": ref("answer")}


def _call() -> Schema:
    inputs = {"description": "Inputs it was called with; a list is for each call in turn.", "type": ["object", "array"]}
    return keys({"times": told("How often it was called.", _COUNT), "with": inputs})


def _expect(known: Mapping[str, str]) -> Schema:
    ids: Schema = {"type": "array", "items": _TEXT}
    step = keys({"status": words("How it ended.", STEP_STATUSES), "output": {"description": "What it gave."}})
    ordered = {"type": "array", "items": {"type": ["string", "object"]}}
    by_name = {
        "type": "object",
        "properties": {name: told(about, ref("call")) for name, about in known.items()},
        "additionalProperties": ref("call"),
    }
    error = keys({
        "step": {**_TEXT, "description": "The step that failed."},
        "type": words("What kind of failure.", _ERRORS),
        "message": {**_TEXT, "description": "A part of the message."},
    })  # fmt: skip
    return keys(
        {
            "status": words("How the run ended; succeeded, if left out.", STATUSES),
            "output": {"description": "What the playbook gave; a map may name some keys only."},
            "ran": told("Steps that ran.", ids),
            "not_ran": told("Steps that did not run.", ids),
            "steps": {"description": "Steps by id.", "type": "object", "additionalProperties": step},
            "calls": shapes.either("Calls by command, or in a list in the order they were made.", by_name, ordered),
            "error": {"description": "Why the run failed.", **error},
            "runs": told("How many runs the timeline started.", _COUNT),
        }
    )
