"""What people decide: questions of runs that wait for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from playbooks_engine.errors import BadUsage, InvalidInput, Unusable
from playbooks_engine.language.checking import check
from playbooks_engine.language.inputs import accept
from playbooks_engine.language.playbook import Call, Input
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.sdk.times import as_json
from playbooks_engine.store import journal
from playbooks_engine.store.journal import Approval, Run

Decision = Literal["approved", "rejected"]


def open_questions(engine: Engine, run_id: int | None = None) -> list[Approval]:
    """What can be decided now, oldest first."""
    with engine.database.reading() as connection:
        return journal.approvals(connection, run_id=run_id, open_at=engine.clock.now())


def open_questions_within(engine: Engine, run_id: int) -> list[Approval]:
    """What can be decided now in a run and the runs inside it."""
    found, runs = open_questions(engine, run_id), [run_id]
    while runs:
        with engine.database.reading() as connection:
            runs = [child.id for above in runs for child in journal.children(connection, above)]
        found += [question for run in runs for question in open_questions(engine, run)]
    return found


def questions_by_run(engine: Engine) -> dict[int, list[Approval]]:
    """What can be decided now, by the run that asks and by those that wait for that one."""
    found: dict[int, list[Approval]] = {}
    above: dict[int, int | None] = {}
    for question in open_questions(engine):
        number: int | None = question.run_id
        while number is not None:
            found.setdefault(number, []).append(question)
            if number not in above:
                with engine.database.reading() as connection:
                    run = journal.run_by_id(connection, number)
                above[number] = run.parent_run_id if run is not None else None
            number = above[number]
    return found


def decide(
    engine: Engine, run_id: int, step: str, decision: Decision, by: str, given: Mapping[str, Any] | None = None
) -> Approval:
    """Decide a question and wake its run; returns the question as it stands then.

    `step` is the id of the step or, where it asks several times, its path. Raises BadUsage where there is nothing to
    decide, or somebody has decided before; InvalidInput for what is filled in and does not fit.
    """
    now = engine.clock.now()
    with engine.database.reading() as connection:
        run = journal.run_by_id(connection, run_id)
        asked = journal.approvals(connection, run_id=run_id)
        waited_for = journal.approvals(connection, run_id=run_id, open_at=now)
    if run is None:
        raise BadUsage(f"There is no run {run_id}.", hint="See: playbooks runs list --status waiting")
    question = _meant(run, asked, step)
    if question.decision is not None:
        raise BadUsage(f"{_told(question)}.", hint="The first decision counts.")
    if run.status in journal.ENDED:
        raise BadUsage(f"Run {run_id} has ended: {run.status}.", hint="Nothing waits for the decision any more.")
    if question.due_at <= now:
        raise BadUsage(
            f"{question.path} of run {run_id} could be decided until {question.due_at:%Y-%m-%d %H:%M} UTC.",
            hint="It counts as undecided. Run the playbook again to be asked again.",
        )
    if question not in waited_for:
        raise BadUsage(
            f"Run {run_id} does not wait for {question.path} any more.", hint="A time limit around it ran out."
        )
    filled = _filled(engine, run, question, given or {}) if decision == "approved" else {}
    with engine.database.transaction() as connection:
        mine = journal.decide_approval(connection, run_id, question.path, decision, by, filled, now)
        journal.wake(connection, run_id, now)
        decided = journal.approval(connection, run_id, question.path)
    assert decided is not None  # noqa: S101 - it was just there
    if not mine:
        raise BadUsage(f"{_told(decided)}.", hint="The first decision counts.")
    return decided


def _meant(run: Run, asked: list[Approval], step: str) -> Approval:
    """The question a person means: by path, or by the id of its step, open ones first."""
    exact = [one for one in asked if one.path == step]
    named = exact or [one for one in asked if one.path.rpartition("/")[2].partition("[")[0] == step]
    still = [one for one in named if one.decision is None]
    if len(still) > 1:
        paths = ", ".join(one.path for one in still)
        raise BadUsage(f"{step} of run {run.id} asks {len(still)} times.", hint=f"Name one by its path: {paths}")
    if named:
        return (still or named)[-1]
    there = ", ".join(one.path for one in asked if one.decision is None)
    if not there:
        raise BadUsage(f"Run {run.id} asks nobody for anything.", hint="See: playbooks runs list --status waiting")
    raise BadUsage(f"Run {run.id} asks nothing at {step}.", hint=f"It asks at: {there}")


def _told(question: Approval) -> str:
    who = f" by {question.decided_by}" if question.decided_by else ""
    when = f" at {question.decided_at:%Y-%m-%d %H:%M} UTC" if question.decided_at else ""
    return f"{question.path} of run {question.run_id} was {question.decision}{who}{when}"


def _filled(engine: Engine, run: Run, question: Approval, given: Mapping[str, Any]) -> dict[str, Any]:
    """What was filled in, in the types that the playbook declares, as the run keeps it."""
    declared = _declared(engine, run, question.path)
    accepted = accept(
        declared, given, engine.clock.now(), f"the question at {question.path}", how="give it with --input {}=..."
    )
    filled: dict[str, Any] = as_json(accepted)
    if engine.secrets.without(filled) != filled:
        raise InvalidInput(
            "What is filled in holds a secret of a connection, and it is kept in the store.", hint="Leave it out."
        )
    return filled


def _declared(engine: Engine, run: Run, path: str) -> Mapping[str, Input]:
    with engine.database.reading() as connection:
        text = journal.text_of(connection, run.digest)
    playbook = check(text or "", run.file or run.playbook).playbook
    if playbook is None:
        raise Unusable(f"Run {run.id} began with a playbook that this version cannot read.")
    name = path.rpartition("/")[2].partition("[")[0]
    return next((step.asked for step in playbook.every_step() if isinstance(step, Call) and step.id == name), {})
