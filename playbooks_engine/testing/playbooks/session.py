"""Test files found, read, checked and performed: what `playbooks test` and pytest share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from playbooks_engine.errors import BadPlaybook, BadUsage, EngineError
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.library import Library, Loaded
from playbooks_engine.runtime.project import Project
from playbooks_engine.testing.playbooks.checking import against
from playbooks_engine.testing.playbooks.project import ENDING, project_of
from playbooks_engine.testing.playbooks.reading import read_suite
from playbooks_engine.testing.playbooks.suite import Suite, Test

if TYPE_CHECKING:
    from playbooks_engine.testing.playbooks.happening import Happened
    from playbooks_engine.testing.playbooks.judging import Difference


@dataclass(frozen=True)
class Ready:
    """A test file with all that its tests need; without `loaded` none of them can be performed."""

    suite: Suite
    project: Project | None = None
    loaded: Loaded | None = None


@dataclass(frozen=True)
class Outcome:
    """One test performed: it passed when nothing differs."""

    test: Test
    differences: list[Difference]
    happened: Happened

    @property
    def passed(self) -> bool:
        return not self.differences


def test_files(paths: Iterable[Path]) -> list[Path]:
    """The test files among these files and in these folders; raises BadUsage for what is not there."""
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = (one for one in sorted(path.rglob(f"*{ENDING}")) if not _hidden(one.relative_to(path)))
            found.update(dict.fromkeys(inside))
        elif not path.is_file():
            raise BadUsage(f"There is no file {path}.")
        elif not path.name.endswith(ENDING):
            raise BadUsage(f"{path} is no test of a playbook.", hint=f"Their names end in {ENDING}.")
        else:
            found[path] = None
    return list(found)


test_files.__test__ = False  # type: ignore[attr-defined]  # pytest takes whatever is called so


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


class Session:
    """Reads and performs test files of one project or of several."""

    def __init__(self, folder: Path | None = None, bound: Mapping[str, str] | None = None) -> None:
        self._folder = folder
        self._bound = dict(bound or {})
        self._catalog = Catalog()
        self._projects: dict[Path, Project] = {}

    def read(self, path: Path) -> Ready:
        """A test file, checked; what is wrong stands in its findings. Raises BadPlaybook for a bad project.yml."""
        project = self._project(path)
        try:
            suite = read_suite(path, path.read_bytes(), project.shown(path))
        except OSError as error:
            raise BadUsage(f"{project.shown(path)} cannot be read: {error.strerror}.") from None
        if suite.playbook is None:
            return Ready(suite, project)
        if not suite.playbook.is_file():
            near = suite.playbook.name
            told = suite.lines.finding("E601", suite.playbook_position, f"there is no playbook {near}")
            return Ready(replace(suite, findings=(*suite.findings, told)), project)
        try:
            loaded = Library(project, self._catalog).load(suite.playbook, self._bound)
        except BadPlaybook as error:
            return Ready(replace(suite, findings=(*suite.findings, *error.findings)), project)
        except EngineError as error:
            told = suite.lines.finding("E601", suite.playbook_position, error.message.rstrip("."), error.hint)
            return Ready(replace(suite, findings=(*suite.findings, told)), project)
        return Ready(against(suite, loaded, project, self._catalog, self._bound), project, loaded)

    def perform(self, ready: Ready, test: Test) -> Outcome:
        """Perform one test of a usable file."""
        # Not for those who only check.
        from playbooks_engine.testing.playbooks.judging import judge
        from playbooks_engine.testing.playbooks.performing import perform

        assert ready.project is not None  # noqa: S101 - a usable file has one
        assert ready.loaded is not None  # noqa: S101 - and a playbook
        happened = perform(ready.project, self._catalog, ready.loaded, test, self._bound)
        return Outcome(test, judge(test, happened, self._bound), happened)

    def outcomes(self, ready: Ready, word: str = "") -> Iterator[Outcome]:
        """Perform the tests whose name holds the word, one after the other."""
        for test in selected(ready.suite, word):
            yield self.perform(ready, test)

    def _project(self, path: Path) -> Project:
        folder = path.resolve().parent
        if folder not in self._projects:
            self._projects[folder] = project_of(path, self._catalog, self._folder)
        return self._projects[folder]


def selected(suite: Suite, word: str) -> list[Test]:
    """The tests that `-k WORD` means: part of their name or of their file's."""
    wanted = word.lower()
    return [test for test in suite.tests if wanted in test.name.lower() or wanted in suite.path.name.lower()]
