"""A corpus of playbooks with one defect each: ‸ stands where the finding must point."""

from __future__ import annotations

import pytest

from playbooks_engine.language.checking import check
from playbooks_engine.language.codes import CODES

HEAD = "connections:\n  ops: opsgenie\n"
NOTE = HEAD + "steps:\n  - id: a\n    uses: ops.add_note\n    with:\n      identifier: x\n      note: "
EVENT = "on:\n  event:\n    from: ops.alerts\n" + NOTE
STEP = HEAD + "steps:\n  - id: a\n    uses: ops.x\n"
LOOP = HEAD + "inputs:\n  xs:\n    type: list\nsteps:\n  - id: a\n    for_each: ${{ inputs.xs }}\n"
ASK = "steps:\n  - id: a\n    uses: core.approval\n    with:\n      prompt: x\n"
LOG = "steps:\n  - id: a\n    uses: core.log\n"

YAML = [
    ("E101", "a: ‸\x07\n"),
    ("E103", LOG + "‸---\na: 1\n"),
    ("E104", "‸"),
    ("E104", "‸# nothing here\n"),
    ("E105", "steps:\n‸\t- id: a\n"),
    ("E106", "name: a\nsteps:\n  - id: a\n   ‸uses: core.log\n"),
    ("E106", "steps: ‸[a, b"),
    ("E106", "name‸:a\nsteps: []\n"),
    ("E107", "name: a\n‸name: b\n" + LOG),
    ("E107", STEP + "    ‸uses: ops.y\n"),
    ("E108", "name: ‸*other\n"),
    ("E108", "name: &a\n  - ‸*a\n"),
    ("E109", "a: " + "[" * 63 + "‸" + "[" + "]" * 64 + "\n"),
    ("E110", "name: ‸!!python/name:os.system x\n" + LOG),
    ("E110", "name: ‸!secret x\n" + LOG),
    ("E111", NOTE + "on call‸: ${{ inputs.a }}\n"),
    ("E111", STEP + "    when: a == {'a'‸: 1}\n"),
    ("E112", NOTE + "On call ‸#1 is ${{ now() }}\n"),
    ("E112", NOTE + "${{ 1 ‸# + 2 }}\n"),
    ("E113", HEAD + "steps:\n  - id: a\n    uses: ops.x\n    with: { a: ‸${{ inputs.s }} }\n"),
    ("E113", HEAD + "steps:\n  - id: a\n    uses: ops.x\n    with:\n      a: [1, ‸${{ now() }}]\n"),
    ("E114", STEP + "    when: ‸'P1' == event.priority\n"),
    ("E114", NOTE + "‸\"a\" and 'b: c'\n"),
    ("E115", NOTE + "‸{{ event.id }}\n"),
    ("E116", "‸[a, b]: c\n"),
    ("E117", NOTE + "‸@here look\n"),
    ("E117", NOTE + "‸*look* here\n"),
    ("E117", NOTE + "‸%d alerts\n"),
    ("E118", NOTE + "‸1e999\n"),
    ("E119", "‸<<: {name: a}\n" + LOG),
    ("E120", NOTE + '‸"open\n'),
    ("E120", NOTE + '"a ‸\\d"\n'),
]

