"""Where messages go."""

from __future__ import annotations

from playbooks_engine.sdk import MessageConnection


class NotifyConnection(MessageConnection):
    """People, reached through one or more addresses."""
