"""Checking a playbook against its project: connections, commands, inputs, streams, sub-playbooks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from playbooks_engine.errors import BadProject, Finding, InvalidInput
from playbooks_engine.language.expressions import Condition, Value
from playbooks_engine.language.inputs import as_type
from playbooks_engine.language.playbook import Call, EventTrigger, Playbook, Position, Uses
from playbooks_engine.language.reading import sentence
from playbooks_engine.language.reading.tree import Lines
from playbooks_engine.language.suggesting import did_you_mean, nearest
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.permissions import judge
from playbooks_engine.runtime.project import Project
from playbooks_engine.runtime.running.core_commands import CORE
from playbooks_engine.sdk import Command, Connection, Connector, HttpConnection

CODES: dict[str, str] = {
    "E210": "The connector has no such command.",
    "E220": "The project has no connection for an alias.",
    "E221": "The connection belongs to another connector, or its connector is unavailable.",
    "E222": "An input of a command or playbook is unknown, missing, or has a wrong value.",
    "E223": "The connection is not active.",
    "E224": "The connector has no such stream.",
    "E225": "The address of the connection does not offer the command.",
    "E227": "`repeat` stands on a command that writes.",
    "E228": "`via` is not a command that can ask.",
    "W224": "A stream is waited for that the project does not fetch.",
    "W225": "The connection does not allow what a step does.",
    "W226": "A playbook reads a field of its event that the stream's mapping does not have.",
    "E251": "A sub-playbook is missing, or outside the project folder.",
    "E252": "Playbooks use each other in a circle.",
    "E253": "Sub-playbooks are nested too deep.",
    "E254": "Two playbooks have the same name.",
    "E501": "project.yml has an unknown key, or a value that cannot be used.",
    "E502": "A setting is not supported yet.",
    "E503": "A connection cannot be used as it stands.",
    "E504": "The connector has no such area or stream.",
    "E505": "A stream's settings would miss events, or name a file that is not there.",
}
"""What the codes of these checks and of project.yml mean."""


def against_project(playbook: Playbook, project: Project, catalog: Catalog, bound: Mapping[str, str]) -> list[Finding]:
    """What is wrong with the playbook in this project; `bound` binds aliases to other connections."""
    check = _Check(playbook, project, catalog, bound)
    return [*check.connections(), *check.trigger(), *check.calls()]


def sub_playbook_inputs(playbook: Playbook, step: Call, part: Playbook) -> list[Finding]:
    """What is wrong with the `with` of a step that uses another playbook."""
    found = []
    given = step.inputs.parts
    if given is None:
        return []  # it could not be read, which was said
    for name, value in given.items():
        if name not in part.inputs:
            known = f"its inputs are: {', '.join(part.inputs) or 'none'}"
            fix = did_you_mean(name, part.inputs, known)
            place = step.input_positions.get(name, step.uses_position)
            found.append(finding(playbook, place, "E222", f"{part.name} has no input '{name}'", fix))
        elif value.constant:
            try:
                as_type(part.inputs[name], value.evaluate(_NOWHERE))
            except InvalidInput as error:
                place = step.value_positions.get(name, step.uses_position)
                found.append(finding(playbook, place, "E222", f"the input '{name}' {error.message}", error.hint))
    for name, declared in part.inputs.items():
        if declared.required and name not in given:
            found.append(
                finding(
                    playbook, step.uses_position, "E222", f"{part.name} needs the input '{name}'", f"add {name}: ..."
                )
            )
    return found


_FILLED = {"body", "title", "to"}
"""The inputs of a command that asks, which the approval fills."""


class _Check:
    """The checks of one playbook."""

    def __init__(self, playbook: Playbook, project: Project, catalog: Catalog, bound: Mapping[str, str]) -> None:
        self._playbook = playbook
        self._project = project
        self._catalog = catalog
        self._bound = bound
        self._connectors: dict[str, Connector | None] = {}

    def connections(self) -> Iterator[Finding]:
        for alias, kind in self._playbook.connections.items():
            place = self._playbook.connection_positions.get(alias, Position(1, 1))
            name = self._bound.get(alias, alias)
            connection = self._project.connections.get(name)
            if self._connector(kind) is None:
                yield self._finding(place, "E221", *self._unavailable(kind))
            if connection is None:
                there = ", ".join(self._project.connections) or "none"
                fix = did_you_mean(name, self._project.connections, f"project.yml has: {there}")
                yield self._finding(place, "E220", f"project.yml has no connection '{name}'", fix)
            elif connection.connector != kind:
                message = f"connection '{name}' is of connector {connection.connector}, and {kind} is needed"
                yield self._finding(place, "E221", message, f"bind another one: --connection {alias}=NAME")
            elif not connection.active:
                yield self._finding(place, "E223", f"connection '{name}' is not active", "set `active: true` for it")

    def trigger(self) -> Iterator[Finding]:
        event = self._playbook.event
        if event is None:
            return
        alias, _, stream = event.stream.partition(".")
        connector = self._connector(self._playbook.connections.get(alias, ""))
        if connector is None:
            return
        if stream not in connector.streams:
            fix = did_you_mean(stream, connector.streams, f"there are: {', '.join(connector.streams) or 'none'}")
            yield self._finding(event.position, "E224", f"{connector.name} has no stream '{stream}'", fix)
            return
        connection = self._project.connections.get(self._bound.get(alias, alias))
        if connection is not None and stream not in connection.fetch:
            message = f"the project does not fetch {event.stream}, so this never starts by itself"
            yield self._finding(event.position, "W224", message, f"add `fetch: {{{stream}: {{every: 1m}}}}`")
        yield from self._fields(event, connector, stream, connection)

    def _fields(
        self, event: EventTrigger, connector: Connector, stream: str, connection: Connection | None
    ) -> Iterator[Finding]:
        """A condition that reads a field which no event has would never start anything, and a step would fail."""
        from playbooks_engine.runtime.mappings import field_names  # JSONPath, which most checks do without

        settings = connection.fetch.get(stream) if connection else None
        known = field_names(
            self._project, connector, connector.streams[stream], settings.mapping if settings else "default"
        )
        for path in sorted(event.where.names if event.where and known else (), key=str):
            if len(path) > 1 and path[0] == "event" and path[1] not in known:
                fix = did_you_mean(str(path[1]), known, f"the fields are: {', '.join(sorted(known))}")
                message = f"events of {event.stream} have no field '{path[1]}', so this never starts by itself"
                yield self._finding(event.position, "W226", message, fix)
        for place, value in self._values() if known else ():
            for one in value.references:
                if one.path[0] == "event" and len(one.path) > 1 and one.path[1] not in known and not one.defaulted:
                    fix = did_you_mean(str(one.path[1]), known, f"the fields are: {', '.join(sorted(known))}")
                    message = f"events of {event.stream} have no field '{one.path[1]}'"
                    yield self._finding(place, "W226", message, fix)

    def _values(self) -> Iterator[tuple[Position, Value | Condition]]:
        """Every expression that a run evaluates, and about where it stands."""
        playbook, top = self._playbook, Position(1, 1)
        key = playbook.concurrency.key if playbook.concurrency else None
        yield from ((top, value) for value in (*playbook.vars.values(), key, playbook.output) if value is not None)
        for step in playbook.every_step():
            yield from ((step.position, value) for value in (step.when, step.for_each) if value is not None)
            if isinstance(step, Call):
                if step.once is not None:
                    yield step.position, step.once.key
                for name, value in (step.inputs.parts or {}).items():
                    yield step.value_positions.get(name, step.position), value

    def calls(self) -> Iterator[Finding]:
        for step in self._playbook.every_step():
            if not isinstance(step, Call):
                continue
            if step.uses.kind == "core" and step.uses.name in CORE:
                yield from self._inputs(step, CORE[step.uses.name])
            elif step.uses.kind == "command":
                yield from self._command(step)
            if step.uses.text == "core.find_events":
                yield from self._searched(step)
            if step.via is not None:
                yield from self._via(step, step.via)

    def _command(self, step: Call) -> Iterator[Finding]:
        alias, name = step.uses.alias, step.uses.name
        connector = self._connector(self._playbook.connections.get(alias, ""))
        if connector is None:
            return
        if name not in connector.commands:
            near = nearest(name, connector.commands)
            fix = f"did you mean {alias}.{near}?" if near else f"see: playbooks connections describe {alias}"
            yield self._finding(step.uses_position, "E210", f"{connector.name} has no command '{name}'", fix)
            return
        command = connector.commands[name]
        if name != connector.test:  # which says of every address what there is to know
            yield from self._offer(step, alias, command)
        if step.repeat is not None and not reads(step, command):
            message = f"`repeat` makes the call again and again, and {name} writes"
            yield self._finding(
                step.uses_position, "E227", message, "put `repeat` on the command that reads the result"
            )
        yield from self._permission(alias, command, step.uses_position)
        yield from self._inputs(step, command)

    def _via(self, step: Call, via: Uses) -> Iterator[Finding]:
        """What an approval asks with: a command that takes a text, and nothing that nobody would fill in."""
        place = step.value_positions.get("via", step.uses_position)
        connector = self._connector(self._playbook.connections.get(via.alias, ""))
        if connector is None:
            return
        if via.name not in connector.commands:
            near = nearest(via.name, connector.commands)
            fix = f"did you mean {via.alias}.{near}?" if near else f"see: playbooks connections describe {via.alias}"
            yield self._finding(place, "E210", f"{connector.name} has no command '{via.name}'", fix)
            return
        command = connector.commands[via.name]
        needed = {field.alias or name for name, field in command.model_fields.items() if field.is_required()}
        if "body" not in command.model_fields or needed - _FILLED:
            why = (
                "takes no `body`"
                if "body" not in command.model_fields
                else f"needs {', '.join(sorted(needed - _FILLED))}"
            )
            message = f"{via.text} cannot ask: it {why}"
            yield self._finding(place, "E228", message, "use a command that sends a message, such as send of notify")
        yield from self._permission(via.alias, command, place)

    def _searched(self, step: Call) -> Iterator[Finding]:
        """A stream that nothing fills has no events, and a search in it would quietly find none."""
        source = (step.inputs.parts or {}).get("from")
        text = source.evaluate(_NOWHERE) if source is not None and source.constant else None
        if not isinstance(text, str):
            return
        place = step.value_positions.get("from", step.uses_position)
        alias, _, stream = text.partition(".")
        connection = self._project.connections.get(self._bound.get(alias, alias))
        connector = self._connector(connection.connector) if connection is not None else None
        if connection is None:
            there = ", ".join(self._project.connections) or "none"
            fix = did_you_mean(alias, self._project.connections, f"project.yml has: {there}")
            yield self._finding(place, "E220", f"project.yml has no connection '{alias}'", fix)
        elif connector is not None and stream not in connector.streams:
            fix = did_you_mean(stream, connector.streams, f"there are: {', '.join(connector.streams) or 'none'}")
            yield self._finding(place, "E224", f"{connector.name} has no stream '{stream}'", fix)
        elif stream not in connection.fetch:
            message = f"the project does not fetch {text}, so nothing is found in it"
            yield self._finding(place, "W224", message, f"add `fetch: {{{stream}: {{every: 1m}}}}`")

    def _offer(self, step: Call, alias: str, command: type[Command]) -> Iterator[Finding]:
        """A step whose call does not exist at the connection's address would fail whatever its inputs are."""
        connection = self._project.connections.get(self._bound.get(alias, alias))
        if isinstance(connection, HttpConnection):
            missing = connection.unoffered(command.spec.method, command.spec.path)
            if missing is not None:
                message = f"connection '{self._bound.get(alias, alias)}' does not offer {command.spec.name}"
                yield self._finding(step.uses_position, "E225", message, missing.hint)

    def _permission(self, alias: str, command: type[Command], place: Position) -> Iterator[Finding]:
        """A step that the connection does not allow would fail at night; what depends on inputs shows only then."""
        connection = self._project.connections.get(self._bound.get(alias, alias))
        spec = command.spec
        if connection is None or spec.method == "ANY":
            return
        verdict = judge(connection.allow, spec.area, spec.effect)
        if not verdict.allowed:
            name = self._bound.get(alias, alias)
            message = f"connection '{name}' does not allow this: {verdict.rule}"
            fix = f"write `allow: {{{verdict.needed}}}` for it in project.yml, if it should"
            yield self._finding(place, "W225", message, fix)

    def _inputs(self, step: Call, model: type[BaseModel]) -> Iterator[Finding]:
        """Unknown and missing inputs, and values that are wrong whatever the expressions give."""
        parts = step.inputs.parts
        if parts is None:
            return  # it could not be read, which was said
        names = {field.alias or name for name, field in model.model_fields.items()}
        known = {key: value.evaluate(_NOWHERE) for key, value in parts.items() if value.constant}
        for key in parts:
            if key not in names:
                fix = did_you_mean(key, names, f"the inputs are: {', '.join(sorted(names)) or 'none'}")
                place = step.input_positions.get(key, step.uses_position)
                yield self._finding(place, "E222", f"{step.uses.text} has no input '{key}'", fix)
        try:
            model.model_validate({key: value for key, value in known.items() if key in names})
        except ValidationError as error:
            yield from self._wrong_values(step, error, set(parts) - set(known))

    def _wrong_values(self, step: Call, error: ValidationError, dynamic: set[str]) -> Iterator[Finding]:
        """One finding for each value, however many of its possible types it does not fit."""
        wrong: dict[Position, str] = {}
        for one in error.errors(include_url=False, include_input=False):
            loc = [str(part) for part in one["loc"]]
            if not loc or loc[0] in dynamic:
                continue
            if one["type"] == "missing" and len(loc) == 1:
                message = f"{step.uses.text} needs the input '{loc[0]}'"
                yield self._finding(step.uses_position, "E222", message, f"add {loc[0]}: ...")
                continue
            paths = [".".join(loc[:length]) for length in range(len(loc), 0, -1)]
            known = [step.value_positions[path] for path in paths if path in step.value_positions]
            place, said = known[0] if known else step.uses_position, sentence(one, loc[0])
            wrong[place] = f"{wrong[place]}, or: {said}" if place in wrong else said
        for place, message in wrong.items():
            yield self._finding(place, "E222", message, None)

    def _connector(self, kind: str) -> Connector | None:
        if kind not in self._connectors:
            try:
                self._connectors[kind] = self._catalog.connector(kind) if kind else None
            except BadProject:
                self._connectors[kind] = None
        return self._connectors[kind]

    def _unavailable(self, kind: str) -> tuple[str, str | None]:
        try:
            self._catalog.connector(kind)
        except BadProject as error:
            return error.message.rstrip("."), error.hint
        return "", None

    def _finding(self, place: Position, code: str, message: str, suggestion: str | None) -> Finding:
        return finding(self._playbook, place, code, message, suggestion)


def reads(step: Call, command: type[Command]) -> bool:
    """Whether the call only reads, as far as it can be told before its inputs are known."""
    if command.spec.method != "ANY":
        return command.spec.reads
    method = (step.inputs.parts or {}).get("method")
    if method is not None and not method.constant:
        return True  # which the run will see
    known = {} if method is None else {"method": method.evaluate(_NOWHERE)}
    return command.model_construct(**known).reads


def finding(playbook: Playbook, place: Position, code: str, message: str, suggestion: str | None = None) -> Finding:
    """A finding in the playbook's file, with its source line."""
    return Lines(playbook.file, tuple(playbook.text.split("\n"))).finding(code, place, message, suggestion)


class _Nowhere:
    """The scope of a constant: it looks at nothing."""

    roots: Mapping[str, Any] = {}
    now: Any = None


_NOWHERE: Any = _Nowhere()
