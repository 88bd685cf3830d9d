"""The webhook: what was done to alerts is posted to an address, one thing after the other, never to be waited for."""

import asyncio
import json
import ssl
from collections import deque
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from urllib.parse import SplitResult, urlsplit

from connectors.opsgenie.simulator.alerts import Alert
from connectors.opsgenie.simulator.instants import milliseconds

MOST = 1000
"""How many posts wait, and how many past ones are remembered."""
PATIENCE = 5.0
"""Seconds for one post."""
PAUSE = 0.05
"""Seconds between looks."""
_LONGEST_LINE = 65_536
# As the vendor's page on alert action data calls it.
_NAMES = {"Assign": "AssignOwnership"}


@dataclass(frozen=True)
class Delivery:
    """One post, and what came of it."""

    action: str
    alert_id: str
    status: int | None
    """What the other side answered; None when it did not."""
    problem: str = ""


class Webhook:
    """One address, what is still to be posted there, and what was."""

    def __init__(self) -> None:
        self.url: str | None = None
        self.actions: list[str] | None = None
        """Only these; None for all."""
        self.deliveries: deque[Delivery] = deque(maxlen=MOST)
        self.dropped = 0
        """Posts that had to make room for later ones."""
        self._waiting: deque[dict[str, Any]] = deque()

    def turn(self, url: str | None, actions: list[str] | None = None) -> None:
        """Post to this address from now on, or nowhere."""
        if url is not None:
            parts = urlsplit(url)
            if parts.scheme not in {"http", "https"} or not parts.hostname:
                raise ValueError(f"no address to post to: {url!r}")
        self.url, self.actions = url, actions
        self._waiting.clear()

    def tell(self, action: str, alert: Alert, given: dict[str, Any], at: datetime, user_id: str = "") -> None:
        """Note something that was done to an alert."""
        # A custom action goes by its own name.
        action = given["action"] if action == "ExecuteCustomAction" else _NAMES.get(action, action)
        if self.url is None or (self.actions is not None and action not in self.actions):
            return
        if len(self._waiting) >= MOST:
            self._waiting.popleft()
            self.dropped += 1
        self._waiting.append(_payload(action, alert, given, at, user_id))

    def take(self) -> tuple[str, dict[str, Any]] | None:
        """The next post that is due."""
        return (self.url, self._waiting.popleft()) if self.url and self._waiting else None

    def as_json(self) -> dict[str, Any]:
        return {
            "url": self.url,
            "actions": self.actions,
            "waiting": len(self._waiting),
            "dropped": self.dropped,
            "deliveries": [asdict(delivery) for delivery in self.deliveries],
        }


def _payload(action: str, alert: Alert, given: dict[str, Any], at: datetime, user_id: str) -> dict[str, Any]:
    who = given.get("user", "")
    shown: dict[str, Any] = {
        "alertId": alert.id,
        "message": alert.message,
        "tags": list(alert.tags),
        "tinyId": alert.tiny_id,
        "entity": alert.entity,
        "alias": alert.alias,
        # One in milliseconds and the other in nanoseconds, as the vendor has it.
        "createdAt": milliseconds(alert.created_at),
        "updatedAt": milliseconds(at) * 1_000_000,
        "username": who,
        "userId": user_id,
        "description": alert.description,
        "teams": list(alert.teams),
        "recipients": [responder["id"] for responder in alert.responders],
        "responders": [dict(responder) for responder in alert.responders],
        "actions": list(alert.actions),
        "details": dict(alert.details),
        "priority": alert.priority,
        "source": alert.source,
    }
    if given.get("note"):
        shown["note"] = given["note"]
    return {
        "action": action,
        "alert": shown,
        "source": {"name": who, "type": "API"},
        "integrationId": alert.integration.get("id", ""),
        "integrationName": "Webhook",
        "integrationType": "Webhook",
    }


async def post_all(webhook: Webhook) -> None:
    """Post what is due. Each is tried once: how often the vendor tries is not in the documents at hand."""
    while taken := webhook.take():
        url, payload = taken
        status, problem = None, ""
        try:
            async with asyncio.timeout(PATIENCE):
                status = await _post(urlsplit(url), json.dumps(payload).encode())
        except (OSError, ValueError, IndexError, TimeoutError, asyncio.IncompleteReadError) as failure:
            problem = type(failure).__name__
        webhook.deliveries.append(Delivery(payload["action"], payload["alert"]["alertId"], status, problem))


async def _post(url: SplitResult, body: bytes) -> int:
    host, secure = url.hostname or "", url.scheme == "https"
    context = ssl.create_default_context() if secure else None
    reader, writer = await asyncio.open_connection(
        host, url.port or (443 if secure else 80), ssl=context, limit=_LONGEST_LINE
    )
    try:
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        head = [f"POST {path} HTTP/1.1", f"Host: {url.netloc.rpartition('@')[2]}", "Content-Type: application/json"]
        head += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
        writer.write("\r\n".join(head).encode("ascii") + body)
        await writer.drain()
        line = await reader.readline()
        return int(line.split()[1])
    finally:
        writer.close()
