"""The journal: runs, their steps, the intents of their writes, and `once` keys.

A run is a fold over its rows: to resume is to read them, skip what is finished, look at intents without an outcome,
and go on. Whoever writes shows the fence number of its claim; with an old one it is refused.
"""

from playbooks_engine.store.failures import LeaseLost
from playbooks_engine.store.journal.approvals import Approval, approval, approvals, ask, decide_approval
from playbooks_engine.store.journal.once import OnceRow, once_claim, once_done, once_forget, once_release
from playbooks_engine.store.journal.runs import (
    ENDED,
    NewRun,
    Run,
    add_run,
    add_runs,
    children,
    claim,
    claim_next,
    claim_part,
    claimable,
    count,
    finish,
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
from playbooks_engine.store.journal.waiting import (
    ask_cancel,
    cancel_queued,
    hold_back,
    lane_holder,
    park,
    to_cancel,
    wake,
)

__all__ = [
    "ENDED",
    "Approval",
    "Intent",
    "Journal",
    "LeaseLost",
    "NewRun",
    "OnceRow",
    "Run",
    "StepRow",
    "add_run",
    "add_runs",
    "approval",
    "approvals",
    "ask",
    "ask_cancel",
    "cancel_queued",
    "children",
    "claim",
    "claim_next",
    "claim_part",
    "claimable",
    "count",
    "decide_approval",
    "finish",
    "give_up",
    "hold_back",
    "intents",
    "keep_text",
    "lane_holder",
    "once_claim",
    "once_done",
    "once_forget",
    "once_release",
    "park",
    "release",
    "renew",
    "run_by_id",
    "runs",
    "scheduled",
    "start_run",
    "steps",
    "text_of",
    "to_cancel",
    "wake",
]
