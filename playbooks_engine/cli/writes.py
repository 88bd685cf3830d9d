"""What a plan would send, for people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from playbooks_engine.cli.drawing import console, styled
from playbooks_engine.cli.printing import Output
from playbooks_engine.cli.wording import one_line


def show(output: Output, writes: Sequence[Mapping[str, Any]]) -> None:
    """One write after the other: the request, then its body."""
    screen = console(output)
    for place, write in enumerate(writes, 1):
        step = Text.assemble(("  step ", "dim"), styled(output, write["step"], "")) if write.get("step") else ""
        lines = [
            Text.assemble(f"{place:>3}. ", styled(output, write["command"], "bold"), step),
            Text.assemble("     ", styled(output, f"{write['method']} {write['path']}", "cyan")),
            *(
                Text.assemble("     ", styled(output, f"{name}: ", "dim"), styled(output, one_line(value, 160), ""))
                for name, value in _pairs(write.get("body"))
            ),
            *(
                Text.assemble(("     only if ", "dim"), styled(output, one_line(condition, 160), "yellow"))
                for condition in write.get("only_if", ())
            ),
        ]
        for line in lines:
            screen.print(line, soft_wrap=True)


def _pairs(body: Any) -> list[tuple[str, str]]:
    """The fields of a body as texts; a body that has none is one text."""
    fields = body.items() if isinstance(body, dict) else [("body", body)] if body is not None else []
    return [
        (name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)) for name, value in fields
    ]
