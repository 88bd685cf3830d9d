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
        head = Text(f"{place:>3}. ") + styled(output, write["command"], "bold")
        if write.get("step"):
            head += Text("  step ", style="dim") + styled(output, write["step"])
        screen.print(head, soft_wrap=True)
        screen.print(Text("     ") + styled(output, f"{write['method']} {write['path']}", "cyan"), soft_wrap=True)
        body = write.get("body")
        for name, value in body.items() if isinstance(body, dict) else [("body", body)] if body is not None else []:
            shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            screen.print(
                Text("     ") + styled(output, f"{name}: ", "dim") + styled(output, one_line(shown, 160), ""),
                soft_wrap=True,
            )
