"""The http connector holds to what every connector must."""

from connectors.http import connector as http
from playbooks_engine.testing import ConnectorConformance


class TestHttp(ConnectorConformance):
    connector = http
