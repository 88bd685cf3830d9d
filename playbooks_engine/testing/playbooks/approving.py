"""The people of a test: they decide at once, as the test says."""

from __future__ import annotations

from collections.abc import Mapping

from playbooks_engine.language.playbook import Call
from playbooks_engine.runtime.deciding import Decision, decide
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.library import Loaded
from playbooks_engine.store import journal
from playbooks_engine.testing.playbooks.suite import Verdict


class Verdicts:
    """What each question is answered, by the id or the path of its step."""

    def __init__(self, loaded: Loaded, verdicts: Mapping[str, Verdict]) -> None:
        calls = [
            step
            for playbook in (loaded.playbook, *loaded.parts.values())
            for step in playbook.every_step()
            if isinstance(step, Call)
        ]
        self.waits = any(step.repeat or step.uses.text in {"core.wait", "core.approval"} for step in calls)
        """Whether a run may wait for a time or a person at all."""
        self.missing: list[str] = []
        self._asks = any(step.uses.text == "core.approval" for step in calls)
        self._verdicts = {**{name.rpartition("/")[2]: one for name, one in verdicts.items()}, **verdicts}
        self._left: set[tuple[int, str]] = set()

    def decide(self, engine: Engine) -> bool:
        """Decide every open question; False where none was. What nobody decides runs out of time."""
        if not self._asks:
            return False
        now = engine.clock.now()
        decided = False
        with engine.database.reading() as connection:
            open_ones = journal.approvals(connection, open_at=now)
        for one in open_ones:
            step = one.path.rpartition("/")[2].partition("[")[0]
            verdict = self._verdicts.get(one.path) or self._verdicts.get(step)
            if verdict is None and (one.run_id, one.path) not in self._left:
                self._left.add((one.run_id, one.path))
                self.missing.append(f"step {one.path} asks a person, and the test says nothing under `approvals`")
            if verdict is None or verdict.decision == "expired":
                continue
            word: Decision = "approved" if verdict.decision == "approved" else "rejected"
            decide(engine, one.run_id, one.path, word, verdict.by, verdict.inputs)
            decided = True
        return decided
