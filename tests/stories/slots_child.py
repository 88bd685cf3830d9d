"""A process that deals with schedules on hurried time, which the test sets back and forth by a file."""

import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playbooks_engine.errors import StoreBusy
from playbooks_engine.runtime.armed import Watched
from playbooks_engine.runtime.clock import SystemClock
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.scheduling import tick

BEGIN = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)


class Hurried(SystemClock):
    """So many seconds pass in one, and a file says how far the clock was set forth or back."""

    def __init__(self, epoch: float, hurry: float, jump: Path) -> None:
        self._epoch, self._hurry, self._jump = epoch, hurry, jump

    def now(self) -> datetime:
        set_by = float(self._jump.read_text() or 0)
        return BEGIN + timedelta(seconds=(time.time() - self._epoch) * self._hurry + set_by)


if __name__ == "__main__":
    folder, epoch, hurry = Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
    engine = Engine.open(folder, clock=Hurried(epoch, hurry, folder / "jump"))
    watched = Watched(engine)
    print("ready", flush=True)
    while True:
        try:
            watched.look()
            tick(engine, watched.armed)
        except StoreBusy:
            pass
        time.sleep(0.02)
