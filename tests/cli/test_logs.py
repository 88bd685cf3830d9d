"""Logs on stderr."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Callable
from typing import Any

from playbooks_engine.cli.logs import to_stderr
from playbooks_engine.cli.printing import Output


def test_one_record_is_one_line_in_utc_that_steers_no_terminal(cli: Callable[..., Any]) -> None:
    err = io.StringIO()
    to_stderr(Output(stderr=err), logging.WARNING)
    log = logging.getLogger("a test")
    log.info("not important enough")
    log.warning("it failed:\n  whose move\x1b[2J %s", "\u202e")
    try:
        raise ValueError("no")
    except ValueError:
        log.exception("broke")
    first, second = err.getvalue().splitlines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z WARNING it failed: whose move\\x1b\[2J \\u202e", first)
    assert "Traceback" in second
    assert "\\nValueError: no" in second


def test_a_second_command_does_not_log_everything_twice(cli: Callable[..., Any]) -> None:
    err = io.StringIO()
    to_stderr(Output(stderr=io.StringIO()), logging.WARNING)
    to_stderr(Output(stderr=err), logging.WARNING)
    logging.getLogger("a test").warning("once")
    assert err.getvalue().count("once") == 1
