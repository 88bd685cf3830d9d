"""What a plan assumes of what it cannot know: both ways of a condition, reads made once, inputs that come later."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote

from playbooks_engine.errors import ExpressionError
from playbooks_engine.language.expressions import Scope, Value
from playbooks_engine.language.expressions.values import Reference
from playbooks_engine.runtime.running.results import Given
from playbooks_engine.sdk import Request

MOST_WAYS = 64
"""Ways through a playbook that a plan follows."""

_UNKNOWN = re.compile(r"%3C[A-Za-z0-9_.%-]+?%3E")


@dataclass(frozen=True)
class PlannedWrite:
    """A change that a plan did not send; `only_if` are the conditions that nobody can know before it runs.

    `path` is its step's place in the run. `unknown` names the inputs that come of changes not made yet: where they
    stand in the request, their source does. Without a request even its form hangs on them.
    """

    step: str
    path: str
    command: str
    request: Request
    unknown: tuple[str, ...] = ()
    only_if: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        told = {"step": self.step, "command": self.command, **self.request.as_json()}
        told["path"] = _UNKNOWN.sub(lambda found: unquote(found[0]), told["path"])
        return {**told, "unknown": list(self.unknown), "only_if": list(self.only_if)}


@dataclass
class Shared:
    """What all ways of one plan share: what was read by what was asked, the requests of changes by their step, too:
    two steps that ask for the same make two changes, each with a key of its own.
    """

    reads: dict[str, Given] = field(default_factory=dict)
    changes: dict[tuple[str, str], Request] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)


class Foresight:
    """One way through a playbook: what is assumed at each place, as chosen before or else that it holds."""

    def __init__(self, chosen: Mapping[str, bool], shared: Shared, prefix: str = "") -> None:
        self.shared = shared
        self._chosen = chosen
        self._prefix = prefix
        self.assumed: dict[str, tuple[str, bool]] = {}
        self._known: dict[tuple[str, str], bool] = {}
        self._keys: set[tuple[str, ...]] = set()

    def inside(self, path: str) -> Foresight:
        """The same way, in the run of a sub-playbook."""
        inner = Foresight(self._chosen, self.shared, f"{self._prefix}{path} > ")
        inner.assumed, inner._keys = self.assumed, self._keys
        return inner

    def assume(self, path: str, condition: str) -> bool:
        """Whether a condition that hangs on what a plan does not know is taken to hold.

        The same condition on another step holds or not as before: in the same item of a loop it sees the same.
        """
        place = self._prefix + path
        same = (path[: path.rfind("]") + 1], condition)
        if same in self._known:
            return self._known[same]
        holds = self._known[same] = self._chosen.get(place, True)
        self.assumed[place] = (condition, holds)
        return holds

    def first_with(self, *key: str) -> bool:
        """Whether nothing on this way had this `once` key before."""
        first = key not in self._keys
        self._keys.add(key)
        return first

    def note(self, path: str, text: str) -> None:
        """Say once what was assumed at a place."""
        self.shared.notes[f"{self._prefix}{path}: {text}"] = None

    @property
    def conditions(self) -> tuple[str, ...]:
        """What is assumed on this way so far, for people."""
        return tuple(text if holds else f"not ({text})" for text, holds in self.assumed.values())

    def other_ways(self) -> Iterator[dict[str, bool]]:
        """The ways that part from this one, one for each condition that nobody chose before."""
        before: dict[str, bool] = dict(self._chosen)
        for place, (_, holds) in self.assumed.items():
            if place not in self._chosen:
                yield {**before, place: not holds}
            before[place] = holds


def hangs_on_planned(references: Iterable[Reference], steps: Mapping[str, Any], *, defaulted: bool = False) -> bool:
    """Whether an expression reads what a step would give that a plan did not really do.

    With `defaulted`, whether it does so and has a value all the same: one that a run would not use.
    """
    return any(
        one.path[0] == "steps"
        and len(one.path) > 1
        and steps.get(str(one.path[1]), {}).get("planned", False)
        and (len(one.path) < 3 or one.path[2] != "status")
        and (one.defaulted or not defaulted)
        for one in references
    )


def evaluated(inputs: Value, scope: Scope) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The inputs of a call as far as they are known; what is not known yet is its source in angle brackets."""
    known: dict[str, Any] = {}
    unknown = []
    for name, value in (inputs.parts or {}).items():
        try:
            if hangs_on_planned(value.references, scope.roots["steps"], defaulted=True):
                raise ExpressionError("it has its default only until the step has run")
            known[name] = value.evaluate(scope)
        except ExpressionError:
            unknown.append(name)
            source = next((one.path for one in value.references if one.path[0] == "steps"), ("unknown",))
            known[name] = f"<{'.'.join(str(part) for part in source)}>"
    return known, tuple(unknown)


def merged(ways: Iterable[Iterable[PlannedWrite]]) -> list[PlannedWrite]:
    """The changes of all ways, each once, in the order in which a run would come to them.

    One that is made on several ways hangs on what these have in common; made on all of them, it hangs on nothing.
    """
    order: list[tuple[Any, ...]] = []
    found: dict[tuple[Any, ...], PlannedWrite] = {}
    for one in ways:
        way, at = list(one), 0
        mine = {_identity(write) for write in way}
        for write in way:
            key = _identity(write)
            if key in found:
                at = order.index(key) + 1
                common = tuple(text for text in found[key].only_if if text in write.only_if)
                found[key] = replace(found[key], only_if=common)
            else:
                while at < len(order) and order[at] not in mine:  # the earlier ways first
                    at += 1
                order.insert(at, key)
                found[key] = write
                at += 1
    return [found[key] for key in order]


def _identity(write: PlannedWrite) -> tuple[Any, ...]:
    return (write.path, write.command, repr(write.request.as_json()))
