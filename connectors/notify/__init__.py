"""Messages to people: mail, and with the extra `notify` chat and some 170 services more."""

from connectors.notify import checking, messages
from connectors.notify.connection import NotifyConnection
from playbooks_engine.sdk import Connector, commands_of

connector = Connector(
    name="notify",
    title="Messages to people",
    connection=NotifyConnection,
    commands=commands_of((messages, checking)),
    test="test_connection",
    module="connectors.notify",
    example="chat",
)
