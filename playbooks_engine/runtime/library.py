"""The playbooks of a project: found by name or path, checked, and frozen with the sub-playbooks they use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from playbooks_engine.errors import BadPlaybook, BadUsage, Finding
from playbooks_engine.language.checking import check
from playbooks_engine.language.playbook import Call, Playbook
from playbooks_engine.language.suggesting import did_you_mean
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.checking import against_project, finding, sub_playbook_inputs
from playbooks_engine.runtime.project import Project

DEEPEST = 10
"""How deep sub-playbooks may use sub-playbooks."""


@dataclass(frozen=True)
class Loaded:
    """A playbook that may run, with every sub-playbook it can reach, by path relative to the project folder.

    `path` is the playbook's own such path.
    """

    playbook: Playbook
    path: str
    parts: Mapping[str, Playbook]
    findings: tuple[Finding, ...] = ()


class Library:
    """Reads and checks playbook files; what did not change is not read again."""

    def __init__(self, project: Project, catalog: Catalog) -> None:
        self._project = project
        self._catalog = catalog
        self._known: dict[Path, tuple[tuple[int, int], Loaded | BadPlaybook]] = {}

    def playbook(self, name: str, bound: Mapping[str, str] | None = None) -> Loaded:
        """A playbook by name, or by path; `bound` binds aliases to other connections.

        Raises BadUsage where there is none, BadPlaybook where it has errors.
        """
        return self.load(self._find(name), bound)

    def all(self) -> tuple[list[Loaded], list[BadPlaybook]]:
        """Every playbook of the project that may run, and what is wrong with each that may not."""
        good, bad = [], []
        for path in self._project.playbook_files:
            try:
                good.append(self.load(path))
            except BadPlaybook as error:
                bad.append(error)
        return good, bad

    def load(self, path: Path, bound: Mapping[str, str] | None = None) -> Loaded:
        """The playbook in a file; raises BadPlaybook, BadUsage where the file cannot be read."""
        if bound:
            return self._load(path, bound)
        try:
            stat = path.stat()
        except OSError:
            raise BadUsage(f"{path} cannot be read.") from None
        stamp = (stat.st_mtime_ns, stat.st_size)
        known = self._known.get(path)
        # Sub-playbooks and connections are part of what was checked, so only playbooks without any are kept.
        if known is None or known[0] != stamp or not isinstance(known[1], Loaded) or known[1].parts:
            self._known[path] = known = (stamp, self._load(path, {}))
        assert isinstance(known[1], Loaded)  # noqa: S101 - errors were raised above
        return known[1]

    def _load(self, path: Path, bound: Mapping[str, str]) -> Loaded:
        playbook, findings = self._checked(path, bound)
        parts: dict[str, Playbook] = {}
        self._collect(playbook, path, bound, parts, findings, (path.resolve(),))
        errors = [finding for finding in findings if finding.severity == "error"]
        if errors:
            # As `playbooks check` tells them: file by file, from top to bottom.
            raise BadPlaybook(sorted(findings, key=lambda one: (one.file, one.line, one.column)))
        return Loaded(playbook, self._relative(path), parts, tuple(findings))

    def _checked(self, path: Path, bound: Mapping[str, str]) -> tuple[Playbook, list[Finding]]:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise BadUsage(f"{self._project.shown(path)} cannot be read: {error.strerror}.") from None
        checked = check(content, self._project.shown(path))
        # What could be built of a broken file is looked at all the same: every mistake is told in one go.
        if checked.partial is None:
            raise BadPlaybook(checked.findings)
        return checked.partial, [
            *checked.findings,
            *against_project(checked.partial, self._project, self._catalog, bound),
        ]

    def _collect(
        self,
        playbook: Playbook,
        path: Path,
        bound: Mapping[str, str],
        parts: dict[str, Playbook],
        findings: list[Finding],
        above: tuple[Path, ...],
    ) -> None:
        """Add every sub-playbook reachable from here; cycles and paths out of the project are findings."""
        for step in playbook.every_step():
            if not isinstance(step, Call) or step.uses.kind != "playbook":
                continue
            part = (path.parent / step.uses.path).resolve()
            problem = self._problem(part, above)
            if problem:
                findings.append(finding(playbook, step.uses_position, *problem))
                continue
            name = self._relative(part)
            if name not in parts:
                try:
                    parts[name], found = self._checked(part, bound)
                except BadPlaybook as error:
                    findings += error.findings
                    continue
                findings += found
                self._collect(parts[name], part, bound, parts, findings, (*above, part))
            findings += sub_playbook_inputs(playbook, step, parts[name])

    def _problem(self, part: Path, above: tuple[Path, ...]) -> tuple[str, str, str] | None:
        if not part.is_relative_to(self._project.folder.resolve()):
            return "E251", f"{part.name} is outside the project folder", "move it into playbooks/"
        if not part.is_file():
            return "E251", f"there is no file {self._relative(part)}", "write its path from this file, as in ./name.yml"
        if part in above:
            chain = " -> ".join(step.name for step in (*above[above.index(part) :], part))
            return "E252", f"playbooks must not use each other in a circle: {chain}", "take one of the uses out"
        if len(above) > DEEPEST:
            return "E253", f"sub-playbooks are nested more than {DEEPEST} deep", "move steps up into one of them"
        return None

    def _find(self, name: str) -> Path:
        if name.endswith((".yml", ".yaml")) or "/" in name:
            path = Path(name)
            for place in (path, self._project.folder / path):
                if place.is_file():
                    return place
            stems = [file.stem for file in self._project.playbook_files]
            there = f"by name there are: {', '.join(stems) or 'none'}"
            raise BadUsage(f"There is no file {name}.", hint=did_you_mean(path.stem, stems, there))
        files = {path.stem: path for path in self._project.playbook_files}
        if name not in files:
            # History and messages speak of a playbook by the name in it, which may be another than its file's.
            files |= {self._name_in(path): path for path in files.values()}
        if name not in files:
            there = ", ".join(files) or "none"
            raise BadUsage(
                f'There is no playbook "{name}" in {self._project.shown(self._project.folder / "playbooks")}.',
                hint=did_you_mean(name, files, f"there are: {there}"),
            )
        return files[name]

    @staticmethod
    def _name_in(path: Path) -> str:
        """The playbook's own name; its file's where it has none, or cannot be read."""
        try:
            checked = check(path.read_bytes(), path.name)
        except OSError:
            return path.stem
        return checked.playbook.name if checked.playbook else path.stem

    def _relative(self, path: Path) -> str:
        """The path by which runs know a file: relative to the project folder, or absolute outside it."""
        whole, folder = path.resolve(), self._project.folder.resolve()
        return str(whole.relative_to(folder)) if whole.is_relative_to(folder) else str(whole)
