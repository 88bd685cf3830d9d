"""The wire below HTTP: a listening socket, a protocol that lets go of its transport, and a hard reset."""

import asyncio
import socket
import struct
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

if TYPE_CHECKING:
    from connectors.opsgenie.simulator.server import Application


class _Protocol(H11Protocol):
    """Hands each request the transport it came through, and tells when the connection is over."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its parent
        super().connection_made(transport)
        # asyncio does this only for sockets made with the protocol number; without it an answer takes 40 ms.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.app_state = {**self.app_state, "transport": transport}
        self.over = asyncio.Event()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.over.set()


def listen(port: int) -> socket.socket:
    """A socket on this machine's loopback; callers may connect from now on."""
    return socket.create_server(("127.0.0.1", port))


async def serve(application: "Application", listening: socket.socket) -> None:
    """Answer until the application is told to stop, then drop every connection at once."""
    # uvicorn's own server looks for its end ten times a second and takes over signals; a test wants neither.
    config = Config(application, loop="asyncio", ws="none", lifespan="off", log_config=None, log_level=None)
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Protocol(config, state, {}, loop), sock=listening)
    working = asyncio.create_task(application.work())
    await application.stopping.wait()
    working.cancel()
    server.close()
    await server.wait_closed()
    left = [connection for connection in state.connections if isinstance(connection, _Protocol)]
    for connection in left:
        connection.transport.abort()
    await asyncio.gather(*(connection.over.wait() for connection in left), *state.tasks)


def reset(scope: MutableMapping[str, Any]) -> None:
    """End the connection of a request with a TCP reset."""
    transport = scope["state"]["transport"]
    connection = transport.get_extra_info("socket")
    if connection is not None and not transport.is_closing():
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
