"""The README's connector works as it stands there, from an empty folder."""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import connectors
from playbooks_engine.sdk import Connector, Result
from playbooks_engine.testing import ConnectorConformance, GivenSender, answer, lost

README = Path(str(connectors.__file__)).parent / "README.md"
BLOCK = re.compile(r"`([\w/]+\.py)`[^`]*?(?:`[^`\n]*`[^`]*?)*?```python\n(.*?)```", re.S)


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    folder = tmp_path / "acme_playbooks"
    folder.mkdir()
    for name, code in BLOCK.findall(README.read_text(encoding="utf-8")):
        if "/" not in name:
            (folder / name).write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    for name in [name for name in sys.modules if name.split(".")[0] == "acme_playbooks"]:
        monkeypatch.delitem(sys.modules, name)
    return import_module("acme_playbooks")


def test_the_readme_shows_every_file() -> None:
    names = [name for name, _ in BLOCK.findall(README.read_text(encoding="utf-8"))]
    assert names == ["connection.py", "hosts.py", "__init__.py", "tests/test_conformance.py"]


def test_the_connector_of_the_readme_holds_to_what_every_connector_must(acme: ModuleType) -> None:
    made: Connector = acme.connector
    assert list(made.commands) == ["get_host", "isolate_host"]
    subject = type("Subject", (ConnectorConformance,), {"connector": made})()
    for name in dir(ConnectorConformance):
        if name.startswith("test_"):
            getattr(subject, name)()


async def test_the_command_of_the_readme_looks_before_it_repeats(acme: ModuleType) -> None:
    isolate = acme.connector.commands["isolate_host"](name="db-1", reason="r")
    sender = GivenSender(lost(), answer(200, {"isolated": True}))
    assert await isolate.run(sender) == Result({"isolated": True}, {"isolated": True})
    assert [(r.method, r.path) for r in sender.requests] == [("POST", "/hosts/db-1/isolate"), ("GET", "/hosts/db-1")]
