"""kill -9 at every fault point of a run, then somebody else takes it up: judged by what the service saw."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.store import journal
from playbooks_engine.store.audit import audit_rows
from playbooks_engine.store.database import Database
from playbooks_engine.store.journal import Run, StepRow

PROJECT = """
connections:
  ops:
    connector: opsgenie
    server_url: {url}
    api_key: env:TEST_OPS_KEY
    allow: {{alerts: full, incidents: full}}
"""
REFERENCE = """
connections:
  ops: opsgenie
steps:
  - {id: schedules, uses: ops.get_schedules}
  - id: find
    uses: ops.list_alerts
    with: {query: "tag: crash", sort: createdAt, order: asc}
  - {id: create, uses: ops.create_alert, with: {message: created}}
  - id: note
    uses: ops.add_note
    with: {identifier: "${{ steps.create.output.alertId }}", note: noted}
  - id: each
    for_each: ${{ steps.find.output }}
    as: alert
    max_parallel: %(parallel)d
    steps:
      - {id: tell, uses: ops.add_note, with: {identifier: "${{ alert.id }}", note: "told ${{ loop.index }}"}}
      - id: page
        continue_on_error: true
        uses: ops.escalate_alert
        with: {identifier: "${{ alert.id }}", escalation: ops_escalation}
  - id: person
    uses: ops.get_single_user
    continue_on_error: true
    with: {identifier: nobody@example.com}
    retry: {attempts: 2, delay: 1s, on: [server_error]}
  - id: part
    uses: ./part.yml
    with: {n: "${{ steps.find.output | length }}"}
  - id: both
    parallel:
      people: [{id: ask, uses: core.approval, with: {prompt: Close it?, timeout: 1h}}]
      times: [{id: wait, uses: core.wait, with: {for: 10m}}]
  - id: close
    when: steps.ask.output.decision == 'approved'
    uses: ops.close_alert
    with: {identifier: "${{ steps.create.output.alertId }}"}
always:
  - {id: last, uses: ops.add_note, with: {identifier: "${{ steps.create.output.alertId }}", note: over}}
output: ${{ steps.part.output }}
"""
PART = """
connections:
  ops: opsgenie
inputs: {n: {type: integer}}
steps:
  - {id: inner, uses: ops.create_alert, with: {message: "part of ${{ inputs.n }}"}}
  - {id: inner_note, uses: ops.add_note, with: {identifier: "${{ steps.inner.output.alertId }}", note: inside}}
