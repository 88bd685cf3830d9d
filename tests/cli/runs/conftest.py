"""A run to look at, as a person would."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

NESTED = """
inputs:
  names: {type: list, default: [ops_primary, nope]}
steps:
  - id: each
    for_each: ${{ inputs.names }}
    steps:
      - id: who
        uses: ops.get_on_call_user
        with: {schedule_name: "${{ item }}"}
      - id: never
        when: steps.who.status == 'failed'
        uses: core.log
        with: {message: no, level: info}
"""


@pytest.fixture
def ran(cli: Callable[..., Any], playbook: Callable[..., Path]) -> None:
    playbook("nested", NESTED.replace("message: no", 'message: "no"'))
    assert cli("run", "nested").status == 1
