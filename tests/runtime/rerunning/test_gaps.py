"""Results that are kept without their secrets: whoever would read them is told before anything runs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from playbooks_engine.errors import BadUsage
from playbooks_engine.language.checking import check
from playbooks_engine.language.playbook import Playbook
from playbooks_engine.runtime.rerunning.gaps import refuse_gaps
from playbooks_engine.runtime.rerunning.reusing import Reuse, choose
from playbooks_engine.runtime.secrets import MASK
from playbooks_engine.store.journal import Run, StepRow

NOW = datetime(2026, 3, 27, tzinfo=UTC)
RUN = Run(
    id=7, playbook="p", digest="", status="failed", output=None, error=None, owner=None, fence=1, lease_until=None,
    created_at=NOW, started_at=NOW, ended_at=NOW,
)  # fmt: skip


def playbook(expression: str, output: str = "1") -> Playbook:
    text = f"""
steps:
  - {{id: a, uses: core.set, with: {{token: x, name: x, list: [x, y]}}}}
  - {{id: b, uses: core.log, with: {{message: "${{{{ {expression} }}}}"}}}}
output: ${{{{ {output} }}}}
"""
    checked = check(text, "p.yml")
    assert checked.playbook is not None, checked.findings
    return checked.playbook


def reuse(text: Playbook, output: Any) -> Reuse:
    rows = [
        StepRow(run_id=7, path="a", step_id="a", status="succeeded", output=output),
        StepRow(run_id=7, path="b", step_id="b", status="failed"),
    ]
    return choose(text, RUN, rows, NOW)


GIVEN = {"token": f"key {MASK}", "name": "x", "list": ["x", MASK]}


@pytest.mark.parametrize(
    "expression",
    ["steps.a.output.token", "steps.a.output", "steps.a.output.list[1]", "steps.a.raw", "steps.a.output.list[0 + 1]"],
)
def test_what_reads_a_gap_is_refused(expression: str) -> None:
    text = playbook(expression)
    with pytest.raises(BadUsage, match="b reads what a gave, which held a secret of a connection") as refused:
        refuse_gaps(text, reuse(text, GIVEN) if "raw" not in expression else _raw(text))
    assert refused.value.hint == "Begin with it, so that it is asked for anew: --from a"


def _raw(text: Playbook) -> Reuse:
    rows = [
        StepRow(run_id=7, path="a", step_id="a", status="succeeded", output={}, raw=GIVEN),
        StepRow(run_id=7, path="b", step_id="b", status="failed"),
    ]
    return choose(text, RUN, rows, NOW)


@pytest.mark.parametrize("expression", ["steps.a.output.name", "steps.a.output.list[0]", "steps.a.status", "1"])
def test_what_reads_around_a_gap_is_not(expression: str) -> None:
    text = playbook(expression)
    refuse_gaps(text, reuse(text, GIVEN))


def test_the_output_of_the_playbook_is_a_reader_too() -> None:
    text = playbook("1", output="steps.a.output.token")
    with pytest.raises(BadUsage, match="output reads what a gave"):
        refuse_gaps(text, reuse(text, GIVEN))
