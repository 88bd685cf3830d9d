"""What a rerun takes over from an earlier run: everything before the step it begins with."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from playbooks_engine.errors import BadUsage
from playbooks_engine.language.playbook import Block, Parallel, Playbook, Step
from playbooks_engine.language.suggesting import did_you_mean
from playbooks_engine.runtime.running.frame import GOOD
from playbooks_engine.store.journal import Run, StepRow


@dataclass(frozen=True)
class Reuse:
    """The steps that a rerun begins with, as it has them, and where it runs anew.

    `starts` are the places from which that is, one for each branch. `anew` are the ids of the steps of which anything
    runs anew.
    """

    rows: tuple[StepRow, ...]
    starts: tuple[str, ...]
    anew: frozenset[str]

    @property
    def paths(self) -> frozenset[str]:
        """The places that are done with."""
        return frozenset(row.path for row in self.rows if row.status != "running")


def choose(
    playbook: Playbook,
    run: Run,
    rows: Sequence[StepRow],
    now: datetime,
    *,
    start: str | None = None,
    failed_items: bool = False,
    changed: Mapping[str, str] | None = None,
) -> Reuse:
    """What of a run, whose steps `rows` are, is reused when it is run again with this playbook.

    Without `start`, the id of a step, it runs anew from the first step that did not succeed. `changed` tells by id
    which steps do something else now. Raises BadUsage where what would be reused is not there or has changed.
    """
    choosing = _Choosing(playbook, run, rows, now, start, failed_items, changed or {})
    if start is None and run.status == "succeeded":
        raise BadUsage(
            f"Run {run.id} succeeded: there is nothing to run again.", hint="Name a step to begin with: --from STEP"
        )
    choosing.sequence(playbook.steps, "")
    if failed_items and not choosing.partial:
        named = f"{start} is" if start else "the first step that failed is"
        raise BadUsage(
            f"--failed-items is for loops with items that failed, and {named} none.", hint="Leave --failed-items out."
        )
    kept = tuple(choosing.kept[row.path] for row in rows if row.path in choosing.kept)
    anew = frozenset(step.id for step in playbook.every_step()) - choosing.reused
    return Reuse(kept, tuple(choosing.starts), anew)


class _Choosing:
    """One walk through a playbook beside the steps of a run."""

    def __init__(
        self,
        playbook: Playbook,
        run: Run,
        rows: Sequence[StepRow],
        now: datetime,
        start: str | None,
        failed_items: bool,
        changed: Mapping[str, str],
    ) -> None:
        self._run = run
        self._rows = {row.path: row for row in rows}
        self._order = sorted(self._rows)
        self._now = now
        self._start = start
        self._failed_items = failed_items
        self._changed = changed
        self._way = _way_to(playbook, start) if start is not None else frozenset()
        self.kept: dict[str, StepRow] = {}
        self.starts: list[str] = []
        self.reused: set[str] = set()
        self.partial = False

    def sequence(self, steps: Sequence[Step], prefix: str) -> bool:
        """Reuse step after step; False from the first one on of which something runs anew."""
        # On the way to a step that was named, all before it is needed; elsewhere, what there is will do.
        strict = any(step.id in self._way for step in steps)
        return all(self._step(step, prefix, strict) for step in steps)

    def _step(self, step: Step, prefix: str, strict: bool) -> bool:
        path = prefix + step.id
        row = self._rows.get(path)
        if step.id == self._start:
            return self._anew(step, path, row)
        on_way = step.id in self._way
        if not strict and "[" in prefix and any(one.id in self._changed for one in step.with_descendants()):
            return self._anew(step, path, row)
        if row is None:
            return self._refuse(step, "was never reached") if strict else self._anew(step, path, None)
        if row.status == "skipped":
            self._same(step, alone=True)
            self._keep(path)
            self.reused.add(step.id)
            return self.sequence(step.otherwise, prefix)
        if on_way:
            if not self._is_inside(step):
                return self._refuse(step, "was not skipped, so that its `else` never ran")
            if _never_began(row):
                return self._refuse(step, "never began: its condition had no value")
            return self._enter(step, path, row)
        if row.status in GOOD or (strict and row.status in {"failed", "timed_out"} and step.continue_on_error):
            return self._whole(step, path, prefix, strict)
        if strict:
            return self._refuse(step, f"did not succeed: it {_past(row.status)}")
        return self._enter(step, path, row)

    def _whole(self, step: Step, path: str, prefix: str, strict: bool) -> bool:
        """All of a step that is over, as it ended."""
        self._same(step)
        self._keep(path)
        self.reused |= _ids([step]) - _ids(step.always)
        for handler in step.on_error:
            self._keep(prefix + handler.id)
        if not strict:
            return self.sequence(step.always, prefix)
        for last in step.always:
            self._keep(prefix + last.id)
        self.reused |= _ids(step.always)
        return True

    def _enter(self, step: Step, path: str, row: StepRow) -> bool:
        """A step that is not over, or that holds the one to begin with: what is over in it."""
        if step.for_each is not None or _never_began(row) or not isinstance(step, Block | Parallel):
            return self._anew(step, path, row)
        self._same(step, alone=True)
        self._open(row)
        self._inside(step, path)
        return False

    def _inside(self, step: Step, path: str) -> None:
        """What is over in a block, or in the item of a loop over one."""
        if isinstance(step, Block):
            self.sequence(step.steps, f"{path}/")
        elif isinstance(step, Parallel):
            for name, steps in step.branches.items():
                self.sequence(steps, f"{path}/{name}/")

    def _anew(self, step: Step, path: str, row: StepRow | None) -> bool:
        self.starts.append(path)
        if self._failed_items and step.for_each is not None and row is not None:
            self._good_items(step, path, row)
        return False

    def _good_items(self, step: Step, path: str, row: StepRow) -> None:
        """Of a loop, the items that succeeded, and of the others what is over in them; they are the same items again.

        Whoever named the loop knows that its steps have changed: what changed runs anew in the items that failed.
        """
        if self._start is None or self._changed.get(step.id) == "its `for_each`":
            self._same(step)
        inside = [(place, self._rows[place]) for place in self._places_in(path)]
        items = {place: one for place, one in inside if place.index("]", len(path)) == len(place) - 1}
        self.partial = self.partial or (row.status not in GOOD and bool(items))
        self._open(row)
        for place, _ in inside:
            if items[place[: place.index("]", len(path)) + 1]].status in GOOD:
                self._take(place)
        for place, one in items.items():
            if one.status not in GOOD and isinstance(step, Block | Parallel):
                self._open(one)
                self._inside(step, place)
        self.reused -= _ids([step])  # what one item is done with, another one needs

    def _same(self, step: Step, *, alone: bool = False) -> None:
        """Refuse to reuse what does something else now."""
        never = _ids(step.on_error)
        for one in [step] if alone else step.with_descendants():
            told = self._changed.get(one.id)
            if told is None or one.id in never or (alone and told in _STRUCTURE):
                continue
            raise BadUsage(
                f"{one.id} does not do what it did in run {self._run.id}: {told} differs; its result is not reused.",
                hint=f"Begin with it: --from {step.id}",
            )

    def _keep(self, path: str) -> None:
        """The rows at and inside a path that are done with."""
        if path in self._rows:
            self._take(path)
        for place in self._places_in(path):
            self._take(place)

    def _places_in(self, path: str) -> Iterator[str]:
        """The places inside a step: a run may have ten thousand, so that not all are looked through each time."""
        for begins in (f"{path}/", f"{path}["):
            at = bisect_left(self._order, begins)
            while at < len(self._order) and self._order[at].startswith(begins):
                yield self._order[at]
                at += 1

    def _take(self, place: str) -> None:
        row = self._rows[place]
        self.kept[place] = replace(row, status="reused") if row.status == "succeeded" else row

    def _open(self, row: StepRow) -> None:
        """A block or loop of which something runs anew: begun, and decided as before."""
        self.kept[row.path] = replace(
            row, status="running", output=None, raw=None, error=None, started_at=self._now, ended_at=None
        )

    def _is_inside(self, step: Step) -> bool:
        """Whether the step to begin with is in the body of this one."""
        if isinstance(step, Block):
            return bool(_ids(step.steps) & self._way)
        return isinstance(step, Parallel) and any(_ids(steps) & self._way for steps in step.branches.values())

    def _refuse(self, step: Step, why: str) -> bool:
        raise BadUsage(
            f"{step.id} comes before {self._start}, and in run {self._run.id} it {why}.",
            hint=f"Begin with it: --from {step.id}",
        )


_STRUCTURE = frozenset(f"its `{key}`" for key in ("steps", "parallel", "else", "always"))


def _never_began(row: StepRow) -> bool:
    """Whether its condition had no value."""
    return row.status == "failed" and row.conditions is not None


def _past(status: str) -> str:
    return {"running": "was not over", "waiting": "was waiting", "timed_out": "timed out"}.get(status, f"was {status}")


def _ids(steps: Iterable[Step]) -> set[str]:
    return {inner.id for step in steps for inner in step.with_descendants()}


def _way_to(playbook: Playbook, start: str) -> frozenset[str]:
    """The step with that id and all it is in. Raises BadUsage where a run cannot begin with it."""
    for way, why in _ways(playbook):
        if way[-1].id != start:
            continue
        if why:
            raise BadUsage(f"A run cannot begin with {start}: {why[0]}.", hint=why[1])
        return frozenset(step.id for step in way)
    ids = [step.id for step in playbook.every_step()]
    raise BadUsage(
        f'{playbook.name} has no step "{start}".', hint=did_you_mean(start, ids, f"there are: {', '.join(ids)}")
    )


def _ways(playbook: Playbook) -> Iterator[tuple[tuple[Step, ...], tuple[str, str] | None]]:
    """Every step with those it is in, and why a run cannot begin with it, if so, and what can be done instead."""
    late = ("it runs after all others, however these end", "Name the first step that is to run anew.")
    for step in playbook.steps:
        yield from _below((step,), None)
    for step in (*playbook.on_error, *playbook.always):
        yield from _below((step,), late)


def _below(
    way: tuple[Step, ...], why: tuple[str, str] | None
) -> Iterator[tuple[tuple[Step, ...], tuple[str, str] | None]]:
    yield way, why
    step = way[-1]
    after = why or (f"it runs after {step.id}", f"Begin with that: --from {step.id}")
    loop = (f"it is in the loop {step.id}", f"Begin with that: --from {step.id}, and --failed-items")
    inside = why or (loop if step.for_each is not None else None)
    handlers = {id(one) for one in (*step.on_error, *step.always)}
    for child in step.children():
        of_else = any(child is one for one in step.otherwise)
        yield from _below((*way, child), after if id(child) in handlers else why if of_else else inside)
