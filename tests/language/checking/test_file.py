from __future__ import annotations

import hashlib

from hypothesis import given, settings
from hypothesis import strategies as st

from playbooks_engine.language.checking import check
from playbooks_engine.language.expressions import Scope
from playbooks_engine.language.playbook import Block, Call

CHASE = """\
name: chase_all
description: Chase what nobody acknowledges.
version: 2
on:
  schedule: {cron: "0 8 * * 1-5", timezone: Europe/Berlin, catch_up: all}
  event:
    from: ops.alerts
    where: event.status == 'open' and event.priority in ['P1', 'P2']
    existing: fire
connections:
  ops: opsgenie
inputs:
  service_id: {type: string, description: Which service}
  after: {type: duration, default: 10m}
timeout: 2h
steps:
  - id: find
    uses: ops.list_alerts
    timeout: 30s
    retry: {attempts: 4, delay: 2s, backoff: constant, max_delay: 1m, on: [timeout]}
    with:
      query: "createdAt < ${{ ago(inputs.after) | epoch_ms }}"
  - id: chase_all
    when: steps.find.output | length > 0
    steps:
      - id: chase
        for_each: ${{ steps.find.output }}
        as: alert
        max_parallel: 4
        fail_fast: true
        steps:
          - id: note
            once: ${{ alert.id }}
            uses: ops.add_note
            with: {identifier: "${{ alert.id }}", note: Hello, details: {a: [1]}}
          - id: declare
            when: alert.priority == 'P1'
            once: {key: "${{ alert.id }}", within: 24h}
            continue_on_error: true
            uses: ./declare_incident.yml
            with: {service: "${{ inputs.service_id }}"}
            else:
              - id: log
                uses: core.log
                with: {message: skipped}
output:
  count: ${{ steps.find.output | length }}
"""


def test_a_playbook_is_read_whole() -> None:
    checked = check(CHASE, "playbooks/chase_all.yml")
    assert [f.code for f in checked.findings] == ["W307"]
    playbook = checked.playbook
    assert playbook is not None
    assert (playbook.name, playbook.version, playbook.timeout) == ("chase_all", 2, 7200)
    assert playbook.digest == hashlib.sha256(CHASE.encode()).hexdigest()
    assert playbook.schedule is not None
    assert (playbook.schedule.cron, playbook.schedule.timezone, playbook.schedule.catch_up) == (
        "0 8 * * 1-5",
        "Europe/Berlin",
        "all",
    )
    assert playbook.event is not None
    assert (playbook.event.stream, playbook.event.existing) == ("ops.alerts", "fire")
    assert playbook.inputs["service_id"].required
    assert not playbook.inputs["after"].required
    find, block = playbook.steps
    assert isinstance(find, Call)
    assert find.retry is not None
    assert (find.retry.attempts, find.retry.delay, find.retry.backoff, find.retry.on) == (
        4,
        2.0,
        "constant",
        {"timeout"},
    )
    assert isinstance(block, Block)
    [chase] = block.steps
    assert isinstance(chase, Block)
    assert (chase.item_name, chase.max_parallel, chase.fail_fast) == ("alert", 4, True)
    note, declare = chase.steps
    assert isinstance(note, Call)
    assert isinstance(declare, Call)
    assert note.once is not None
    assert declare.once is not None
    assert declare.once.within == 86_400
    assert declare.uses.kind == "playbook"
    assert declare.uses.path == "./declare_incident.yml"
    assert [s.id for s in declare.otherwise] == ["log"]
    assert note.inputs.evaluate(Scope({"alert": {"id": "7"}}, lambda: None)) == {  # type: ignore[arg-type, return-value]
        "identifier": "7",
        "note": "Hello",
        "details": {"a": [1]},
    }


def test_a_call_knows_where_its_parts_stand() -> None:
    playbook = check(CHASE, "a.yml").playbook
    assert playbook is not None
    find = playbook.steps[0]
    assert isinstance(find, Call)
    assert (find.position.line, find.uses_position.line, find.uses_position.column) == (17, 18, 11)
    assert (find.input_positions["query"].line, find.input_positions["query"].column) == (22, 7)
    assert find.value_positions["query"].column == 14
    note = next(s for s in playbook.every_step() if s.id == "note")
    assert isinstance(note, Call)
    assert {"details", "details.a", "details.a.0"} <= set(note.input_positions)


def test_the_name_is_the_files_when_it_is_not_said() -> None:
    playbook = check("steps: [{id: a, uses: core.log}]", "playbooks/Morning-Handover.yml").playbook
    assert playbook is not None
    assert playbook.name == "morning_handover"


def test_a_playbook_with_errors_is_none() -> None:
    checked = check("steps: [{id: a, uses: core.nope}]", "a.yml")
    assert checked.playbook is None
    assert checked.findings[0].severity == "error"


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_checking_a_damaged_playbook_never_raises(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(CHASE)))
    length = data.draw(st.integers(0, 30))
    new = data.draw(st.text(alphabet="ab:-# \n'\"{}[]$*&|", max_size=6))
    damaged = CHASE[:at] + new + CHASE[at + length :]
    for finding in check(damaged, "a.yml").findings:
        assert 1 <= finding.line <= damaged.count("\n") + 1
        assert finding.message


def test_a_thousand_steps_are_accepted_and_one_more_is_not() -> None:
    step = "  - {{id: s{}, uses: core.log}}\n"
    thousand = "steps:\n" + "".join(step.format(n) for n in range(1_000))
    assert check(thousand, "a.yml").playbook is not None
    assert [f.code for f in check(thousand + step.format(1_000), "a.yml").findings] == ["E216"]


def test_all_findings_of_a_file_are_told_at_once_and_what_was_built_stays() -> None:
    text = "nam: x\nsteps:\n  - id: A\n    uses: ops.x\n    retry: 99\n    when: a b\n"
    checked = check(text, "a.yml")
    assert [f.code for f in checked.findings] == ["E201", "E207", "E211", "E217", "E301"]
    assert checked.playbook is None
    assert checked.partial is not None
    assert [step.id for step in checked.partial.steps] == ["A"]
