"""For people who write connectors and playbooks: checks that need no account and send nothing."""

from playbooks_engine.testing.conformance import ConnectorConformance

__all__ = ["ConnectorConformance"]
