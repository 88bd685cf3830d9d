"""`playbooks runs`."""

from __future__ import annotations

from playbooks_engine.cli.commands import Late, LateGroup

COMMANDS = {
    "list": Late("playbooks_engine.cli.runs.listing", "Runs, newest first."),
    "show": Late("playbooks_engine.cli.runs.showing", "One run: its steps, what its conditions saw, its changes."),
    "resume": Late("playbooks_engine.cli.runs.resuming", "Go on with a run that was given back or laid down."),
    "rerun": Late("playbooks_engine.cli.runs.rerunning", "Run one again from a step; what is finished is reused."),
    "cancel": Late("playbooks_engine.cli.runs.cancelling", "End a run: nothing further begins, `always` still runs."),
    "approve": Late("playbooks_engine.cli.runs.approving", "Approve what a run asks for."),
    "reject": Late("playbooks_engine.cli.runs.rejecting", "Reject what a run asks for."),
}

command = LateGroup(
    "runs",
    default="list",
    late=COMMANDS,
    help="Look at runs, go on with one, run one again, end one, and decide what one asks for.",
)
