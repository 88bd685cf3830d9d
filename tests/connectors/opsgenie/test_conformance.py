"""The opsgenie connector holds to what every connector must."""

from connectors.opsgenie import connector as opsgenie
from playbooks_engine.testing import ConnectorConformance


class TestOpsgenie(ConnectorConformance):
    connector = opsgenie
