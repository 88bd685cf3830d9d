"""The language beside what it replaces: `python tests/speed/language.py`.

A condition of five terms evaluated, beside the same text as Jinja2's compiled expression; playbooks of 200 lines and
of 500 steps read and checked, beside PyYAML's safe_load of the same text (which only reads). CPU time, each in turn,
the best of several rounds, nothing cached between them: every round has texts of its own.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

import yaml
from jinja2 import Environment

from playbooks_engine.language.checking import check
from playbooks_engine.language.expressions import Scope, compile_condition

ROUNDS = 7
CALLS = 5_000
CONDITION = (
    "event.status == 'open' and event.priority in ['P1', 'P2'] and not event.acknowledged "
    "and event.count > 3 and 'prod' in event.tags"
)
EVENT = {"status": "open", "priority": "P1", "acknowledged": False, "count": 7, "tags": ["db", "prod"]}
HEAD = "on: {event: {from: ops.alerts}}\nconnections: {ops: opsgenie}\nsteps:\n  - {id: s0, uses: ops.get_schedules}\n"
STEP = """\
  - id: s{n}
    when: event.priority == 'P1' and steps.s{p}.status == 'succeeded' and {r} > 0
    uses: ops.add_note
    with:
      identifier: ${{{{ event.id }}}}-{r}
      note: "Step {n}.{r}: ${{{{ event.message }}}} of ${{{{ steps.s{p}.output.result | default('none') }}}}"
      tags: [a, b]
    retry: 3
"""


def best(work: Callable[[int], object]) -> float:
    """Seconds of CPU time of the fastest round."""
    taken = []
    for number in range(ROUNDS):
        begun = time.process_time()
        work(number)
        taken.append(time.process_time() - begun)
    return min(taken)


def playbook(steps: int, number: int) -> str:
    return HEAD + "".join(STEP.format(n=n, p=n - 1, r=number + 1) for n in range(1, steps + 1))


def checked(text: str) -> None:
    findings = check(text, "p.yml").findings
    assert not findings, findings[:3]


def main() -> int:
    scope = Scope({"event": EVENT}, lambda: datetime(2026, 5, 1, tzinfo=UTC))
    ours, theirs = compile_condition(CONDITION), Environment(autoescape=True).compile_expression(CONDITION)
    assert ours.evaluate(scope) is theirs(event=EVENT) is True
    failed = False
    for name, mine, other, beside, most in (
        (
            "a condition of five terms",
            best(lambda _: [ours.evaluate(scope) for _ in range(CALLS)]) / CALLS,
            best(lambda _: [theirs(event=EVENT) for _ in range(CALLS)]) / CALLS,
            "Jinja2's compiled expression",
            2.0,
        ),
        (
            "200 lines read and checked",
            best(lambda number: checked(playbook(24, number))),
            best(lambda number: yaml.safe_load(playbook(24, number))),
            "PyYAML's safe_load",
            3.0,
        ),
        (
            "500 steps read and checked",
            best(lambda number: checked(playbook(500, number + 100))),
            best(lambda number: yaml.safe_load(playbook(500, number + 100))),
            "PyYAML's safe_load",
            3.0,
        ),
    ):
        failed |= mine > most * other
        unit, scale = ("µs", 1e6) if mine < 1e-3 else ("ms", 1e3)
        told = f"{mine * scale:7.1f} {unit}, x {mine / other:4.2f} of {beside} ({other * scale:.1f} {unit})"
        print(f"  {name:<27} {told}, at most x {most:.0f}")
    print("goal: a condition under 30 µs, 500 steps under 300 ms on a machine of its own")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
