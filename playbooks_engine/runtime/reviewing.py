"""Everything that can be said against a project's files in one go: project.yml, playbooks, mappings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from playbooks_engine.errors import BadPlaybook, BadUsage, Finding
from playbooks_engine.language.checking import check
from playbooks_engine.language.position import Position
from playbooks_engine.language.reading import MapNode, read
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.checking import finding
from playbooks_engine.runtime.library import Library
from playbooks_engine.runtime.project import FILE, Project, inspect

TEST = ".test.yml"


@dataclass
class Review:
    """What was looked at, what was found, and the tests of playbooks, which are for whoever knows them to check."""

    files: int = 0
    findings: list[Finding] = field(default_factory=list)
    tests: list[Path] = field(default_factory=list)

    def add(self, findings: Iterable[Finding]) -> None:
        self.files += 1
        # A sub-playbook is seen again from every playbook that uses it.
        new = [one for one in dict.fromkeys(findings) if one not in self.findings]
        self.findings += sorted(new, key=lambda one: (one.file, one.line, one.column))


def review(
    folder: Path | None, catalog: Catalog, paths: Iterable[Path] = (), bound: Mapping[str, str] | None = None
) -> Review:
    """Check these files and folders, or the whole project where none is named.

    Without a project folder, playbooks are checked as far as they can be without one. Raises BadUsage for a path
    that cannot be read.
    """
    found = Review()
    project = inspect(folder, catalog) if folder is not None else None
    asked = list(paths)
    playbooks: list[Path] = []
    if project is not None:
        # Whatever is asked for, project.yml decides what connections there are.
        if project.findings or not asked:
            found.add(project.findings)
        asked = asked or [*project.playbook_files, *project.mapping_files, *_tests(project)]
    for path in _files(asked):
        if path.name.endswith(TEST):
            found.tests.append(path)
        elif path.name == FILE:
            if project is None or path.resolve() != (project.folder / FILE).resolve():
                found.add(inspect(path.parent, catalog).findings)
            elif not project.findings:
                found.files += 1
        elif path.parent.name == "mappings":
            from playbooks_engine.language.mapping import read_mapping  # JSONPath, which playbooks do without

            found.add(read_mapping(_bytes(path), _shown(project, path))[1])
        elif project is None:
            found.add(check(_bytes(path), str(path)).findings)
        else:
            found.add(_against(project, catalog, path, bound or {}))
            playbooks.append(path)
    if project is not None:
        found.findings += _called_alike(project, playbooks)
    return found


def _called_alike(project: Project, paths: Iterable[Path]) -> list[Finding]:
    """Playbooks that bear the name of an earlier one: triggers, `once` keys and history go by the name."""
    first: dict[str, str] = {}
    found = []
    for path in paths:
        playbook = check(_bytes(path), _shown(project, path)).partial
        if playbook is None:
            continue
        other = first.setdefault(playbook.name, playbook.file)
        if other != playbook.file:
            lines = playbook.text.split("\n")
            line = next((number for number, text in enumerate(lines, 1) if text.startswith("name:")), 1)
            message = f"{other} is called '{playbook.name}', too: of the two, only one could start by itself"
            found.append(finding(playbook, Position(line, 1), "E254", message, "give it a name of its own"))
    return found


def _against(project: Project, catalog: Catalog, path: Path, bound: Mapping[str, str]) -> list[Finding]:
    try:
        findings = list(Library(project, catalog).load(path, bound).findings)
    except BadPlaybook as error:
        findings = error.findings
    # A connection with an error of its own is there, although nothing can use it: one mistake, one finding.
    broken = _named(project) - set(project.connections)
    return [one for one in findings if not (one.code == "E220" and any(f"'{name}'" in one.message for name in broken))]


def _named(project: Project) -> set[str]:
    try:
        root = read((project.folder / FILE).read_bytes(), FILE).root
    except OSError:
        return set()
    pair = root.pair("connections") if isinstance(root, MapNode) else None
    return {one.key.text for one in pair.value.pairs} if pair and isinstance(pair.value, MapNode) else set()


def _tests(project: Project) -> list[Path]:
    return sorted((project.folder / "playbooks").rglob(f"*{TEST}"))


def _files(paths: Iterable[Path]) -> list[Path]:
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = (one for one in sorted(path.rglob("*.yml")) if not _left_out(one.relative_to(path)))
            found.update(dict.fromkeys(inside))
        elif path.is_file():
            found[path] = None
        else:
            raise BadUsage(f"There is no file {path}.")
    return list(found)


def _left_out(path: Path) -> bool:
    return any(part == "fixtures" or part.startswith(".") for part in path.parts)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadUsage(f"{path} cannot be read: {error.strerror}.") from None


def _shown(project: Project | None, path: Path) -> str:
    return project.shown(path) if project is not None else str(path)
