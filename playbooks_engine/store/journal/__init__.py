"""The journal: runs, their steps, the intents of their writes, and `once` keys.

A run is a fold over its rows: to resume is to read them, skip what is finished, look at intents without an outcome,
and go on. Whoever writes shows the fence number of its claim; with an old one it is refused.
"""

from playbooks_engine.store.failures import LeaseLost
from playbooks_engine.store.journal.once import OnceRow, once_claim, once_done, once_forget, once_release
from playbooks_engine.store.journal.runs import (
    ENDED,
    NewRun,
    Run,
    add_run,
    add_runs,
    cancel_queued,
    children,
    claim,
    claim_next,
    claim_part,
    claimable,
    count,
    finish,
    hold_back,
    keep_text,
    renew,
    run_by_id,
    runs,
    scheduled,
    start_run,
    text_of,
)
from playbooks_engine.store.journal.steps import Intent, Journal, StepRow, intents, steps
from playbooks_engine.store.journal.trees import give_up, release

__all__ = [
    "ENDED",
    "Intent",
    "Journal",
    "LeaseLost",
    "NewRun",
    "OnceRow",
    "Run",
    "StepRow",
    "add_run",
    "add_runs",
    "cancel_queued",
    "children",
    "claim",
    "claim_next",
    "claim_part",
    "claimable",
    "count",
    "finish",
    "give_up",
    "hold_back",
    "intents",
    "keep_text",
    "once_claim",
    "once_done",
    "once_forget",
    "once_release",
    "release",
    "renew",
    "run_by_id",
    "runs",
    "scheduled",
    "start_run",
    "steps",
    "text_of",
]
