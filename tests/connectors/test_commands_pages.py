"""Each connector's COMMANDS.md says what its declarations say."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from playbooks_engine.testing.commands_page import MODULE, NAME, commands_page

PACKAGES = ("connectors.opsgenie", "connectors.http", "connectors.notify")
AGAIN = f"make it again: python -m {MODULE} {' '.join(PACKAGES)}"


@pytest.mark.parametrize("package", PACKAGES)
def test_a_page_of_commands_says_what_the_declarations_say(package: str) -> None:
    module = import_module(package)
    page = Path(str(module.__file__)).parent / NAME
    assert page.is_file(), AGAIN
    assert page.read_text(encoding="utf-8") == commands_page(module.connector), AGAIN
