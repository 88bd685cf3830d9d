"""`playbooks runs reject`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_a_rejected_run_goes_on_without_what_was_asked_for(
    cli: Callable[..., Any], playbook: Callable[..., Path]
) -> None:
    playbook(
        "ask",
        """
steps:
  - {id: ask, uses: core.approval, with: {prompt: Lock ana?, timeout: 1h}}
  - {id: lock, when: steps.ask.output.decision == 'approved', uses: ops.create_alert, with: {message: locked}}
output: ${{ steps.ask.output.decision }}
""",
    )
    assert cli("run", "ask").status == 4
    ended = cli("runs", "reject", "1", "ask")
    assert ended.out == "ask of run 1 is rejected.\n"
    assert ended.err == "Go on with it: playbooks runs resume 1\n"
    done = cli("runs", "resume", "1", "--json").json
    assert (done["output"], done["writes"]) == ("rejected", [])
