"""The JSON Schema of a playbook in one project, with its connections and their commands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from playbooks_engine.errors import BadProject
from playbooks_engine.language.checking.core_calls import NOT_AGAIN
from playbooks_engine.language.checking.declarations import TYPES
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.project import Project
from playbooks_engine.runtime.running.core_commands import CORE
from playbooks_engine.runtime.schema import shapes
from playbooks_engine.runtime.schema.inputs import definitions
from playbooks_engine.runtime.schema.shapes import Schema, duration, keys, named, ref, told, words
from playbooks_engine.runtime.schema.steps import STEPS, Called, step
from playbooks_engine.sdk import Command, Connection, Connector, HttpConnection

_ASKING = {"body", "title", "to"}
"""The inputs that an approval fills in the command it asks with."""

_SET = "Give names to values, which later steps read as steps.<id>.output."


def playbook_schema(project: Project, catalog: Catalog) -> Schema:
    """The schema; a connection whose connector is unavailable has no commands in it."""
    connectors = dict(_connectors(project, catalog))
    called = _core_calls()
    models: dict[str, type[Command]] = {f"core.{name}": model for name, model in CORE.items()}
    for name, model in commands(project, catalog).items():
        alias, _, command = name.partition(".")
        definition = f"{connectors[alias].name}.{command}"
        models[definition] = model
        called.setdefault(definition, Called(_about(model), never=_unfit(model))).commands.append(name)
    asking = [name for one, model in models.items() if _can_ask(model) for name in called[one].commands]
    streams = [f"{alias}.{stream}" for alias, connector in connectors.items() for stream in connector.streams]
    inputs = {**definitions(models), "core.set": {"description": called["core.set"].about, "type": "object"}}
    _complete_core(inputs, asking, streams)
    for definition, one in called.items():
        one.needs = "required" in inputs[definition] or "oneOf" in inputs[definition]
    uses = {name: one.about for one in called.values() for name in one.commands}
    return {
        "$schema": shapes.DRAFT,
        "title": "Playbook",
        "description": "A playbook of this project. Made by `playbooks schema`; make it again when connections change.",
        **keys(_top(connectors, catalog, streams), ["steps"]),
        "definitions": {
            "expression": shapes.EXPRESSION,
            "condition": {"type": ["string", "boolean"], "description": "An expression that is true or false."},
            "input": _input(),
            "step": step(uses, called),
            **inputs,
        },
    }


def commands(project: Project, catalog: Catalog) -> dict[str, type[Command]]:
    """The commands that playbooks of the project can use, by the name they use: `ops.get_schedules`."""
    return {
        f"{alias}.{name}": model
        for alias, connector in _connectors(project, catalog)
        for name, model in _offered(connector, project.connections[alias])
    }


def _connectors(project: Project, catalog: Catalog) -> Iterator[tuple[str, Connector]]:
    for alias, connection in project.connections.items():
        try:
            yield alias, catalog.connector(connection.connector)
        except BadProject:
            continue  # which `playbooks check` says


def _offered(connector: Connector, connection: Connection) -> Iterator[tuple[str, type[Command]]]:
    """The commands that exist at the connection's address."""
    for name, model in connector.commands.items():
        http = connection if isinstance(connection, HttpConnection) and name != connector.test else None
        if http is None or http.unoffered(model.spec.method, model.spec.path) is None:
            yield name, model


def _core_calls() -> dict[str, Called]:
    called = {"core.set": Called(_SET, ["core.set"])}
    called |= {f"core.{name}": Called(model.spec.summary, [f"core.{name}"]) for name, model in CORE.items()}
    for name, one in called.items():
        one.never = () if name == "core.find_events" else ("repeat",)
    for name in NOT_AGAIN:
        called[f"core.{name}"].never = ("retry", "once", "repeat")
    return called


def _unfit(model: type[Command]) -> tuple[str, ...]:
    """What is known to write is not asked again and again."""
    return () if model.spec.reads or model.spec.method == "ANY" else ("repeat",)


def _about(model: type[Command]) -> str:
    """What a command does, and what a connection must allow for it."""
    spec = model.spec
    if spec.reads:
        return f"{spec.summary} Reads {spec.area}."
    return f"{spec.summary} Needs `allow: {{{spec.area}: {'full' if spec.effect == 'destructive' else 'write'}}}`."


