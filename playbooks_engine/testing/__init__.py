"""For people who write connectors and playbooks: checks that need no account and send nothing."""

from playbooks_engine.testing.conformance import ConnectorConformance
from playbooks_engine.testing.given import GivenSender, answer, lost

__all__ = ["ConnectorConformance", "GivenSender", "answer", "lost"]
