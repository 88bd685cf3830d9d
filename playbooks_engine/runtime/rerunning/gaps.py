"""Results that are kept without the secrets in them, and who would read these in a rerun."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from playbooks_engine.errors import BadUsage
from playbooks_engine.language.comparing import names_of
from playbooks_engine.language.playbook import Playbook
from playbooks_engine.runtime.rerunning.reusing import Reuse
from playbooks_engine.runtime.secrets import masked
from playbooks_engine.store.journal import StepRow


def refuse_gaps(playbook: Playbook, reuse: Reuse) -> None:
    """Raises BadUsage where a step that runs anew, or the output, reads what is only kept without a secret."""
    holding = _with_gaps(reuse.rows)
    if not holding:
        return
    readers = [(step.id, names_of(step)) for step in playbook.every_step() if step.id in reuse.anew]
    if playbook.output is not None:
        readers.append(("output", set(playbook.output.names)))
    for reader, names in readers:
        for path in sorted(names, key=str):
            if path[0] == "steps" and (step := _gap(path, holding)):
                raise BadUsage(
                    f"{reader} reads what {step} gave, which held a secret of a connection and is kept without it: "
                    f"{'.'.join(str(part) for part in path)}.",
                    hint=f"Begin with it, so that it is asked for anew: --from {step}",
                )


def _with_gaps(rows: Iterable[StepRow]) -> dict[str, list[StepRow]]:
    """The rows of each step of which something is masked, by its id."""
    found: dict[str, list[StepRow]] = {}
    for row in rows:
        if masked(row.output) or masked(row.raw) or masked(row.error):
            found.setdefault(row.step_id, []).append(row)
    return found


def _gap(path: tuple[str | int, ...], holding: dict[str, list[StepRow]]) -> str | None:
    """The step of which this path reads something masked, if it does."""
    if len(path) == 1:
        return next(iter(holding))
    step = str(path[1])
    for row in holding.get(step, ()):
        results = [{"output": row.output, "error": row.error}] if row.item is not None else row.output
        seen: Any = {"output": row.output, "raw": row.raw, "error": row.error, "results": results}
        if len(path) > 2 and path[2] not in seen:
            continue  # its status and its times hold nothing
        for key in path[2:]:
            try:
                seen = seen[key]
            except (KeyError, IndexError, TypeError):
                break  # further than what is kept can tell
        if masked(seen):
            return step
    return None
