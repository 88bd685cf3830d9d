"""Steps: first what kind a step is, then everything about that one kind."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from playbooks_engine.errors import ExpressionError
from playbooks_engine.language.checking.calls import CALL_KEYS, ONLY_ON_CALLS, Calls, gives
from playbooks_engine.language.checking.compiling import Compiling
from playbooks_engine.language.checking.keys import Keys, Report, is_snake, kind_of, snake
from playbooks_engine.language.checking.names import Guard, Names, Seen
from playbooks_engine.language.checking.walking import step_positions
from playbooks_engine.language.checking.words import ON_STEPS
from playbooks_engine.language.expressions.conditions import Condition, compile_condition
from playbooks_engine.language.expressions.scope import ROOTS
from playbooks_engine.language.playbook import Block, Call, Parallel, Step
from playbooks_engine.language.position import Position
from playbooks_engine.language.reading import ListNode, MapNode, Node, ScalarNode

MOST_STEPS = 1_000
MOST_AT_ONCE = 50

SHARED_KEYS = (
    "id",
    "when",
    "else",
    "for_each",
    "as",
    "max_parallel",
    "fail_fast",
    "timeout",
    "continue_on_error",
    "on_error",
    "always",
)
KINDS = ("uses", "steps", "parallel")
_LOOP_ONLY = ("as", "max_parallel", "fail_fast")


@dataclass
class Made:
    """Steps that were built, and those of them that what follows can see."""

    steps: list[Step] = field(default_factory=list)
    seen: dict[str, Seen] = field(default_factory=dict)


@dataclass(frozen=True)
class Body:
    """What one step does: its kind, the parts that only this kind has, and the steps inside that can be seen."""

    kind: type[Call] | type[Block] | type[Parallel]
    parts: dict[str, Any]
    seen: dict[str, Seen]
    output: tuple[str, ...] | None = None


class Steps:
    """Builds the steps of one file."""

    def __init__(self, report: Report, compiling: Compiling, calls: Calls) -> None:
        self.report, self.compiling, self.calls = report, compiling, calls
        self._count = 0

    def sequence(self, node: Node | None, names: Names, key: str) -> Made:
        """The steps of a list, in order, each seeing the ones before it."""
        made = Made()
        if node is None:
            return made
        if not isinstance(node, ListNode):
            hint = "begin each step with - id: ..."
            self.report.add("E203", node.position, f"{key} must be a list of steps, this is {kind_of(node)}", hint)
            return made
        if not node.items:
            self.report.add("E202", node.position, f"{key} has no steps", "add one, or remove the key")
        ended: Step | None = None
        for item in node:
            if ended is not None:
                hint = "give it a condition with `when`, or remove what follows"
                self.report.add(
                    "W201", item.position, f"this can never be reached: '{ended.id}' always ends the run", hint
                )
                ended = None
            step = self._step(item, names.seeing(made.seen), made.seen)
            if step is not None:
                made.steps.append(step)
                if _ends(step):
                    ended = step
        return made

    def _step(self, node: Node, names: Names, seen: dict[str, Seen]) -> Step | None:
        self._count += 1
        if self._count == MOST_STEPS + 1:
            hint = "move a part into a playbook of its own"
            self.report.add("E216", node.position, f"a playbook may have {MOST_STEPS:,} steps", hint)
        if self._count > MOST_STEPS:
            return None
        if not isinstance(node, MapNode):
            hint = "write - id: ... and uses: ... below it"
            self.report.add("E203", node.position, f"a step must be a map, this is {kind_of(node)}", hint)
            return None
        kinds = [kind for kind in KINDS if node.pair(kind)]
        if len(kinds) != 1:
            self._not_one_kind(node, kinds)
            # What comes later may name it; that it is not built was said.
            seen.update({name: Seen() for name in step_positions(node)})
            return None
        # Keys that fit another kind of step get a sentence of their own.
        keys = Keys(self.report, node, "a step", (*SHARED_KEYS, *CALL_KEYS, *kinds), told=ON_STEPS)
        return self._made(keys, names, seen, kinds[0])

    def _not_one_kind(self, node: MapNode, kinds: list[str]) -> None:
        if kinds:
            pair = node.pair(kinds[1])
            place = pair.key.position if pair else node.position
            message = f"a step has either `{kinds[0]}` or `{kinds[1]}`, not both"
            self.report.add("E205", place, message, "make two steps of it")
            return
        keys = Keys(self.report, node, "a step", (*SHARED_KEYS, *CALL_KEYS, *KINDS), told=ON_STEPS)
        if keys.unknown:
            return  # the unknown key was probably meant to be what the step does
        identifier = node.pair("id")
        place = identifier.key.position if identifier else node.position
        self.report.add("E205", place, "this step does nothing", "add uses: (a command), steps: (a block) or parallel:")

    def _made(self, keys: Keys, names: Names, seen: dict[str, Seen], kind: str) -> Step:
        name = keys.name("id")
        if not keys.has("id"):
            keys.need("id", "add id: with a name that is unique in this file")
        item_name, inside = self._loop(keys, names)
        when = self._when(keys, names, item_name)
        for_each = keys.node.get("for_each")
        loop = self.compiling.value(for_each, self._guarded(names, name, when)) if for_each is not None else None
        if loop is not None and loop.constant and not isinstance(for_each, ListNode) and for_each is not None:
            self.report.add(
                "E203", for_each.position, "for_each must be a list", "write for_each: ${{ ... }}, or a list"
            )
        here = self._guarded(inside, name, when)
        shared: dict[str, Any] = {
            "id": name,
            "position": self._place(keys),
            "when": when,
            "for_each": loop,
            "item_name": item_name,
            "max_parallel": keys.whole("max_parallel", 1, 1, MOST_AT_ONCE),
            "fail_fast": keys.flag("fail_fast"),
            "timeout": keys.duration("timeout"),
            "continue_on_error": keys.flag("continue_on_error"),
        }
        return self._finished(keys, names, seen, shared, self._body(keys, here, kind))

    def _body(self, keys: Keys, here: Names, kind: str) -> Body:
        """What the step does: the call, the steps of a block, or the branches."""
        if kind == "uses":
            call = self.calls.call(keys, here)
            return Body(Call, call, {}, gives(call))
        what = "a block" if kind == "steps" else "a parallel"
        for key in ONLY_ON_CALLS:
            if keys.has(key):
                message = f"`{key}` belongs on a call: on {what} it would repeat finished writes"
                if key == "with":
                    message = f"`with` belongs on a call; {what} has no inputs"
                self.report.add("E208", keys.position(key), message, f"move {key} to a step inside it")
        if kind == "parallel":
            return self._parallel(keys, here)
        inner = self.sequence(keys.node.get("steps"), here, "steps")
        return Body(Block, {"steps": tuple(inner.steps)}, inner.seen)

    def _parallel(self, keys: Keys, here: Names) -> Body:
        """Each branch sees what was there before the parallel, and nothing of the other branches."""
        node = keys.map("parallel")
        if node is not None and not node.pairs:
            self.report.add("E202", node.position, "parallel has no branches", "add two, each with a list of steps")
        branches: dict[str, tuple[Step, ...]] = {}
        seen: dict[str, Seen] = {}
        ids = {pair.key.text: frozenset(step_positions(pair.value)) for pair in node or ()}
        for pair in node or ():
            name = pair.key.text
            if not is_snake(name):
                message = f"the branch '{name[:60]}' must be in snake_case"
                self.report.add("E207", pair.key.position, message, f"write {snake(name)}")
            apart = frozenset().union(*(steps for other, steps in ids.items() if other != name))
            made = self.sequence(pair.value, replace(here, apart=here.apart | apart), name)
            branches[name] = tuple(made.steps)
            seen |= made.seen
        return Body(Parallel, {"branches": branches}, seen)

    def _finished(self, keys: Keys, names: Names, seen: dict[str, Seen], shared: dict[str, Any], body: Body) -> Step:
        name, when, looping = shared["id"], shared["when"], shared["for_each"] is not None
        own = frozenset({Guard(name, "then", when.text)}) if when is not None else frozenset[Guard]()
        failed = Guard(name, "failed")
        here = names.guards | own | ({failed} if shared["continue_on_error"] and not looping else set())
        visible = {} if looping else body.seen
        itself = {name: Seen(here, looping, body.kind is not Call, body.output)} if name else {}
        otherwise = self._else(keys, names, name, when)
        on_error, always = self._handlers(keys, names, failed, {**visible, **itself})
        shared |= {
            "otherwise": tuple(otherwise.steps),
            "on_error": tuple(on_error.steps),
            "always": tuple(always.steps),
        }
        for made in (visible, otherwise.seen, on_error.seen, always.seen, itself):
            seen.update(made)
        return body.kind(**shared, **body.parts)

    def _handlers(self, keys: Keys, names: Names, failed: Guard, seen: dict[str, Seen]) -> tuple[Made, Made]:
        """The steps for a failure and those for every end."""
        if not (keys.has("on_error") or keys.has("always")):
            return Made(), Made()
        handling = replace(names, handling=True).all_behind(failed, seen)
        on_error = self.sequence(
            keys.node.get("on_error"), handling.under(replace(failed, branch="on_error")), "on_error"
        )
        after = handling.all_behind(failed, on_error.seen)
        return on_error, self.sequence(keys.node.get("always"), after, "always")

    def _else(self, keys: Keys, names: Names, name: str, when: Condition | None) -> Made:
        node = keys.node.get("else")
        if node is None:
            return Made()
        if not keys.has("when"):
            self.report.add("E208", keys.position("else"), "`else` belongs to a `when`", "add when:, or remove else:")
        references = when.references if when is not None else ()
        return self.sequence(node, names.under(Guard(name, "else", f"not {name}"), references), "else")

    def _loop(self, keys: Keys, names: Names) -> tuple[str, Names]:
        """The name of the item, and the names inside the loop."""
        if not keys.has("for_each"):
            for key in _LOOP_ONLY:
                if keys.has(key):
                    self.report.add("E208", keys.position(key), f"`{key}` needs `for_each`", "add for_each: ${{ ... }}")
            return "item", names
        item = keys.name("as") or "item"
        if item != "item" and (item in ROOTS or item in names.items):
            position = keys.node.get("as").position  # type: ignore[union-attr]  # it was just read
            self.report.add("E207", position, f"'{item}' already means something here", "choose another name")
        return item, replace(names, items=(*names.items, item))

    def _when(self, keys: Keys, names: Names, item: str) -> Condition | None:
        node = keys.node.get("when")
        if node is None:
            return None
        if keys.has("for_each") and isinstance(node, ScalarNode) and self._uses_item(node, item, names):
            return None
        return self.compiling.condition(node, names, "when")

    def _uses_item(self, node: ScalarNode, item: str, names: Names) -> bool:
        """Whether the condition of a looping step uses its item, which is reported: it is decided before."""
        try:
            references = compile_condition(node.text).references
        except ExpressionError:
            return False  # reported where it is compiled for good
        mine = {item, "loop"} - set(names.items)
        early = [reference for reference in references if reference.path[0] in mine]
        for reference in early:
            name = str(reference.path[0])
            message = f"`when` is decided before for_each begins, so it cannot use `{name}`"
            place = node.place(reference.offset, len(name))
            self.report.add("E305", place, message, "put the condition on a step inside the loop")
        return bool(early)

    def _guarded(self, names: Names, name: str, when: Condition | None) -> Names:
        return names if when is None else names.under(Guard(name, "then", when.text), when.references)

    def _place(self, keys: Keys) -> Position:
        return keys.position("id") if keys.has("id") else keys.node.position


def _ends(step: Step) -> bool:
    """Whether nothing behind the step can ever run."""
    if step.when is not None or step.for_each is not None:
        return False
    if isinstance(step, Call):
        return step.uses.text == "core.stop" or (step.uses.text == "core.fail" and not step.continue_on_error)
    if isinstance(step, Parallel):
        return False
    return isinstance(step, Block) and not step.continue_on_error and any(map(_ends, step.steps))
