"""A service on a port of this machine that answers whatever it is asked: for connectors that have no simulator."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True)
class Asked:
    """One request, as it arrived."""

    method: str
    path: str


class AnsweringService:
    """Answers each request with the JSON that `answer(method, path)` gives, `{}` unless told otherwise.

    `ledger` holds every request so far, the oldest first.
    """

    def __init__(self, answer: Callable[[str, str], Any] = lambda method, path: {}) -> None:
        self.ledger: list[Asked] = []
        self._answer = answer
        self._status = 0
        self._times = 0
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def port(self) -> int:
        return self._server.server_port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def misbehave(self, kind: str, times: int, *, status: int) -> None:
        """With kind `error`, the only one: answer the next requests, `times` of them, with this status."""
        if kind != "error":
            raise ValueError(f"no kind {kind!r}; there is error")
        with self._lock:
            self._times, self._status = times, status

    def behave(self) -> None:
        """Answer as always again."""
        with self._lock:
            self._times = 0

    def _answered(self, method: str, path: str) -> tuple[int, Any]:
        with self._lock:
            self.ledger.append(Asked(method, path))
            if self._times > 0:
                self._times -= 1
                return self._status, {"message": "This is what the test asked for."}
        return 200, self._answer(method, path)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, document = service._answered(self.command, self.path)
                content = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

            def log_message(self, *_: Any) -> None:
                """Nothing on stderr."""

        return Handler
