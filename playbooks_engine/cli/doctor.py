"""`playbooks doctor`."""

from __future__ import annotations

import click

from playbooks_engine.cli.commands import asked
from playbooks_engine.cli.commands import command as declare
from playbooks_engine.cli.failing import FAILED, FINE
from playbooks_engine.cli.opening import folder_of


@declare(name="doctor")
@click.pass_context
def command(context: click.Context) -> int:
    """Look through this installation, one line a check: what is wrong, and whose move it is. Nothing is sent.

    Exits 1 when there is a problem; warnings alone are fine. A large store takes a while: all of it is read.
    """
    from playbooks_engine.runtime.catalog import Catalog
    from playbooks_engine.runtime.clock import SystemClock
    from playbooks_engine.runtime.diagnosing import diagnose

    settings = asked(context)
    output = settings.output
    checks = []
    for check in diagnose(folder_of(settings), Catalog(), SystemClock().now()):
        checks.append(check)
        if not output.json:
            move = f"\n         {check.move}" if check.move and check.status != "ok" else ""
            output.line(f"{check.status:<8} {check.name}: {check.message}{move}")
    problems = sum(check.status == "problem" for check in checks)
    if output.json:
        rows = [
            {"name": check.name, "status": check.status, "message": check.message, "move": check.move}
            for check in checks
        ]
        output.document({"well": not problems, "checks": rows})
    return FAILED if problems else FINE
