"""Runs that wait, for a time or for a person; runs with the same concurrency key; runs that are to be cancelled."""

from alembic import op
from sqlalchemy import ForeignKeyConstraint

from playbooks_engine.store.columns import instant, json, text, whole

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("run", instant("wake_at", "a waiting run goes on then; one without waits for a person", null=True))
    lane = "runs with the same one go one after the other: playbook and concurrency key"
    op.add_column("run", text("lane", lane, null=True))
    op.add_column("run", instant("cancel_at", "when a person asked to cancel it", null=True))
    op.add_column("run", text("cancelled_by", "who asked to cancel it", null=True))
    op.create_index("ix_run_lane", "run", ["lane"])
    op.create_table(
        "approval",
        whole("run_id", "the run that asks: run.id", key=True),
        text("path", "path of the step in the run", key=True),
        text("prompt", "what is asked"),
        text("ask", "whom the playbook asks", null=True),
        json("inputs", "what the person may fill in, as it was declared"),
        instant("asked_at", "when it was asked"),
        instant("due_at", "until when it may be decided"),
        text("decision", "approved, rejected or expired; nothing while it is open", null=True),
        text("decided_by", "who decided", null=True),
        instant("decided_at", "when it was decided", null=True),
        json("given", "what the person filled in", null=True),
        ForeignKeyConstraint(["run_id"], ["run.id"]),
        comment="A question to a person that a run waits for",
    )


def downgrade() -> None:
    raise NotImplementedError("a store is never taken back; use the copy made before the upgrade")
