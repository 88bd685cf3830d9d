"""`playbooks fetch`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from playbooks_engine.cli.commands import asked
from playbooks_engine.cli.commands import command as declare
from playbooks_engine.cli.entering import enter
from playbooks_engine.cli.failing import FINE
from playbooks_engine.cli.moments import Moment, at
from playbooks_engine.cli.opening import opened
from playbooks_engine.cli.people import me
from playbooks_engine.cli.wording import moment, number
from playbooks_engine.errors import BadUsage

if TYPE_CHECKING:
    from playbooks_engine.cli.commands import Asked
    from playbooks_engine.cli.printing import Output
    from playbooks_engine.runtime.fetching import Fetched

When = datetime | timedelta | None


@declare(name="fetch")
@click.argument("stream", metavar="CONNECTION[.STREAM]")
@click.option("--since", type=Moment(), help="Events updated from then on: a time, or a span such as 2h.")
@click.option("--until", type=Moment(), help="Events updated before then.")
@click.option("--query", metavar="Q", help="A search condition in the service's own language.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most so many events.")
@click.pass_context
def command(context: click.Context, stream: str, since: When, until: When, query: str | None, limit: int | None) -> int:
    """Fetch, map and store the events of a connection now.

    Goes on where the last fetch ended. With --since, --until, --query or --limit it stores what it finds, and the
    next fetch still begins where it would have.
    """
    return enter(_fetch(asked(context), stream, since, until, query, limit))


async def _fetch(settings: Asked, stream: str, since: When, until: When, query: str | None, limit: int | None) -> int:
    from playbooks_engine.runtime.fetching import fetch

    output = settings.output
    async with opened(settings) as engine:
        now = engine.clock.now()
        begin, end = at(since, now), at(until, now)
        if begin is not None and end is not None and begin >= end:
            raise BadUsage("--since is not before --until.", hint="Nothing was fetched.")

        def on_page(so_far: Fetched) -> None:
            if output.stderr.isatty() and not output.json:
                output.stderr.write(f"\r{_counted(so_far)} …\x1b[K\r")
                output.stderr.flush()

        fetched = await fetch(
            engine, stream, since=begin, until=end, query=query, limit=limit, actor=me(), on_page=on_page
        )
    _show(output, fetched)
    return FINE


def _show(output: Output, fetched: Fetched) -> None:
    if output.json:
        output.document(fetched.as_json())
        return
    if output.stderr.isatty():
        output.stderr.write("\x1b[K")
    output.line(_counted(fetched))
    if fetched.complete_up_to is not None:
        output.line(f"Complete up to {moment(fetched.complete_up_to)} UTC.")
    for warning in fetched.warnings:
        output.note(f"warning: {warning}")


def _counted(fetched: Fetched) -> str:
    return (
        f"{fetched.stream}: {fetched.new:,} new, {fetched.updated:,} updated, {fetched.unchanged:,} unchanged "
        f"({number(fetched.requests, 'request')})"
    )
