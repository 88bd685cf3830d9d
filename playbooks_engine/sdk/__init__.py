"""What a connector is made of. Pure: pydantic only, no input or output."""

from playbooks_engine.sdk.command import FILE, IN_QUERY, KEY, NOT_SENT, Command, Effect, Repeat, Result, Spec, as_text
from playbooks_engine.sdk.connection import Connection, HttpConnection, MessageConnection, Reveal, ServerUrl
from playbooks_engine.sdk.connector import Connector, LazyCommands, Recount, Stream, Window, commands_of
from playbooks_engine.sdk.file import File, FilePath
from playbooks_engine.sdk.http import Answer, AnswerLost, Request, Sender, path_of
from playbooks_engine.sdk.message import Delivery, Message, Reached
from playbooks_engine.sdk.secret import Secret
from playbooks_engine.sdk.times import moment_of
from playbooks_engine.sdk.values import Duration, Moment
from playbooks_engine.sdk.write import Seen, Write

__all__ = [
    "FILE",
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
    "Effect",
    "File",
    "FilePath",
    "HttpConnection",
    "LazyCommands",
    "Message",
    "MessageConnection",
    "Moment",
    "Reached",
    "Recount",
    "Repeat",
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
    "as_text",
    "commands_of",
    "moment_of",
    "path_of",
]
