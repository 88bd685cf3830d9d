"""The simulator as a process of its own: address and keys on stdout, then it serves until a signal."""

import argparse
import asyncio
import errno
import json
import signal
import sys
from pathlib import Path
from typing import Any

from connectors.opsgenie.simulator.clock import Clock
from connectors.opsgenie.simulator.company import Company
from connectors.opsgenie.simulator.founding import founder
from connectors.opsgenie.simulator.ledger import Entry
from connectors.opsgenie.simulator.server import Application
from connectors.opsgenie.simulator.transport import listen, serve


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="opsgenie-simulator", description="Pretend to be Opsgenie on a port of this machine."
    )
    parser.add_argument("--port", type=int, default=0, metavar="N", help="port to listen on; 0 takes a free one")
    parser.add_argument("--seed", type=Path, metavar="FILE", help="JSON that replaces or extends the example company")
    parser.add_argument("--key", metavar="UUID", help="the integration key with every right")
    parser.add_argument("--quiet", action="store_true", help="no line on stderr for each request")
    parser.add_argument("--json", action="store_true", help="address and keys as one JSON document")
    options = parser.parse_args(argv)
    try:
        seed: dict[str, Any] = json.loads(options.seed.read_text("utf-8")) if options.seed else {}
        company = Company(Clock(), founder(seed, options.key))
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as problem:
        what = f"The seed {options.seed} cannot be used" if options.seed else "This cannot be used"
        return _unusable(f"{what}: {type(problem).__name__}: {problem}.", as_json=options.json)
    try:
        listening = listen(options.port)
    except (OSError, OverflowError) as problem:
        why = (
            "something listens on it already"
            if isinstance(problem, OSError) and problem.errno == errno.EADDRINUSE
            else problem
        )
        return _unusable(f"The port {options.port} cannot be had: {why}.", as_json=options.json)
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    if options.json:
        keys = [{"key": key.value, "name": key.name, "kind": key.kind, "rights": key.rights} for key in company.keys]
        said = json.dumps({"url": url, "keys": keys}, indent=2)
    else:
        said = "\n".join([url, *(f"{key.value}  {key.name}" for key in company.keys)])
    sys.stdout.write(said + "\n")
    sys.stdout.flush()
    return asyncio.run(_until_signal(Application(company, None if options.quiet else _tell), listening))


async def _until_signal(application: Application, listening: Any) -> int:
    status = 0

    def stop(code: int) -> None:
        nonlocal status
        status = code
        application.stopping.set()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop, 0)
    loop.add_signal_handler(signal.SIGINT, stop, 130)
    await serve(application, listening)
    return status


def _unusable(message: str, *, as_json: bool) -> int:
    if as_json:
        told = {"type": "invalid_input", "indicator": "", "status_code": None, "message": message}
        error = {**told, "hint": None, "retryable": False, "request_id": None}
        sys.stdout.write(json.dumps({"error": error}, indent=2) + "\n")
    else:
        sys.stderr.write(f"opsgenie-simulator: {message}\n")
    return 2


def _tell(entry: Entry) -> None:
    fault = f"  ({entry.fault})" if entry.fault else ""
    who = entry.key or "no key"
    answered = entry.status or "no answer"
    sys.stderr.write(f"{entry.time:%H:%M:%S} {entry.method} {entry.path} {answered}  {who}{fault}\n")