def _can_ask(model: type[Command]) -> bool:
    needed = {name for name, field in model.model_fields.items() if field.is_required()}
    return "body" in model.model_fields and not needed - _ASKING


def _complete_core(inputs: dict[str, Schema], asking: list[str], streams: list[str]) -> None:
    """What the declarations of core commands cannot know: the project's commands and streams."""
    approval = inputs["core.approval"]["properties"]
    approval["timeout"] = duration(approval["timeout"]["description"])
    approval["on_timeout"] = words(approval["on_timeout"]["description"], ("reject", "fail"), "reject")
    approval["via"] = words(approval["via"]["description"], asking)
    approval["inputs"] = named(ref("input"), approval["inputs"]["description"])
    inputs["core.wait"]["oneOf"] = [{"required": ["for"]}, {"required": ["until"]}]
    stream = inputs["core.find_events"]["properties"]["from"]
    stream["anyOf"] = [words("A stream of this project.", streams), ref("expression")]
    stream.pop("type", None)


def _top(connectors: Mapping[str, Connector], catalog: Catalog, streams: list[str]) -> dict[str, Schema]:
    mine = {
        alias: {"const": one.name, "description": f"The connection {alias} of this project: {one.title}."}
        for alias, one in connectors.items()
    }
    return {
        "version": {
            "description": "The version of the language; 1, if left out.",
            "type": "integer",
            "minimum": 1,
            "maximum": 1_000_000,
        },
        "name": shapes.name("What runs and messages call it; the name of the file, if left out."),
        "description": {"description": "When to use it, for people.", "type": "string"},
        "on": _triggers(streams),
        "inputs": named(ref("input"), "What a run is given."),
        "connections": {
            "description": "Each connection that the steps use, with its connector.",
            "type": "object",
            "properties": mine,
            "additionalProperties": {"enum": catalog.names},
        },
        "vars": named({}, "Named values, each seeing those above it; read as vars.<name>."),
        "concurrency": _concurrency(),
        "timeout": duration("The time for a whole run."),
        "steps": told("The steps, which run in this order.", STEPS),
        "on_error": told("Steps to run if the playbook failed.", STEPS),
        "always": told("Steps to run when the playbook ends, however it ends.", STEPS),
        "output": {"description": "What the playbook gives when it succeeds."},
    }


def _triggers(streams: list[str]) -> Schema:
    cron = {"type": "string", "examples": ["0 8 * * 1-5"], "description": "Minute hour day month weekday."}
    schedule = keys(
        {
            "every": duration("Time between two runs."),
            "cron": cron,
            "timezone": {"description": "The time zone of `cron`.", "type": "string", "examples": ["Europe/Berlin"]},
            "catch_up": words(
                "Which of the runs that were missed are made up for.",
                {"none": "None.", "last": "The last one.", "all": "All of them."},
                "last",
            ),
        },
        description="By the clock: every so often, or by a cron line.",
        oneOf=[{"required": ["every"]}, {"required": ["cron"]}],
        dependencies={"timezone": ["cron"]},
    )
    event = keys(
        {
            "from": words("The stream, such as ops.alerts.", streams),
            "where": told("A condition on the event, such as event.priority == 'P1'.", ref("condition")),
            "for": duration("How long the condition must hold without a break."),
            "existing": words(
                "What to do with events that match already when the trigger is new.",
                {"baseline": "Note them, and run for none.", "fire": "Run for each."},
                "baseline",
            ),
        },
        ["from"],
        "When a stored event enters the condition.",
    )
    return keys({"schedule": schedule, "event": event}, description="What starts it by itself.")


def _concurrency() -> Schema:
    return keys(
        {
            "key": {
                "description": "Runs with the same key go one after the other.",
                "type": ["string", "number", "boolean"],
            },
            "when_busy": words(
                "What a run does while another one has the key.",
                {"queue": "It waits for its turn.", "skip": "It is left out."},
                "queue",
            ),
        },
        description="Which runs go one after the other.",
        minProperties=1,
    )


def _input() -> Schema:
    return keys(
        {
            "type": words("What it is.", TYPES),
            "items": words("What each item of a list is.", TYPES),
            "enum": {"description": "The values it may have.", "type": "array", "minItems": 1},
            "default": {"description": "Its value where none is given; without a default it must be given."},
            "description": {"description": "What it is for, for people.", "type": "string"},
        },
        ["type"],
        allOf=[{"if": {"required": ["items"]}, "then": {"properties": {"type": {"const": "list"}}}}],
    )
