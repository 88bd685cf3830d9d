"""A test file against its project: what it names is there, and what it gives is what a service could have given."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from playbooks_engine.errors import EngineError, Finding, InvalidInput
from playbooks_engine.language.inputs import accept, accept_inputs
from playbooks_engine.language.mapping import FieldMapping
from playbooks_engine.language.playbook import Call, Playbook, Step
from playbooks_engine.language.position import Position
from playbooks_engine.language.reading import read
from playbooks_engine.language.reading.validation import locate
from playbooks_engine.language.suggesting import did_you_mean
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.library import Loaded
from playbooks_engine.runtime.mappings import mapping_of
from playbooks_engine.runtime.project import Project
from playbooks_engine.runtime.streams import source
from playbooks_engine.sdk import Command
from playbooks_engine.sdk.giving import mismatches
from playbooks_engine.testing.playbooks.arriving import NoEvent, arrival, changed
from playbooks_engine.testing.playbooks.suite import Answer, GivenEvent, Suite, Test, Verdict, named


def against(suite: Suite, loaded: Loaded, project: Project, catalog: Catalog, bound: Mapping[str, str]) -> Suite:
    """The suite with everything that its project has to say about it."""
    check = _Check(suite, loaded, project, catalog, bound)
    found = [*check.answers(), *check.expectations(), *(one for test in suite.tests for one in check.test(test))]
    ordered = sorted(dict.fromkeys(found), key=lambda one: (one.line, one.column, one.code))
    return replace(suite, findings=(*suite.findings, *ordered))


@dataclass(frozen=True)
class _Here:
    """What a mapping is found by, without the engine that has a store, too."""

    project: Project
    catalog: Catalog


class _Check:
    """The checks of one file."""

    def __init__(
        self, suite: Suite, loaded: Loaded, project: Project, catalog: Catalog, bound: Mapping[str, str]
    ) -> None:
        self._suite = suite
        self._loaded = loaded
        self._project = project
        self._catalog = catalog
        self._bound = bound
        self._document = read(suite.path.read_bytes(), suite.file)
        self._steps = dict(_steps_of(loaded.playbook, loaded.path, loaded))
        self._commands = dict(_commands_of(loaded, catalog))

    # answers

    def answers(self) -> Iterator[Finding]:
        for name, given, of_step in self._suite.given():
            command: type[Command] | None
            if of_step:
                step = self._steps.get(name)
                command = self._command_of(step)
                if step is None:
                    yield self._no_step(name, given.position)
                elif command is None:
                    told = f"step {name} calls no command of a connection, so it takes no answer"
                    yield self._finding("E601", given.position, told, "name a step with `uses: ALIAS.COMMAND`")
            else:
                command = self._commands.get(name)
                if command is None:
                    yield self._no_command(name, given.position)
            for answer in given.answers if command is not None else ():
                yield from self._fits(command, answer)

    def _fits(self, command: type[Command] | None, answer: Answer) -> Iterator[Finding]:
        assert command is not None  # noqa: S101 - asked by the caller
        for one in mismatches(command.spec.gives, answer.output) if answer.error is None else ():
            code = "W601" if one.kind == "unknown" else "E602"
            place = self._inside(answer.position, one.path, at_key=one.kind != "wrong")
            yield self._finding(code, place, f"{command.spec.name}: {one.message}", one.suggestion)

    def _inside(self, start: Position, path: tuple[str | int, ...], *, at_key: bool) -> Position:
        """Where a part of the value at `start` stands in the file."""
        waiting = [self._document.root]
        while waiting:
            node = waiting.pop()
            if node is None:
                continue
            if node.position == start:
                return locate(node, path, at_key=at_key)
            pairs = getattr(node, "pairs", ())
            waiting += [pair.value for pair in pairs] + list(getattr(node, "items", ()) if not pairs else ())
        return start

    # expectations

    def expectations(self) -> Iterator[Finding]:
        for test in self._suite.tests:
            expect = test.expect
            for name, position in (*expect.ran, *expect.not_ran):
                if not self._known(name):
                    yield self._no_step(name, position)
            for step in expect.steps:
                if not self._known(step.name):
                    yield self._no_step(step.name, step.position)
            for call in expect.calls:
                command = self._commands.get(call.command)
                if command is None:
                    yield self._no_command(call.command, call.position)
                    continue
                for given in call.inputs:
                    for key in given:
                        if key not in command.model_fields:
                            known = f"the inputs are: {', '.join(command.model_fields)}"
                            fix = did_you_mean(key, command.model_fields, known)
                            yield self._finding("E601", call.position, f"{call.command} has no input '{key}'", fix)
            step_name = (expect.error or {}).get("step")
            if step_name and step_name not in {path.rpartition("/")[2] for path in self._steps}:
                yield self._no_step(step_name, expect.places["error"])

    # tests

    def test(self, test: Test) -> Iterator[Finding]:
        trigger = self._loaded.playbook.event
        if test.timeline and trigger is None:
            moments = [one for one in test.timeline if one.event is not None or one.change is not None]
            if self._loaded.playbook.schedule is None or moments:
                position = (moments or test.timeline)[0].position
                told = f"{self._loaded.playbook.name} is started by no event, so nothing comes of this"
                yield self._finding("E601", position, told, "remove `timeline`")
                return
        for name, verdict in test.approvals.items():
            step = self._steps.get(name)
            if not (isinstance(step, Call) and step.uses.text == "core.approval"):
                told = f"step {name} asks nobody" if step is not None else ""
                yield self._finding("E601", verdict.position, told) if told else self._no_step(name, verdict.position)
            elif verdict.decision == "approved":
                yield from self._filled_in(test, step, verdict)
        if not test.timeline:
            yield from self._inputs(test)
        yield from self._events(test)

    def _filled_in(self, test: Test, step: Call, verdict: Verdict) -> Iterator[Finding]:
        try:
            accept(step.asked, verdict.inputs, test.now, f"step {step.id}", how="add it: inputs: {{{}: ...}}")
        except InvalidInput as error:
            yield self._finding("E602", verdict.position, error.message.rstrip("."), error.hint)

    def _inputs(self, test: Test) -> Iterator[Finding]:
        try:
            accept_inputs(self._loaded.playbook, test.inputs, test.now)
        except InvalidInput as error:
            fix = error.hint if "--input" not in (error.hint or "") else "give it under `inputs:`"
            yield self._finding("E602", test.position, error.message.rstrip("."), fix)

    def _events(self, test: Test) -> Iterator[Finding]:
        trigger = self._loaded.playbook.event
        standing = trigger.stream if trigger else ""
        before: dict[str, Mapping[str, object]] = {}
        for given in (*test.events, *((test.event,) if test.event and not test.timeline else ())):
            yield from self._event(test, given, given.stream or standing, before)
        for entry in test.timeline:
            if entry.event is not None:
                yield from self._event(test, entry.event, standing, before)
            if entry.change is None:
                continue
            key = entry.key or next(reversed(before), "")
            if key not in before:
                told = f"there is no event '{key}' to change yet" if key else "there is no event to change yet"
                yield self._finding("E601", entry.position, told, "let an event arrive before it")
                continue
            yield from self._event(test, entry.change, standing, before, key)

    def _event(
        self, test: Test, given: GivenEvent, stream: str, before: dict[str, Mapping[str, object]], key: str = ""
    ) -> Iterator[Finding]:
        if not stream:
            told = f"{self._loaded.playbook.name} is started by no event, so the stream of this one is not known"
            yield self._finding("E602", given.position, told, "add stream: ALIAS.STREAM, such as ops.alerts")
            return
        try:
            mapping = self._mapping(stream)
            if key:
                event = changed(mapping, stream, before[key], given, test.now)
            else:
                event = arrival(mapping, stream, given, test.now)
        except NoEvent as wrong:
            lines, place = given.places.get(wrong.name, (self._suite.lines, given.position))
            yield lines.finding("E602", place, wrong.message, wrong.suggestion)
        except EngineError as error:
            yield self._finding("E602", given.position, error.message.rstrip("."), error.hint)
        else:
            before[event.key] = event.raw

    def _mapping(self, stream: str) -> FieldMapping:
        here: Any = _Here(self._project, self._catalog)
        return mapping_of(here, source(here, named(stream, self._bound)))[0]

    # names

    def _known(self, name: str) -> bool:
        plain = name.replace("[", "/[").split("/")
        return name in self._steps or "/".join(p for p in plain if not p.startswith("[")) in self._steps

    def _command_of(self, step: Step | None) -> type[Command] | None:
        if not isinstance(step, Call):
            return None
        return self._commands.get(step.via.text if step.via is not None else step.uses.text)

    def _no_step(self, name: str, position: Position) -> Finding:
        known = [path for path in self._steps if "/" not in path]
        fix = did_you_mean(name, self._steps, f"the steps are: {', '.join(known[:20])}")
        return self._finding("E601", position, f"{self._loaded.playbook.name} has no step '{name}'", fix)

    def _no_command(self, name: str, position: Position) -> Finding:
        fix = did_you_mean(name, self._commands, f"it calls: {', '.join(self._commands) or 'none'}")
        return self._finding("E601", position, f"{self._loaded.playbook.name} never calls {name}", fix)

    def _finding(self, code: str, position: Position, message: str, suggestion: str | None = None) -> Finding:
        return self._suite.lines.finding(code, position, message, suggestion)


def _steps_of(playbook: Playbook, file: str, loaded: Loaded, prefix: str = "") -> Iterator[tuple[str, Step]]:
    """The steps by id and by path; those of a sub-playbook stand behind the id of the step that uses it."""
    yield from _below((*playbook.steps, *playbook.on_error, *playbook.always), prefix, prefix)
    for step in playbook.every_step():
        if isinstance(step, Call) and step.uses.kind == "playbook":
            part = posixpath.normpath(posixpath.join(posixpath.dirname(file), step.uses.path))
            yield from _steps_of(loaded.parts[part], part, loaded, f"{prefix}{step.id}/")


def _below(steps: Iterable[Step], prefix: str, path: str) -> Iterator[tuple[str, Step]]:
    for step in steps:
        yield prefix + step.id, step
        yield path + step.id, step
        yield from _below(step.children(), prefix, f"{path}{step.id}/")


def _commands_of(loaded: Loaded, catalog: Catalog) -> Iterator[tuple[str, type[Command]]]:
    """Every command that the playbook or a part of it may call, as it writes it."""
    for playbook in (loaded.playbook, *loaded.parts.values()):
        for step in playbook.every_step():
            for uses in (step.uses, step.via) if isinstance(step, Call) else ():
                if uses is not None and uses.kind == "command":
                    connector = catalog.connector(playbook.connections[uses.alias])
                    yield uses.text, connector.commands[uses.name]
