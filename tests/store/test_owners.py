"""Who holds something, and whether that process is gone."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

from playbooks_engine.store.owners import is_gone, owner_from, this_process

SAY = "from playbooks_engine.store.owners import this_process; print(this_process(), flush=True); input()"


def test_this_process_is_not_gone() -> None:
    owner = this_process()
    assert not is_gone(owner)
    assert not is_gone(str(owner))
    assert owner_from(str(owner)) == owner


def test_another_process_is_gone_when_it_has_ended() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SAY], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        owner = other.stdout.readline().strip()
        assert not is_gone(owner)
        other.kill()
        # Killed and not yet waited for, it is a zombie, which will do nothing any more.
        while not is_gone(owner):
            pass
        other.wait()
    assert is_gone(owner)


def test_a_process_number_used_again_is_another_process() -> None:
    assert is_gone(replace(this_process(), started="1"))


def test_a_process_of_another_host_is_never_gone() -> None:
    assert not is_gone(replace(this_process(), host="elsewhere", pid=1, started="1"))


def test_what_is_no_owner_is_never_gone() -> None:
    for text in ("", "somebody", "host:pid:1", ":1:1"):
        assert not is_gone(text)
