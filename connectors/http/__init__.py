"""Generic HTTP: one request to any service that speaks HTTP and JSON."""

from connectors.http import checking, requests
from connectors.http.connection import HttpServiceConnection
from playbooks_engine.sdk import Connector, commands_of

connector = Connector(
    name="http",
    title="Any HTTP service",
    connection=HttpServiceConnection,
    commands=commands_of((requests, checking)),
    test="test_connection",
    module="connectors.http",
    example="idp",
)
