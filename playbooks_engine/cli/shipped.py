"""The playbooks that come with the tool."""

from __future__ import annotations

from pathlib import Path

import playbooks_engine


def shipped(name: str) -> str:
    """The text of a shipped playbook; they stand beside the package, in a checkout as in an installation."""
    return (Path(playbooks_engine.__file__).parent.parent / "playbooks" / name).read_text(encoding="utf-8")
