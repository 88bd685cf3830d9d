"""The playbooks whose triggers count: those of the project that may run, read again when a file changes."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path

from playbooks_engine.errors import EngineError
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.library import Loaded

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Armed:
    """Playbooks by name. While `complete` is false some file is broken, and it cannot be told which triggers are gone.

    A broken playbook starts nothing, not even as it was before: the text that somebody has just changed is not what
    they want to run. Where it stood is kept, so once it is mended it goes on from there and misses no event.
    """

    playbooks: dict[str, Loaded] = field(default_factory=dict)
    complete: bool = True


def arm(engine: Engine) -> tuple[Armed, list[str]]:
    """The playbooks of the project as their files are now, and what is wrong with the others, a sentence each."""
    good, bad = engine.library.all()
    problems = [str(error) for error in bad]
    named: dict[str, Loaded] = {}
    for loaded in good:
        name = loaded.playbook.name
        if name in named:
            problems.append(f'{loaded.path} and {named[name].path} are both called "{name}": only the latter is used.')
        else:
            named[name] = loaded
    return Armed(named, complete=not problems), problems


class Watched:
    """The armed playbooks, looked at again whenever a file of the project changed."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._stamps: dict[Path, tuple[int, int]] | None = None
        self._told: set[str] = set()
        self.armed = Armed()

    def look(self) -> bool:
        """Read what changed; True when something did. Each problem is reported once, until it is gone."""
        stamps = _stamps(self._engine)
        if stamps == self._stamps:
            return False
        self._stamps = stamps
        try:
            self.armed, problems = arm(self._engine)
        except (EngineError, OSError) as error:
            # A file vanished between the look and the reading: the next look sees that too.
            self._stamps, problems = None, [str(error)]
        for problem in problems:
            if problem not in self._told:
                log.error("%s", problem)
        self._told = set(problems)
        return True


def _stamps(engine: Engine) -> dict[Path, tuple[int, int]]:
    found = {}
    for path in sorted((engine.project.folder / "playbooks").rglob("*.yml")):
        try:
            stat = path.stat()
        except OSError:
            continue
        found[path] = (stat.st_mtime_ns, stat.st_size)
    return found
