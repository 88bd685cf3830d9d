"""The items of a loop: evaluated when it begins, and the same ones after a crash."""

from __future__ import annotations

from typing import Any

from playbooks_engine.errors import ExpressionError
from playbooks_engine.language.expressions import Value
from playbooks_engine.language.expressions.reaching import kind
from playbooks_engine.runtime.running.frame import Frame
from playbooks_engine.runtime.running.notebook import FINISHED, Notebook
from playbooks_engine.runtime.secrets import masked
from playbooks_engine.sdk.times import as_json
from playbooks_engine.store.journal import StepRow

MOST_ITEMS = 10_000


def items_of(for_each: Value, frame: Frame, notebook: Notebook, known: StepRow | None) -> list[Any]:
    """The items; raises ExpressionError where there is no list, or where they cannot be had any more."""
    kept = known.inputs["items"] if known is not None and known.inputs is not None else None
    over = known is not None and known.status in FINISHED  # none of its items begins any more
    if kept is not None and (over or not masked(kept)):
        return list(kept)
    items = for_each.evaluate(frame.scope)
    if not isinstance(items, list):
        raise ExpressionError(f"`for_each` needs a list, and this is {kind(items)}.")
    if len(items) > MOST_ITEMS:
        raise ExpressionError(f"`for_each` takes at most {MOST_ITEMS:,} items, and there are {len(items):,}.")
    if kept is not None and not _same(items, kept, notebook):
        raise ExpressionError(
            "The items of this loop held a secret, which is not kept, and the process died before it ended.",
            hint="Run the playbook anew.",
        )
    return items


def _same(items: list[Any], kept: Any, notebook: Notebook) -> bool:
    now = as_json(items)
    return notebook.clean(now) == kept and not (masked(now) and notebook.gaps)
