"""The command `playbooks` as a whole."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from playbooks_engine import __version__
from playbooks_engine.cli.app import COMMANDS

HEAVY = {"httpx", "sqlalchemy", "rich", "alembic", "pydantic", "fastapi", "uvicorn", "jinja2", "yaml"}
LISTED = "import sys; from playbooks_engine.cli.app import run; run(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
COMPLETED = (
    "import sys; from playbooks_engine.cli.app import app\n"
    "try: app.main(prog_name='playbooks')\n"
    "finally: print(*sys.modules, file=sys.stderr)"
)
COMPLETE = {"_PLAYBOOKS_COMPLETE": "bash_complete"}


def _python(code: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, env=environment)


def test_help_lists_every_command_and_imports_nothing_heavy() -> None:
    ended = _python(LISTED, "--help")
    assert all(f"  {name} " in ended.stdout for name in COMMANDS)
    assert not HEAVY & set(ended.stderr.split())


@pytest.mark.parametrize(("words", "completed"), [("playbooks ru", "run"), ("playbooks run --pl", "--plan")])
def test_completion_imports_nothing_heavy(words: str, completed: str) -> None:
    ended = _python(COMPLETED, **COMPLETE, COMP_WORDS=words, COMP_CWORD=str(len(words.split()) - 1))
    assert f"plain,{completed}" in ended.stdout
    assert not HEAVY & set(ended.stderr.split())


def test_playbooks_are_completed_by_name(project: Path) -> None:
    (project / "playbooks" / "chase.yml").write_text("")
    (project / "playbooks" / "chase.test.yml").write_text("")
    ended = _python(COMPLETED, **COMPLETE, COMP_WORDS="playbooks run ch", COMP_CWORD="2")
    assert ended.stdout.split() == ["plain,chase"]


def test_help_costs_little_more_than_python_itself() -> None:
    def cpu(*words: str) -> float:
        costs = []
        for _ in range(5):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([sys.executable, *words], capture_output=True, check=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            costs.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        return min(costs)

    bare = cpu("-c", "pass")
    # The promise is 80 ms on a quiet machine, measured in tests/speed; other tests may be running beside this one.
    assert cpu("-m", "playbooks_engine", "--help") - bare < 0.2


def test_each_command_says_in_its_own_help_what_the_list_says() -> None:
    for name, late in COMMANDS.items():
        command: Any = import_module(late.module).command
        assert command.name == name
        assert command.help


def test_the_version_is_told(process: Callable[..., Any]) -> None:
    assert process("--version").out == f"playbooks {__version__}\n"


def test_without_a_command_help_is_shown_and_that_is_wrong_usage(cli: Callable[..., Any]) -> None:
    ended = cli()
    assert ended.status == 2
    assert "Commands:" in ended.err


def test_an_unknown_command_is_told_with_a_suggestion(cli: Callable[..., Any]) -> None:
    ended = cli("conections")
    assert ended.status == 2
    assert ended.err == "No such command 'conections'. Did you mean 'connections'?\n  See: playbooks --help\n"


def test_an_unknown_flag_is_told_with_a_suggestion(cli: Callable[..., Any]) -> None:
    ended = cli("check", "--fromat", "json")
    assert ended.status == 2
    assert "Did you mean '--format'?" in ended.err


def test_an_unexpected_error_shows_its_traceback(project: Path) -> None:
    code = (
        "import playbooks_engine.runtime.engine as e, sys\n"
        "e.Engine.open = lambda *a, **k: 1 / 0\n"
        "from playbooks_engine.__main__ import main; sys.argv = ['playbooks', 'runs']; main()"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ended.returncode == 1
    assert "Traceback" in ended.stderr
    assert "ZeroDivisionError" in ended.stderr


def test_a_reader_that_goes_away_is_no_reason_for_a_traceback(project: Path) -> None:
    shell = f"{sys.executable} -m playbooks_engine connections describe ops | head -c 1"
    ended = subprocess.run(["sh", "-c", shell], capture_output=True, text=True)
    assert len(ended.stdout) == 1
    assert "Traceback" not in ended.stderr
