"""Playbook tests in pytest: `pytest playbooks/` runs every *.test.yml there. Loaded by every pytest, so it is light."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playbooks_engine.testing.playbooks.session import Ready, Session
    from playbooks_engine.testing.playbooks.suite import Test

ENDING = ".test.yml"
PROJECT = "project.yml"


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Take the tests of playbooks; a file of that name that has to do with none belongs to somebody else."""
    if not file_path.name.endswith(ENDING) or not _ours(file_path):
        return None
    collector: pytest.Collector = PlaybookTests.from_parent(parent, path=file_path)
    return collector


def _ours(path: Path) -> bool:
    """Whether the file stands in a project, or names a playbook."""
    if any((folder / PROJECT).is_file() for folder in path.parents):
        return True
    try:
        with path.open("rb") as file:
            return any(line.startswith(b"playbook:") for line in file)
    except OSError:
        return False


class PlaybookTests(pytest.File):
    """One test file."""

    def collect(self) -> Iterator[PlaybookTest]:
        from playbooks_engine.errors import EngineError
        from playbooks_engine.language.checking import render

        session = _session(self.config)
        try:
            ready = session.read(self.path)
        except EngineError as error:
            raise self.CollectError(str(error)) from None
        if not ready.suite.usable:
            errors = (one for one in ready.suite.findings if one.severity == "error")
            raise self.CollectError("\n".join(render(one, False) for one in errors))
        for test in ready.suite.tests:
            yield PlaybookTest.from_parent(self, name=test.name, ready=ready, test=test)


class PlaybookTest(pytest.Item):
    """One test of a playbook."""

    def __init__(self, name: str, parent: pytest.Collector, ready: Ready, test: Test) -> None:
        super().__init__(name, parent)
        self._ready = ready
        self._test = test

    def runtest(self) -> None:
        from playbooks_engine.testing.playbooks.telling import failure

        outcome = _session(self.config).perform(self._ready, self._test)
        if not outcome.passed:
            raise NotAsExpected(failure(self._ready.suite, outcome.differences, outcome.happened))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        if isinstance(excinfo.value, NotAsExpected):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self._test.position.line - 1, self.name


class NotAsExpected(Exception):
    """A playbook did something else than its test expects."""


_SESSION = pytest.StashKey["Session"]()


def _session(config: pytest.Config) -> Session:
    from playbooks_engine.testing.playbooks.session import Session

    if _SESSION not in config.stash:
        config.stash[_SESSION] = Session()
    return config.stash[_SESSION]