STRUCTURE = [
    ("E203", "‸- a\n- b\n"),
    ("E203", "‸just text\n"),
    ("E201", "‸step:\n" + LOG),
    ("E201", STEP + "    ‸wiht: {}\n"),
    ("E201", STEP + "    retry:\n      ‸attempt: 3\n"),
    ("E201", "on:\n  ‸schedul: {every: 1m}\n" + LOG),
    ("E202", "‸name: a\n"),
    ("E202", "steps: ‸[]\n"),
    ("E202", "steps:\n  - ‸uses: core.log\n"),
    ("E202", "inputs:\n  a: ‸{default: 1}\n" + LOG),
    ("E202", "steps:\n  - id: a\n    uses: core.log\n    once: ‸{within: 1h}\n"),
    ("E203", "name: ‸5\n" + LOG),
    ("E203", "steps: ‸go\n"),
    ("E203", "steps:\n  - ‸go\n"),
    ("E203", LOG + "    with: ‸[a]\n"),
    ("E203", LOG + "    continue_on_error: ‸yes\n"),
    ("E203", LOG + "    when: ‸3\n"),
    ("E203", LOG + "    for_each: ‸5\n"),
    ("E203", "steps:\n  - id: a\n    uses: ‸${{ inputs.x }}\n"),
    ("E203", LOG + "    retry: ‸often\n"),
    ("E203", LOG + "    once: ‸[a]\n"),
    ("E204", "on:\n  ‸webhook: {path: a}\n" + LOG),
    ("E205", "steps:\n  - ‸id: a\n"),
    ("E205", LOG + "    ‸steps: []\n"),
    ("E206", LOG + "  - id: ‸a\n    uses: core.log\n"),
    ("E206", LOG + "    on_error:\n      - id: ‸a\n        uses: core.log\n"),
    ("E207", "steps:\n  - id: ‸getOnCall\n    uses: core.log\n"),
    ("E207", "steps:\n  - id: ‸get-on-call\n    uses: core.log\n"),
    ("E207", "name: ‸My Playbook\n" + LOG),
    ("E207", "inputs:\n  ‸serviceId: {type: string}\n" + LOG),
    ("E207", "connections:\n  ‸core: opsgenie\n" + LOG),
    ("E207", "steps:\n  - id: a\n    for_each: [1]\n    as: ‸event\n    uses: core.log\n"),
    ("E208", "steps:\n  - id: b\n    ‸retry: 3\n    steps:\n      - id: a\n        uses: core.log\n"),
    ("E208", "steps:\n  - id: b\n    uses: ./part.yml\n    ‸retry: 3\n"),
    ("E208", "steps:\n  - id: b\n    ‸once: x\n    steps:\n      - id: a\n        uses: core.log\n"),
    ("E208", "steps:\n  - id: b\n    ‸with: {}\n    steps:\n      - id: a\n        uses: core.log\n"),
    ("E208", LOG + "    ‸max_parallel: 3\n"),
    ("E208", LOG + "    ‸as: thing\n"),
    ("E208", LOG + "    ‸else:\n      - id: b\n        uses: core.log\n"),
    ("E208", "inputs:\n  a: {type: string, ‸items: string}\n" + LOG),
    ("E209", "steps:\n  - id: a\n    uses: ‸nonsense\n"),
    ("E209", "steps:\n  - id: a\n    uses: ‸../other.yml\n"),
    ("E209", "steps:\n  - id: a\n    uses: ‸/etc/passwd.yml\n"),
    ("E209", "steps:\n  - id: a\n    uses: core.‸faill\n"),
    ("E209", HEAD + "steps:\n  - id: a\n    uses: ops.‸addNote\n"),
    ("E211", "steps:\n  - id: a\n    uses: ‸ops.add_note\n"),
    ("E211", "on:\n  event: {from: ‸ops.alerts}\n" + LOG),
    ("E212", LOG + "    timeout: ‸soon\n"),
    ("E212", LOG + "    timeout: ‸0s\n"),
    ("E212", "on:\n  schedule: {every: ‸5 minutes}\n" + LOG),
    ("E213", "on:\n  schedule: {cron: ‸0 8 * *}\n" + LOG),
    ("E213", "on:\n  schedule: {cron: ‸'61 8 * * *'}\n" + LOG),
    ("E213", "on:\n  schedule: {cron: ‸'0 0 30 2 *'}\n" + LOG),
    ("E213", "on:\n  schedule: {cron: ‸'0 0 8 * * *'}\n" + LOG),
    ("E213", "on:\n  schedule: {cron: ‸'@dayly'}\n" + LOG),
    ("E214", "on:\n  schedule: {cron: 0 8 * * *, timezone: ‸Europe/Berln}\n" + LOG),
    ("E215", "on:\n  schedule: {every: 1m, catch_up: ‸lsat}\n" + LOG),
    ("E215", "inputs:\n  a: {type: ‸int}\n" + LOG),
    ("E215", LOG + "    retry:\n      on: [timeout, ‸auth]\n"),
    ("E215", LOG + "    retry:\n      on: [‸429]\n"),
    ("E217", LOG + "    retry: ‸0\n"),
    ("E217", LOG + "    retry: ‸11\n"),
    ("E218", "on:\n  schedule: ‸{}\n" + LOG),
    ("E218", "on:\n  schedule: {every: 1m, ‸cron: 0 8 * * *}\n" + LOG),
    ("E218", "on:\n  event: {from: ‸alerts}\n" + LOG),
    ("E219", "inputs:\n  a: {type: integer, default: ‸many}\n" + LOG),
    ("E219", "inputs:\n  a: {type: string, enum: [low, high], default: ‸middle}\n" + LOG),
]

