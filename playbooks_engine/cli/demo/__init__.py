"""`playbooks demo`: everything for real, on a pretend Opsgenie."""

from playbooks_engine.cli.demo.command import command

__all__ = ["command"]
