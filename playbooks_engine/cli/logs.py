"""Logs on stderr: one record, one line, in UTC, with nothing in it that steers a terminal."""

from __future__ import annotations

import logging
import re
import time

from playbooks_engine.cli.printing import Output, safe


class _Line(logging.Formatter):
    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        # A hint stands on a second line elsewhere; a traceback keeps its line ends, written out.
        record.msg, record.args = re.sub(r"\s*\n\s*", " ", record.getMessage()), ()
        return safe(super().format(record)).replace("\n", "\\n")


def to_stderr(output: Output, level: int) -> None:
    """From now on log there what is at least so important."""
    handler = logging.StreamHandler(output.stderr)
    handler.setFormatter(_Line("%(asctime)s.%(msecs)03dZ %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S"))
    root = logging.getLogger()
    for old in [one for one in root.handlers if isinstance(one.formatter, _Line)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    # They tell what the service has told already, or what nobody needs at night.
    for chatty in ("uvicorn", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