EXPRESSIONS = [
    ("E301", NOTE + "x ${{ 1 ‸+ }}\n"),
    ("E301", NOTE + "'it''s ${{ 1 ‸+ }}'\n"),
    ("E301", NOTE + '"\\t\\u00e9 ${{ 1 ‸+ }}"\n'),
    ("E301", NOTE + "é ${{ 1 ‸+ }}\n"),
    ("E301", NOTE + "|\n        one\n        two ${{ 1 ‸+ }}\n"),
    ("E301", NOTE + ">-\n        one\n        two ${{ 1 ‸+ }}\n        three\n"),
    ("E301", NOTE + "one\n        two ${{ 1 ‸+ }}\n"),
    ("E301", NOTE + "‸${{ now()\n"),
    ("E301", NOTE + "${{ 1 ‸= 2 }}\n"),
    ("E301", NOTE + "${{ 1 ‸&& 2 }}\n"),
    ("E301", NOTE + "${{ ‸open('x') }}\n"),
    ("E301", NOTE + "${{ 'x' | ‸attr('y') }}\n"),
    ("E301", NOTE + "${{ ago(‸'ten') }}\n"),
    ("E301", NOTE + "${{ 'x' | regex_search(‸'(') }}\n"),
    ("E301", NOTE + "${{ [1] | json_query(‸'[') }}\n"),
    ("E301", NOTE + "${{ ‸2 ** 3 }}\n"),
    ("E301", NOTE + "${{ 'a' if ‸true }}\n"),
    ("E301", STEP + "    when: ‸${{ 1 }} == 1\n"),
    ("E301", STEP + "    when: not ‸${{ 1 }}\n"),
    ("E302", NOTE + "${{ ‸evnt.id }}\n"),
    ("E302", NOTE + "${{ ‸secrets.key }}\n"),
    ("E302", NOTE + "${{ ‸env.HOME }}\n"),
    ("E303", NOTE + "${{ inputs.‸x }}\n"),
    ("E303", NOTE + "${{ run.‸name }}\n"),
    ("E303", STEP + "  - id: b\n    uses: ops.y\n    with: {n: '${{ steps.a.‸outputs }}'}\n"),
    ("E304", NOTE + "${{ steps.‸b.output }}\n  - id: b\n    uses: ops.x\n"),
    ("E304", NOTE + "${{ steps.‸nothing.output }}\n"),
    ("E304", NOTE + "${{ steps.‸a.output }}\n"),
    (
        "E304",
        LOOP
        + "    steps:\n      - id: i\n        uses: ops.x\n"
        + "  - id: z\n    uses: ops.x\n    when: steps.‸i.status == 'x'\n",
    ),
    ("E305", LOOP + "    when: ‸item.x == 1\n    uses: ops.x\n"),
    ("E305", LOOP + "    as: alert\n    when: ‸alert.x == 1\n    uses: ops.x\n"),
    ("E302", LOOP + "    as: alert\n    uses: ops.x\n    with: {a: '${{ ‸item.x }}'}\n"),
    ("E306", NOTE + "${{ ‸item.x }}\n"),
    ("E306", NOTE + "${{ ‸loop.index }}\n"),
    ("E306", NOTE + "${{ ‸error.message }}\n"),
    ("E306", "on:\n  event: {from: ops.alerts, where: ‸steps.a.output}\n" + STEP),
    ("E306", "inputs:\n  a: {type: string, default: '${{ ‸event.id }}'}\n" + LOG),
    ("E303", NOTE + "${{ vars.‸x }}\n"),
    ("E303", "vars:\n  a: ${{ vars.‸b }}\n  b: 1\noutput: ${{ vars.a }}\n" + LOG),
    ("E306", "vars:\n  a: ${{ ‸steps.a.output }}\noutput: ${{ vars.a }}\n" + LOG),
    ("E306", "concurrency:\n  key: ${{ ‸run.id }}\n" + LOG),
    ("E306", NOTE + "${{ ‸output.x }}\n"),
    (
        "E304",
        "steps:\n  - id: p\n    parallel:\n      x: [{id: a, uses: core.log}]\n"
        "      y: [{id: b, uses: core.log, when: steps.‸a.status == 'x'}]\n",
    ),
    ("E303", STEP + "  - id: b\n    uses: ops.y\n    with: {n: '${{ steps.a.‸results }}'}\n"),
    ("E303", "steps:\n  - {id: a, uses: core.set, with: {x: 1}}\noutput: ${{ steps.a.output.‸y }}\n"),
]

