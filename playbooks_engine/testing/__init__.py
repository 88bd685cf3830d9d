"""For people who write connectors and playbooks: checks that need no account, and send nothing but to a simulator."""

from playbooks_engine.testing.answering import AnsweringService
from playbooks_engine.testing.conformance import ConnectorConformance
from playbooks_engine.testing.given import GivenSender, answer, lost
from playbooks_engine.testing.simulated import SimulatedConformance

__all__ = ["AnsweringService", "ConnectorConformance", "GivenSender", "SimulatedConformance", "answer", "lost"]
