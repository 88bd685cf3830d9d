"""Who holds something: a process of a host, told from a later process that got the same number."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Owner:
    """A process; its text `host:pid:started` is what leases are held by."""

    host: str
    pid: int
    started: str

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}:{self.started}"


def this_process() -> Owner:
    # Read each time: after a fork it is another process.
    pid = os.getpid()
    return Owner(_host(), pid, _started(pid) or "")


def owner_from(text: str) -> Owner | None:
    """The owner a text names; None when it is not such a text."""
    host, _, rest = text.rpartition(":")
    host, _, pid = host.rpartition(":")
    return Owner(host, int(pid), rest) if host and pid.isdecimal() else None


def is_gone(owner: str | Owner) -> bool:
    """True only when it is certain: a process of this host that has ended, or whose number another one has now.

    A crashed run can so be taken over at once; of other hosts only their lease tells.
    """
    known = owner_from(owner) if isinstance(owner, str) else owner
    if known is None or known.host != _host():
        return False
    now = _started(known.pid)
    if now is not None:
        return bool(known.started) and now != known.started
    return not _alive(known.pid)


@cache
def _host() -> str:
    # Containers of one image may share a host name; the boot id does not tell them apart, their own pid space does.
    return f"{socket.gethostname()}{_pid_space()}"


def _pid_space() -> str:
    """Process numbers of another container mean other processes, so its host is another host."""
    try:
        return "/" + os.readlink("/proc/self/ns/pid").strip("pid:[]")
    except OSError:
        return ""


def _started(pid: int) -> str | None:
    """When the process began, in ticks since the machine did; None when /proc does not say or it is a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The second field is the program's name in brackets, which may hold blanks and brackets.
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else fields[19]


def _alive(pid: int) -> bool:
    if Path("/proc/self/stat").exists():
        return False  # /proc would have told
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
