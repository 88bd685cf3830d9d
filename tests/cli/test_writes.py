"""What a plan would send, for people."""

from __future__ import annotations

import io

from playbooks_engine.cli.printing import Output
from playbooks_engine.cli.writes import show


def test_each_write_is_a_request_and_its_body() -> None:
    out = io.StringIO()
    writes = [
        {
            "step": "note",
            "command": "ops.add_note",
            "method": "POST",
            "path": "/v2/a",
            "body": {"note": "x\ny", "n": [1]},
        },
        {"command": "ops.delete", "method": "DELETE", "path": "/v2/b", "body": None},
        {"command": "web.request", "method": "PUT", "path": "/c", "body": ["a"]},
    ]
    show(Output(out), writes)
    assert out.getvalue().splitlines() == [
        "  1. ops.add_note  step note",
        "     POST /v2/a",
        "     note: x y",
        "     n: [1]",
        "  2. ops.delete",
        "     DELETE /v2/b",
        "  3. web.request",
        "     PUT /c",
        '     body: ["a"]',
    ]
