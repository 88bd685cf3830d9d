"""A mail server on a real port that takes every mail, or refuses everything when told to."""

from __future__ import annotations

import socket
import threading
from typing import Any, Self

from playbooks_engine.testing.answering import Asked


class MailSink:
    """`ledger` holds each line that a client said, but the lines of mails, which are in `mails`."""

    def __init__(self) -> None:
        self.ledger: list[Asked] = []
        self.mails: list[str] = []
        self._status = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._take, daemon=True)

    @property
    def port(self) -> int:
        port: int = self._listening.getsockname()[1]
        return port

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        # Closing alone does not wake who waits for a connection.
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()

    def misbehave(self, kind: str, times: int, *, status: int) -> None:
        self._status = status

    def behave(self) -> None:
        self._status = 0

    def _take(self) -> None:
        while True:
            try:
                wire, _ = self._listening.accept()
            except OSError:
                return
            with wire, wire.makefile("rb") as lines:
                wire.sendall(b"220 here\r\n")
                self._talk(wire, lines)

    def _talk(self, wire: socket.socket, lines: Any) -> None:
        for line in lines:
            word, _, rest = line.decode().strip().partition(" ")
            self.ledger.append(Asked(word.upper(), rest))
            if word.upper() == "QUIT":
                wire.sendall(b"221 bye\r\n")
                return
            if self._status:
                wire.sendall(f"{self._status} as the test asked for\r\n".encode())
            elif word.upper() == "DATA":
                wire.sendall(b"354 go on\r\n")
                self.mails.append("".join(line.decode() for line in iter(lines.readline, b".\r\n")))
                wire.sendall(b"250 taken\r\n")
            else:
                wire.sendall(b"250 fine\r\n")
