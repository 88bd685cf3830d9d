"""Which names an expression may use where it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from playbooks_engine.errors import BY_TYPE
from playbooks_engine.language.checking.keys import Report
from playbooks_engine.language.expressions.scope import ROOTS
from playbooks_engine.language.expressions.values import Reference
from playbooks_engine.language.position import Position
from playbooks_engine.language.reading import ScalarNode
from playbooks_engine.language.suggesting import did_you_mean

STEP_FIELDS = ("status", "output", "error", "attempts", "started_at", "duration", "results", "raw")
RUN_FIELDS = ("id", "playbook", "status", "trigger", "started_at", "url")
STEP_STATUSES: tuple[str, ...] = ("succeeded", "failed", "skipped", "reused", "timed_out", "cancelled")
RUN_STATUSES: tuple[str, ...] = ("succeeded", "succeeded_with_errors", "failed", "timed_out", "cancelled")
DECISIONS: tuple[str, ...] = ("approved", "rejected", "expired")
_MEANWHILE = ("running", "waiting", "planned")
"""What a status can be besides: nobody should wait for it, and it is no typo."""
ERROR_FIELDS = ("step", "command", "type", "message", "status_code", "hint", "request_id")


@dataclass(frozen=True)
class Guard:
    """A reason why a step may not run: a condition (with its text), or a failure before it."""

    owner: str
    branch: str
    when: str = ""


@dataclass(frozen=True)
class Seen:
    """A step that an expression can name, and what it hangs on."""

    guards: frozenset[Guard] = frozenset()
    loops: bool = False
    block: bool = False
    output: tuple[str, ...] | None = None

    def behind(self, guard: Guard) -> Seen:
        """The same, hanging on one thing more."""
        return replace(self, guards=self.guards | {guard})


@dataclass(frozen=True)
class Names:
    """What is in scope at one place.

    `inputs` and `vars` are those that can be named (None: not known here), `apart` the steps of other branches,
    `asked` the steps whose status an enclosing condition reads, `handling` tells that the run is ending or a step has
    failed, `output` that a call's fresh output can be read.
    """

    steps: Mapping[str, Seen] = field(default_factory=dict)
    inputs: frozenset[str] | None = frozenset()
    vars: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    guards: frozenset[Guard] = frozenset()
    whens: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    apart: frozenset[str] = frozenset()
    handling: bool = False
    output: bool = False
    has_event: bool = False
    only: tuple[str, ...] | None = None
    place: str = ""

    def under(self, guard: Guard, references: tuple[Reference, ...] = ()) -> Names:
        """The names for what runs only when the guard lets it; `references` are those of its condition."""
        asked = self.asked | asked_in(references)
        return replace(self, guards=self.guards | {guard}, whens=self.whens | {guard.when} - {""}, asked=asked)

    def seeing(self, steps: Mapping[str, Seen]) -> Names:
        """The names with more steps in view."""
        return replace(self, steps={**self.steps, **steps})

    def seeing_output(self) -> Names:
        """The names for a condition on what a call has just given."""
        return replace(self, output=True)

    def all_behind(self, guard: Guard, steps: Mapping[str, Seen]) -> Names:
        """The names for handlers, where each of these steps may not have run."""
        return self.seeing({name: seen.behind(guard) for name, seen in steps.items()})


@dataclass
class Naming:
    """Checks references against the names in scope; knows all steps of the file, to say where one is."""

    report: Report
    every_step: dict[str, Position] = field(default_factory=dict)
    every_var: tuple[str, ...] = ()
    read_vars: set[str] = field(default_factory=set)
    event_warned: bool = False

    def check(self, references: tuple[Reference, ...], node: ScalarNode, names: Names) -> None:
        """Report each reference that cannot be meant."""
        asked = asked_in(references)
        if asked - names.asked:
            names = replace(names, asked=names.asked | asked)
        for reference in references:
            root = reference.path[0]
            if names.only is not None and root not in names.only and root in (*ROOTS, *names.items):
                seen = ", ".join(names.only) or "functions such as now()"
                message = f"{names.place} cannot use `{root}`"
                self.report.add("E306", _part(reference, node, 0), message, f"it sees only {seen}")
            elif root in names.items:
                continue
            elif reference.words and root in ("steps", "run", "error"):
                self._compared(reference, node, names)
                _JUDGES[root](self, reference, node, names)
            else:
                judge = _JUDGES.get(root, Naming._nothing)
                judge(self, reference, node, names)

    def _compared(self, reference: Reference, node: ScalarNode, names: Names) -> None:
        """Doubt a comparison with a word that a status, a decision or a type of error never is."""
        known: tuple[str, ...]
        match reference.path:
            case ("steps", _, "status"):
                what, known = "the status of a step", STEP_STATUSES
            case ("steps", str() as name, "output", "decision") if _approves(names.steps.get(name)):
                what, known = "a decision", DECISIONS
            case ("run", "status"):
                what, known = "the status of a run", RUN_STATUSES
            case ("error", "type") | ("steps", _, "error", "type"):
                what, known = "the type of an error", tuple(sorted(BY_TYPE))
            case _:
                return
        for word, offset in reference.words:
            if word not in known and word not in _MEANWHILE:
                hint = did_you_mean(word, known, f"it is one of: {', '.join(known)}")
                place = node.place(offset, len(word) + 2)
                self.report.add("W306", place, f"{what} is never '{word[:60]}', so this never holds", hint)

    def _nothing(self, reference: Reference, node: ScalarNode, names: Names) -> None:
        root = str(reference.path[0])
        unnamed = ("item",) if names.output else ("item", "output")
        known = [*(names.only or (r for r in ROOTS if r not in unnamed)), *names.items]
        near = did_you_mean(root, known, f"there is: {', '.join(known)}")
        hint = f"did you mean steps.{root}.output?" if root in self.every_step else near
        self.report.add("E302", _part(reference, node, 0), f"there is no name '{root}'", hint)

    def _output(self, reference: Reference, node: ScalarNode, names: Names) -> None:
        if not names.output:
            message = "`output` has a meaning only in the `until` of a repeat"
            self.report.add("E306", _part(reference, node, 0), message, "read steps.<id>.output")

    def _run(self, reference: Reference, node: ScalarNode, names: Names) -> None:
        self._field(reference, node, "run", RUN_FIELDS)

    def _step(self, reference: Reference, node: ScalarNode, names: Names) -> None:
        if len(reference.path) < 2:
            return
        name = str(reference.path[1])
        seen = names.steps.get(name)
        if seen is None:
            place = _part(reference, node, 1)
            if name in names.apart:
                message = f"the step '{name}' stands in another branch: branches of a parallel cannot see each other"
                self.report.add("E304", place, message, "read it in a step after the parallel")
            elif name in self.every_step:
                line = self.every_step[name].line
                message = f"the step '{name}' (line {line}) is not visible here"
                later = line > node.position.line
                hint = "only earlier steps are" if later else "steps inside a for_each are visible only inside it"
                self.report.add("E304", place, message, hint)
            else:
                known = ", ".join(names.steps) or "none yet"
                near = did_you_mean(name, [*names.steps, *self.every_step], f"the steps before this are: {known}")
                self.report.add("E304", place, f"there is no step '{name}'", near)
            return
        if len(reference.path) < 3:
            return
        if not self._field(reference, node, f"step '{name}'", STEP_FIELDS, 2):
            return
        self._given(reference, node, name, seen)
        if reference.path[2] in ("output", "raw") and not reference.defaulted and name not in names.asked:
            self._unsure(reference, node, names, seen)

    def _unsure(self, reference: Reference, node: ScalarNode, names: Names, seen: Seen) -> None:
        """Doubt what is read of a step that may have nothing to read."""
        unmet = [g for g in seen.guards - names.guards if not g.when or g.when not in names.whens]
        if unmet:
            _, name, what = reference.path[:3]
            reason = "may have been skipped" if any(g.when for g in unmet) else "may not have run"
            if all(g.owner == name and g.branch == "failed" for g in unmet):
                reason = "may have failed"
            hint = "add `| default(...)`, or read it under the same condition"
            message = f"the step '{name}' {reason}, and then it has no {what}"
            self.report.add("W301", _part(reference, node, 1), message, hint)

    def _given(self, reference: Reference, node: ScalarNode, name: str, seen: Seen) -> None:
        """What is read of a step must be something that a step of its kind has."""
        what = reference.path[2]
        if what == "results" and not seen.loops:
            message = f"the step '{name}' is no loop, so it has no results"
            self.report.add("E303", _part(reference, node, 2), message, f"read steps.{name}.output")
        elif what == "output" and seen.block and not reference.defaulted:
            kind = "a loop over a block" if seen.loops else "a block"
            hint = f"read steps.{name}.results" if seen.loops else "read a step inside it"
            message = f"'{name}' is {kind}: its output is always null"
            self.report.add("W305", _part(reference, node, 2), message, hint)
        elif what == "output" and seen.output is not None and not seen.loops:
            self._field(reference, node, f"the output of '{name}'", seen.output, 3)

    def _var(self, reference: Reference, node: ScalarNode, names: Names) -> None:
        if len(reference.path) < 2:
            self.read_vars.update(self.every_var)
            return
        name = str(reference.path[1])
        self.read_vars.add(name)
        if name in names.vars:
            return
        place = _part(reference, node, 1)
        if name in self.every_var:
            message = f"vars.{name} has no value yet: each var sees those above it"
            self.report.add("E303", place, message, f"move {name} up")
            return
        known = f"the vars are: {', '.join(names.vars)}" if names.vars else "declare it under vars:"
        self.report.add("E303", place, f"there is no var '{name}'", did_you_mean(name, names.vars, known))

    def _input(self, reference: Reference, node: ScalarNode, names: Names) -> None:
        if len(reference.path) > 1 and names.inputs is not None and reference.path[1] not in names.inputs:
            name = str(reference.path[1])
            known = sorted(names.inputs)
            hint = did_you_mean(
                name, known, f"the inputs are: {', '.join(known)}" if known else "declare it under inputs:"
            )
            self.report.add("E303", _part(reference, node, 1), f"there is no input '{name}'", hint)

    def _event(self, reference: Reference, node: ScalarNode, names: Names) -> None:
        # A run may be given one with --event, so this is a doubt and not an error; once in a file is enough.
        if not names.has_event and not self.event_warned:
            self.event_warned = True
            hint = "add on: {event: ...}, or always run it with --event"
            place = _part(reference, node, 0)
            self.report.add("W304", place, "this playbook has no event trigger, so a run may have no event", hint)

    def _error(self, reference: Reference, node: ScalarNode, names: Names) -> None:
        if names.handling:
            self._field(reference, node, "error", ERROR_FIELDS)
        else:
            place = _part(reference, node, 0)
            self.report.add("E306", place, "`error` has a meaning only in on_error and always", "read steps.<id>.error")

    def _item(self, reference: Reference, node: ScalarNode, names: Names) -> None:
        root, place = reference.path[0], _part(reference, node, 0)
        if root in names.items or (root == "loop" and names.items):
            return
        if names.items:
            self.report.add(
                "E302", place, f"the item of this loop is called '{names.items[-1]}'", f"write {names.items[-1]}"
            )
        else:
            self.report.add("E306", place, f"`{root}` has a meaning only inside a for_each", "add for_each to the step")

    def _field(self, reference: Reference, node: ScalarNode, what: str, known: tuple[str, ...], at: int = 1) -> bool:
        if len(reference.path) <= at or reference.path[at] in known:
            return True
        name = str(reference.path[at])
        hint = did_you_mean(name, known, f"it has: {', '.join(known)}")
        if at == 2 and nearest_is_output(hint):
            hint = f"did you mean output.{name}? A step has: {', '.join(known)}"
        self.report.add("E303", _part(reference, node, at), f"{what} has no key '{name}'", hint)
        return False


_JUDGES: dict[str | int, Callable[[Naming, Reference, ScalarNode, Names], None]] = {
    "steps": Naming._step,
    "inputs": Naming._input,
    "event": Naming._event,
    "vars": Naming._var,
    "output": Naming._output,
    "error": Naming._error,
    "run": Naming._run,
    "item": Naming._item,
    "loop": Naming._item,
}


def nearest_is_output(hint: str | None) -> bool:
    """Whether nothing was near, so that the output was probably meant."""
    return hint is not None and hint.startswith("it has")


def _approves(seen: Seen | None) -> bool:
    return seen is not None and seen.output is not None and "decision" in seen.output


def asked_in(references: tuple[Reference, ...]) -> frozenset[str]:
    """The steps whose status or error an expression reads: it knows what it does."""
    paths = (reference.path for reference in references)
    return frozenset(
        str(path[1]) for path in paths if len(path) > 2 and path[0] == "steps" and path[2] in ("status", "error")
    )


def _part(reference: Reference, node: ScalarNode, index: int) -> Position:
    """Where one part of a reference stands."""
    if index == 0:
        return node.place(reference.offset, len(str(reference.path[0])))
    text = node.text[reference.offset : reference.offset + reference.length]
    at = len(str(reference.path[0]))
    for part in reference.path[1 : index + 1]:
        found = text.find(str(part), at)
        if found < 0:
            return node.place(reference.offset, reference.length)
        start, at = found, found + len(str(part))
    return node.place(reference.offset + start, len(str(reference.path[index])))