PARTS = [
    ("E203", "concurrency: ‸${{ event.entity }}\n" + LOG),
    ("E215", "concurrency: {when_busy: ‸wait}\n" + LOG),
    ("E207", "vars:\n  ‸someThing: 1\noutput: ${{ vars.someThing }}\n" + LOG),
    ("W203", "vars:\n  ‸a: 1\n" + LOG),
    ("E212", "on:\n  event:\n    from: ops.alerts\n    for: ‸soon\n" + STEP),
    ("E202", "steps:\n  - id: a\n    parallel: ‸{}\n"),
    ("E202", "steps:\n  - id: a\n    parallel: {b: ‸[]}\n"),
    ("E203", "steps:\n  - id: a\n    parallel: ‸[]\n"),
    ("E203", "steps:\n  - id: a\n    parallel: {b: ‸{id: x, uses: core.log}}\n"),
    ("E207", "steps:\n  - id: a\n    parallel: {‸B b: [{id: x, uses: core.log}]}\n"),
    ("E208", "steps:\n  - id: a\n    ‸repeat: {until: output}\n    parallel: {b: [{id: x, uses: core.log}]}\n"),
    ("E202", STEP + "    ‸repeat: {until: output.x}\n"),
    ("E202", STEP + "    timeout: 1h\n    repeat: ‸{every: 30s}\n"),
    ("E203", STEP + "    timeout: 1h\n    repeat: ‸output.x\n"),
    ("E217", STEP + "    timeout: 1h\n    repeat: {until: output.x, ‸every: 0.5s}\n"),
    ("E208", LOG + "    timeout: 1h\n    ‸repeat: {until: output.message == 'x'}\n"),
    ("E208", "steps:\n  - id: a\n    uses: ./b.yml\n    timeout: 1h\n    ‸repeat: {until: output.x}\n"),
    ("E202", "steps:\n  - id: a\n    uses: ‸core.approval\n    with: {prompt: x}\n"),
    ("E202", "steps:\n  - id: a\n    uses: ‸core.approval\n"),
    ("E212", ASK + "      timeout: ‸${{ inputs }}\n"),
    ("E215", ASK + "      timeout: 1h\n      on_timeout: ‸approve\n"),
    ("E215", ASK + "      timeout: 1h\n      on_timeout: ‸rejct\n"),
    ("E203", ASK + "      timeout: 1h\n      via: ‸${{ inputs.x }}\n"),
    ("E211", ASK + "      timeout: 1h\n      via: ‸chat.send\n"),
    ("E209", ASK + "      timeout: 1h\n      via: core.‸log\n"),
    ("E209", ASK + "      timeout: 1h\n      via: ‸./tell.yml\n"),
    ("E215", ASK + "      timeout: 1h\n      inputs: {why: {type: ‸text}}\n"),
    ("E208", ASK + "      timeout: 1h\n    ‸retry: 3\n"),
    ("E208", ASK + "      timeout: 1h\n    ‸once: x\n"),
    ("E202", "steps:\n  - id: a\n    uses: ‸core.wait\n"),
    ("E208", "steps:\n  - id: a\n    uses: core.wait\n    with: {for: 5m, ‸until: 2026-01-01}\n"),
    ("E226", LOG + "always:\n  - {id: b, steps: [{id: c, uses: ‸core.stop}]}\n"),
    ("W201", "steps:\n  - id: a\n    uses: core.stop\n  - ‸id: b\n    uses: core.log\n"),
    (
        "W305",
        "steps:\n  - {id: a, steps: [{id: b, uses: core.log}]}\n"
        "  - {id: c, uses: core.log, when: steps.a.‸output == 1}\n",
    ),
]

