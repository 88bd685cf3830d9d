"""Questions that runs ask people, and how each is decided."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from playbooks_engine.cli.wording import moment, one_line

if TYPE_CHECKING:
    from playbooks_engine.cli.printing import Output
    from playbooks_engine.store.journal import Approval


def show(output: Output, questions: Iterable[Approval]) -> None:
    """Each question with the commands that decide it, as notes."""
    for question in questions:
        whom = f"{question.ask} is asked" if question.ask else "it asks"
        output.note(f"  {question.path}: {whom}: {one_line(question.prompt, 300)}")
        flags = "".join(f" --input {name}=..." for name, one in question.inputs.items() if one.get("required"))
        output.note(f"    playbooks runs approve {question.run_id} {question.path}{flags}")
        output.note(f"    playbooks runs reject {question.run_id} {question.path}")
        output.note(f"    until {moment(question.due_at)} UTC")
