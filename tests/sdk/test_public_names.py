"""What a connector may import stands in the package itself."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import connectors
from playbooks_engine import sdk

ROOM = Path(str(connectors.__file__)).parent
SOURCES = [path for path in ROOM.rglob("*.py") if "simulator" not in path.parts]


def test_every_public_name_exists() -> None:
    assert all(hasattr(sdk, name) for name in sdk.__all__)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOM)))
def test_connectors_need_public_names_and_errors_only(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        modules = (
            [node.module] if isinstance(node, ast.ImportFrom) else
            [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        )  # fmt: skip
        ours = {module for module in modules if module and module.startswith("playbooks_engine")}
        assert ours <= {"playbooks_engine.sdk", "playbooks_engine.errors"}