DOUBTS = [
    ("W101", NOTE + "on call ‸#1\n"),
    ("W201", "steps:\n  - id: a\n    uses: core.fail\n  - ‸id: b\n    uses: core.log\n"),
    ("W202", "connections:\n  ‸ops: opsgenie\n" + LOG),
    ("W301", STEP + "    when: inputs == {}\n  - id: b\n    uses: ops.x\n    with: {a: '${{ steps.‸a.output.x }}'}\n"),
    ("W301", STEP + "always:\n  - id: b\n    uses: ops.x\n    with: {a: '${{ steps.‸a.output.x }}'}\n"),
    ("W302", NOTE + "'see ‸{{ event.id }}'\n"),
    ("W303", NOTE + "${{ [1] | json_query(‸'[?p==\"P1\"]') }}\n"),
    ("W304", NOTE + "${{ ‸event.id }}\n"),
    ("W401", NOTE + "GenieKey ‸1234abcd-1234-1234-1234-123456789abc\n"),
    ("W401", NOTE + "Authorization Bearer ‸abcdefghijklmnop1234\n"),
    (
        "W401",
        HEAD + "steps:\n  - id: a\n    uses: ops.x\n    with:\n      api_key: ‸1234abcd-1234-1234-1234-123456789abc\n",
    ),
]

BAD = [*YAML, *STRUCTURE, *PARTS, *EXPRESSIONS, *DOUBTS]


@pytest.mark.parametrize(("code", "marked"), BAD, ids=[f"{code}-{n}" for n, (code, _) in enumerate(BAD)])
def test_each_defect_is_found_at_its_place(code: str, marked: str) -> None:
    before, mark, after = marked.partition("‸")
    assert mark
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    checked = check(before + after, "bad.yml")
    places = [(f.code, f.line, f.column) for f in checked.findings]
    assert (code, line, column) in places, [(f.place, f.code, f.message) for f in checked.findings]
    found = next(f for f in checked.findings if f.code == code)
    assert found.message
    assert (checked.playbook is None) == any(f.severity == "error" for f in checked.findings)


@pytest.mark.parametrize(("code", "marked"), BAD, ids=[f"{code}-{n}" for n, (code, _) in enumerate(BAD)])
def test_one_defect_makes_one_finding(code: str, marked: str) -> None:
    findings = check(marked.replace("‸", ""), "bad.yml").findings
    beside = [f for f in findings if f.code != code and f.code not in ("W304", "W202", "E202")]
    assert not [f for f in beside if f.severity == "error"], [(f.place, f.code, f.message) for f in findings]


def test_the_corpus_covers_every_code_that_a_playbook_can_have() -> None:
    elsewhere = {"E102", "E210", "E216", "E401", "E402", "E403", "E404"}
    assert {code for code, _ in BAD} | elsewhere == set(CODES)


def test_a_file_that_is_too_large_is_refused() -> None:
    assert [f.code for f in check("# " + "x" * 1_048_576, "big.yml").findings] == ["E102"]


def test_a_thousand_steps_are_accepted_and_one_more_is_not() -> None:
    step = "  - {{id: s{}, uses: core.log}}\n"
    thousand = "steps:\n" + "".join(step.format(n) for n in range(1_000))
    assert check(thousand, "a.yml").playbook is not None
    assert [f.code for f in check(thousand + step.format(1_000), "a.yml").findings] == ["E216"]


def test_all_findings_of_a_file_are_told_at_once() -> None:
    text = "nam: x\nsteps:\n  - id: A\n    uses: ops.x\n    retry: 99\n    when: a b\n"
    assert [f.code for f in check(text, "a.yml").findings] == ["E201", "E207", "E211", "E217", "E301"]
