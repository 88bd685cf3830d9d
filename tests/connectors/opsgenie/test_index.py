"""The index says where each command is declared, and a test keeps it true."""

from __future__ import annotations

import inspect
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import connectors.opsgenie as package
from connectors.opsgenie import connector
from connectors.opsgenie.index import AREAS, INDEX
from playbooks_engine.sdk import commands_of

ROOM = Path(str(package.__file__)).parent


def _modules() -> list[str]:
    found = [path.relative_to(ROOM) for path in ROOM.rglob("*.py") if "simulator" not in path.parts]
    return [".".join(path.with_suffix("").parts) for path in found if path.name != "__init__.py"]


def test_the_index_names_every_command_of_every_module() -> None:
    declared = {name: tuple(commands_of([import_module(f"connectors.opsgenie.{name}")])) for name in _modules()}
    assert {name: names for name, names in declared.items() if names} == INDEX


def test_the_areas_are_those_of_the_commands() -> None:
    assert tuple(sorted({command.spec.area for command in connector.commands.values()})) == AREAS


def test_no_two_modules_declare_the_same_command() -> None:
    assert len(connector.commands) == sum(len(names) for names in INDEX.values())


def test_a_declaration_is_short() -> None:
    lengths = [len(inspect.getsource(command).splitlines()) for command in connector.commands.values()]
    assert sum(lengths) / len(lengths) <= 12


def test_asking_for_one_command_imports_its_area_alone() -> None:
    asked = (
        "import sys; from connectors.opsgenie import connector; connector.commands['get_schedules'];"
        "print(' '.join(sorted(name for name in sys.modules if name.startswith('connectors.opsgenie.'))))"
    )
    seen = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout.split()
    assert "connectors.opsgenie.schedules" in seen
    assert not {"connectors.opsgenie.policies", "connectors.opsgenie.alerts.acting"} & set(seen)
