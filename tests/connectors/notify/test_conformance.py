"""The notify connector holds to what every connector must."""

from connectors.notify import connector as notify
from playbooks_engine.testing import ConnectorConformance


class TestNotify(ConnectorConformance):
    connector = notify
