"""Starting a run: its texts are kept as they are now."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.opsgenie.simulator.running import Simulator
from playbooks_engine.errors import InvalidInput
from playbooks_engine.runtime.attending import begin
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.records import Actor
from playbooks_engine.runtime.starting import EventVersion, start
from playbooks_engine.store import journal
from playbooks_engine.testing.clock import START

OUTER = """
name: outer
inputs: {wait: {type: duration}, who: {type: string, default: ana}}
steps:
  - id: inner
    uses: ./inner.yml
"""
INNER = """
name: inner
steps:
  - id: say
    uses: core.log
    with: {message: hello}
"""


@pytest.fixture
def with_parts(write_project: Callable[..., Path], open_engine: Callable[..., Engine], opsgenie: Simulator) -> Engine:
    return open_engine(write_project(opsgenie, outer=OUTER, inner=INNER))


def test_a_run_keeps_its_own_text_and_those_of_its_sub_playbooks(with_parts: Engine) -> None:
    loaded = with_parts.library.playbook("outer")
    trigger = {"kind": "person", "name": "ana"}
    number = start(with_parts, loaded, trigger, {"wait": timedelta(minutes=5)}, bound={"ops": "eu"})
    with with_parts.database.reading() as connection:
        run = journal.run_by_id(connection, number)
        assert run is not None
        assert journal.text_of(connection, run.digest) == OUTER
        assert [journal.text_of(connection, digest) for digest in run.sources.values()] == [INNER]
    assert (run.status, run.file, run.trigger, run.connections) == (
        "queued", "playbooks/outer.yml", trigger, {"ops": "eu"},
    )  # fmt: skip
    assert run.inputs == {"wait": "5m"}


def test_a_run_for_an_event_or_a_slot_says_so(with_parts: Engine) -> None:
    loaded = with_parts.library.playbook("inner")
    number = start(with_parts, loaded, {"kind": "schedule"}, {}, slot=START)
    with with_parts.database.reading() as connection:
        run = journal.run_by_id(connection, number)
    assert run is not None
    assert (run.slot_of, run.slot) == ("inner", START)
    number = start(with_parts, loaded, {"kind": "event"}, {}, event=EventVersion("ops.alerts", "a", 7))
    with with_parts.database.reading() as connection:
        run = journal.run_by_id(connection, number)
    assert run is not None
    assert (run.event_stream, run.event_key, run.event_version_id) == ("ops.alerts", "a", 7)


@pytest.mark.parametrize("inputs", [{}, {"wait": "soon"}, {"wait": "5m", "what": 1}])
def test_wrong_inputs_start_nothing(with_parts: Engine, inputs: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        start(with_parts, with_parts.library.playbook("outer"), {"kind": "person"}, inputs)
    with with_parts.database.reading() as connection:
        assert journal.count(connection) == 0


WITH_OPS = """
name: with_ops
connections: {ops: opsgenie}
inputs: {note: {type: string}, more: {type: list, default: []}}
steps:
  - id: inner
    uses: ./inner.yml
"""


@pytest.mark.parametrize(
    ("inputs", "named"), [({"note": "see {}"}, "note"), ({"note": "n", "more": ["a", {"k": "{}"}]}, "more")]
)
def test_an_input_that_holds_a_secret_is_refused_by_name(
    write_project: Callable[..., Path],
    open_engine: Callable[..., Engine],
    opsgenie: Simulator,
    inputs: dict[str, object],
    named: str,
) -> None:
    engine = open_engine(write_project(opsgenie, with_ops=WITH_OPS, inner=INNER))
    loaded = engine.library.playbook("with_ops")
    secret = json.loads(json.dumps(inputs).replace("{}", opsgenie.key))
    with pytest.raises(InvalidInput, match=f"the input '{named}' holds a secret") as caught:
        start(engine, loaded, {"kind": "person"}, secret)
    assert opsgenie.key not in str(caught.value)
    with pytest.raises(InvalidInput, match=f"the input '{named}' holds a secret"):
        begin(engine, loaded, secret, Actor("person", "ana"))
    with engine.database.reading() as connection:
        assert journal.count(connection) == 0
    assert start(engine, loaded, {"kind": "person"}, inputs)
