"""What a connector is made of. Pure: pydantic only, no input or output."""

from playbooks_engine.sdk.command import IN_QUERY, KEY, NOT_SENT, Command, Result, Spec
from playbooks_engine.sdk.connection import Connection, HttpConnection, Reveal, ServerUrl
from playbooks_engine.sdk.connector import Connector, Stream, Window, commands_of
from playbooks_engine.sdk.http import Answer, AnswerLost, Request, Sender
from playbooks_engine.sdk.message import Delivery, Message
from playbooks_engine.sdk.secret import Secret
from playbooks_engine.sdk.values import Duration, Moment
from playbooks_engine.sdk.write import Seen, Write

__all__ = [
    "IN_QUERY",
    "KEY",
    "NOT_SENT",
    "Answer",
    "AnswerLost",
    "Command",
    "Connection",
    "Connector",
    "Delivery",
    "Duration",
    "HttpConnection",
    "Message",
    "Moment",
    "Request",
    "Result",
    "Reveal",
    "Secret",
    "Seen",
    "Sender",
    "ServerUrl",
    "Spec",
    "Stream",
    "Window",
    "Write",
    "commands_of",
]
