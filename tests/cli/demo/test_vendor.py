"""The pretend vendor of the demo."""

from __future__ import annotations

import socket

import pytest

from playbooks_engine.cli.demo import vendor as module
from playbooks_engine.cli.demo.vendor import vendor
from playbooks_engine.errors import EngineError


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_it_is_up_inside_and_gone_afterwards_however_it_ends() -> None:
    seen: list[int] = []

    def interrupted() -> None:
        with vendor() as opsgenie:
            assert _listens(opsgenie.port)
            assert opsgenie.key
            seen.append(opsgenie.port)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not _listens(seen[0])


def test_one_that_does_not_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.sys, "executable", "/bin/false")
    with pytest.raises(EngineError, match="did not start"), vendor():
        pass