output: ${{ steps.inner.output.alertId }}
"""
ITEMS = 5
NOTES = Counter({f"told {n}": 1 for n in range(ITEMS)} | {"noted": 1, "inside": 1, "over": 1})

# How often each point is passed by a whole run, at least: one kill of each is the last of these.
POINTS = {
    "claim": 4,
    "intent_written": 16,
    "before_send": 36,
    "after_send": 36,
    "before_result_commit": 21,
    "after_result_commit": 21,
    "before_next_step": 60,
    "approval_asked": 1,
    "parked": 2,
    "approval_decided": 2,
    "finish": 2,
}
EVERY = os.environ.get("PLAYBOOKS_TEST_CRASHES") == "all"


def occurrences(point: str, number: int, few: int) -> list[int]:
    """All of them when asked for by PLAYBOOKS_TEST_CRASHES=all; else some, first and last included."""
    if EVERY or number <= few:
        return list(range(1, number + 1))
    return sorted({1 + round(n * (number - 1) / (few - 1)) for n in range(few)})


# Where a process may be stopped for longer than its lease. (Amid a transaction it has the store, and all wait for it.)
PAUSES = [
    (point, number)
    for point in ("intent_written", "before_send", "after_send", "before_result_commit", "before_next_step")
    for number in occurrences(point, POINTS[point], 2)
]
RAISES = [(point, number) for point, most in POINTS.items() for number in occurrences(point, most, 2)]
CASES = [(point, number) for point, most in POINTS.items() for number in occurrences(point, most, 5)]


@dataclass
class Scene:
    """A project on a simulator, and a process that dies for it."""

    folder: Path
    simulator: Simulator
    tell: Callable[[dict[str, Any]], int]

    def go_on(self, faults: str = "") -> int:
        return self.tell({"folder": str(self.folder), "key": self.simulator.key, "faults": faults})

    def left(self) -> tuple[list[Run], dict[tuple[int, str], StepRow]]:
        with Database.open("sqlite:///.playbooks/store.db", folder=self.folder) as database, database.reading() as cx:
            runs = journal.runs(cx)
            return runs, {(run.id, row.path): row for run in runs for row in journal.steps(cx, run.id)}

    def notes(self) -> Counter[str]:
        return Counter(e.given["note"] for e in self.simulator.applied if e.action == "AddNote")

    def escalated(self) -> Counter[str]:
        return Counter(e.subject_id for e in self.simulator.applied if e.action == "EscalateToNext")


@pytest.fixture(scope="module")
def dying() -> Iterator[Callable[[dict[str, Any]], int]]:
    script = Path(__file__).with_name("crash_child.py")
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(root), "PLAYBOOKS_LEASE": "1"},
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"

        def tell(told: dict[str, Any]) -> int:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(told) + "\n")
            process.stdin.flush()
            status: int = json.loads(process.stdout.readline())
            return status

        yield tell
        process.stdin.close()
        process.wait(10)


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("pristine")
    Database.open("sqlite:///store.db", folder=folder).close()
    return (folder / "store.db").read_bytes()


@pytest.fixture(scope="module")
def service() -> Iterator[Simulator]:
    with Simulator(seed={"alerts": [], "incidents": []}) as simulator:
        yield simulator


@pytest.fixture
def scene(tmp_path: Path, pristine: bytes, service: Simulator, dying: Callable[[dict[str, Any]], int]) -> Scene:
    service.reset()
    service.process_after(0.005)
    for domain in ("Alert", "Search", "Configuration"):
        service.limit(domain, per_second=10_000, per_minute=100_000)
    for number in range(ITEMS):
        service.has_alert(message=f"alert {number}", tags=["crash"])
    service.misbehave("error", times=4, path="nobody", status=503)
    folder = tmp_path / "project"
    (folder / "playbooks").mkdir(parents=True)
    (folder / ".playbooks").mkdir(mode=0o700)
    (folder / ".playbooks" / "store.db").write_bytes(pristine)
    (folder / ".playbooks" / "store.db").chmod(0o600)
    (folder / "project.yml").write_text(PROJECT.format(url=service.url))
    (folder / "playbooks" / "reference.yml").write_text(REFERENCE % {"parallel": 1})
    (folder / "playbooks" / "part.yml").write_text(PART)
    return Scene(folder, service, dying)


def judge(scene: Scene, finished: dict[tuple[int, str], StepRow]) -> dict[tuple[int, str], StepRow]:
    """No run lost, stuck or doubled; no finished step run again; every change once, or known not to be known."""
    runs, steps = scene.left()
    assert [run.playbook for run in reversed(runs)] == ["reference", "part"]
    unknown = {key for key, row in steps.items() if (row.error or {}).get("type") == "outcome_unknown"}
    for run in runs:
        assert run.status in {"succeeded", "succeeded_with_errors"}, run.error
        assert run.owner is None
    assert runs[-1].output == runs[0].output
    assert not [key for key, row in steps.items() if row.status in {"running", "waiting"}]
    for key, row in finished.items():
        assert steps[key] == row, "a finished step was run again"
    # create_alert: exactly one alert each, never counted twice
    created = [effect for effect in scene.simulator.applied if effect.action == "Create"]
    assert sorted(effect.given["message"] for effect in created) == ["created", f"part of {ITEMS}"]
    assert not [effect for effect in created if effect.deduplicated]
    assert {alert.count for alert in scene.simulator.alerts} == {1}
    # notes: read back, so exactly once
    assert scene.notes() == NOTES
    # escalations cannot be read back: never twice, and never said to have happened when they did not
    escalated = scene.escalated()
    assert set(escalated.values()) <= {1}
    said = {row.path for key, row in steps.items() if row.step_id == "page" and row.status == "succeeded"}
    assert len(said) <= len(escalated)
    assert len(said) + len(unknown) == ITEMS
    assert unknown <= {key for key, row in steps.items() if row.step_id == "page"}
    assert len([effect for effect in scene.simulator.applied if effect.action == "Close"]) == 1
    return steps


def finished(steps: dict[tuple[int, str], StepRow]) -> dict[tuple[int, str], StepRow]:
    return {key: row for key, row in steps.items() if row.status not in {"running", "waiting"}}


def test_without_a_crash_every_change_happens_once(scene: Scene) -> None:
    assert scene.go_on() == 0
    steps = judge(scene, {})
    assert sum(row.status == "failed" for row in steps.values()) == 1  # nobody@example.com
    assert len(scene.escalated()) == ITEMS


@pytest.mark.parametrize(("point", "number"), CASES)
def test_a_killed_run_is_taken_up_and_ends_as_if_nothing_had_been(scene: Scene, point: str, number: int) -> None:
    assert scene.go_on(f"{point}:{number}:kill") == -signal.SIGKILL
    before = finished(scene.left()[1])
    assert scene.go_on() == 0
    judge(scene, before)


@pytest.mark.parametrize(("point", "number"), PAUSES)
def test_a_paused_process_that_lost_its_run_changes_nothing_when_it_wakes(
    scene: Scene, point: str, number: int
) -> None:
    """Another process takes the run over when the lease is over; then the first one goes on where it was stopped."""
    assert scene.go_on(f"{point}:{number}:stop") == 0
    judge(scene, {})


@pytest.mark.parametrize(("point", "number"), RAISES)
def test_a_defect_amid_a_run_doubles_nothing_and_leaves_nothing_stuck(scene: Scene, point: str, number: int) -> None:
    scene.go_on(f"{point}:{number}:raise")
    assert scene.go_on() == 0
    runs, steps = scene.left()
    assert all(run.status in journal.ENDED and run.owner is None for run in runs)
    assert not [key for key, row in steps.items() if row.status in {"running", "waiting"}]
    assert set(scene.notes().values()) <= {1}
    assert set(scene.escalated().values()) <= {1}
    assert {alert.count for alert in scene.simulator.alerts} == {1}


@pytest.mark.parametrize("number", occurrences("before_send", 36, 4))
def test_a_run_that_is_killed_twice_ends_too(scene: Scene, number: int) -> None:
    assert scene.go_on(f"before_send:{number}:kill") == -signal.SIGKILL
    first = finished(scene.left()[1])
    scene.go_on("after_send:1:kill")
    second = finished(scene.left()[1])
    assert first.items() <= second.items()
    assert scene.go_on() == 0
    judge(scene, second)


@pytest.mark.parametrize("point", ["intent_written", "after_send", "before_result_commit"])
def test_a_run_that_dies_again_and_again_ends_when_it_is_let(scene: Scene, point: str) -> None:
    before: dict[tuple[int, str], StepRow] = {}
    for _ in range(12):
        if scene.go_on(f"{point}:2:kill") == 0:
            break
        now = finished(scene.left()[1])
        assert before.items() <= now.items()
        before = now
    assert scene.go_on() == 0
    judge(scene, before)


@pytest.mark.parametrize("number", occurrences("after_send", 30, 4))
def test_a_crash_among_items_at_once_keeps_each_item_its_own(scene: Scene, number: int) -> None:
    (scene.folder / "playbooks" / "reference.yml").write_text(REFERENCE % {"parallel": ITEMS})
    assert scene.go_on(f"after_send:{number}:kill") == -signal.SIGKILL
    before = finished(scene.left()[1])
    assert scene.go_on() == 0
    steps = judge(scene, before)
    items = next(row.inputs["items"] for (_, path), row in steps.items() if path == "each")
    for index, item in enumerate(items):
        alert = scene.simulator.alert(item["id"])
        assert alert is not None
        assert [note.text for note in alert.notes] == [f"told {index}"]


def test_no_change_reached_the_service_without_its_intent_and_its_audit_row(scene: Scene) -> None:
    for number in (1, 3, 5):
        scene.go_on(f"after_send:{number}:kill")
    assert scene.go_on() == 0
    judge(scene, {})
    with Database.open("sqlite:///.playbooks/store.db", folder=scene.folder) as database, database.reading() as cx:
        intents = [i for run in journal.runs(cx) for i in journal.intents(cx, run.id)]
        audited = Counter((row.command, row.actor["run"]) for row in audit_rows(cx, limit=1_000))
    sent = Counter((e.method, e.path) for e in scene.simulator.ledger if e.method == "POST")
    meant = Counter((i.method, (i.url_path or "").partition("?")[0]) for i in intents)
    assert sent <= meant
    assert sum(audited.values()) >= sum(sent.values())
    assert all(i.outcome is not None for i in intents)


def test_a_process_of_its_own_dies_where_the_environment_says(scene: Scene) -> None:
    """The others fork; this one is a whole process, with the variable as a person sets it."""
    program = (
        "import asyncio, sys, pathlib; sys.path.insert(0, sys.argv[1]);"
        "import crash_child; asyncio.run(crash_child.go_on(pathlib.Path(sys.argv[2])))"
    )
    here = Path(__file__).parent
    for fault, status in (("intent_written:3:kill", -signal.SIGKILL), ("", 0)):
        done = subprocess.run(
            [sys.executable, "-c", program, here, scene.folder],
            env={
                **os.environ,
                "PYTHONPATH": str(here.parents[1]),
                "PLAYBOOKS_FAULTS": fault,
                "TEST_OPS_KEY": scene.simulator.key,
            },
            check=False,
        )
        assert done.returncode == status
    judge(scene, {})
