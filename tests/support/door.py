"""The simulator asked without HTTP, in the test's own loop: the same application, and no port, no socket, no thread."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from pydantic_core import to_json

from connectors.opsgenie.simulator.running import Simulator
from connectors.opsgenie.simulator.server import Application
from playbooks_engine.errors import ConnectionFailed
from playbooks_engine.runtime.transport import Undelivered
from playbooks_engine.sdk import Answer, Request


async def answered(simulator: Simulator, request: Request, headers: Any) -> Answer:
    """What the simulator answers; raises Undelivered where it ends the connection without an answer."""
    parts = urlsplit(request.target)
    body = b"" if request.body is None else to_json(request.body)
    transport = SimpleNamespace(get_extra_info=lambda name: None, abort=lambda: None, close=lambda: None)
    scope = {
        "type": "http",
        "method": request.method,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "state": {"transport": transport},
    }
    coming = [{"type": "http.request", "body": body}]
    said: list[Any] = []

    async def receive() -> Any:
        return coming.pop() if coming else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        said.append(message)

    await Application(simulator.state)(scope, receive, send)
    if not said:
        raise Undelivered(ConnectionFailed("The connection was closed without an answer."), left=True)
    shown = {name.decode().lower(): value.decode() for name, value in said[0]["headers"]}
    return Answer(said[0]["status"], shown, b"".join(part.get("body", b"") for part in said[1:]))
