"""Entering the event loop."""

from __future__ import annotations

import subprocess
import sys

from playbooks_engine.cli.entering import enter


def test_the_work_is_done_and_its_status_given() -> None:
    async def work() -> int:
        return 3

    assert enter(work()) == 3


def test_no_command_imports_asyncio_before_it_is_needed() -> None:
    code = (
        "import sys, importlib; from playbooks_engine.cli.app import COMMANDS\n"
        "for late in COMMANDS.values(): importlib.import_module(late.module)\n"
        "print(*sys.modules)"
    )
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"asyncio", "rich", "httpx", "sqlalchemy"} & set(modules)
