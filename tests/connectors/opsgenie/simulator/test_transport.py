"""The wire below HTTP."""

import socket

import pytest

from connectors.opsgenie.simulator.transport import listen


def test_a_port_is_this_machine_s_only_and_taken_once():
    with listen(0) as listening:
        host, port = listening.getsockname()
        assert host == "127.0.0.1"
        with socket.create_connection((host, port), timeout=1):
            pass
        with pytest.raises(OSError, match="in use"):
            listen(port)


def test_a_reset_is_what_the_client_meets(opsgenie):
    opsgenie.misbehave("reset_before")
    port = int(opsgenie.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as asking:
        asking.sendall(b"GET /v2/alerts HTTP/1.1\r\nHost: x\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            asking.recv(1)
