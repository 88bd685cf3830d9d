"""`playbooks check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from playbooks_engine.cli import findings
from playbooks_engine.cli.commands import asked
from playbooks_engine.cli.commands import command as declare
from playbooks_engine.cli.failing import FAILED, FINE, coloured
from playbooks_engine.cli.opening import folder_of
from playbooks_engine.cli.pairs import connections
from playbooks_engine.errors import BadPlaybook, BadProject

if TYPE_CHECKING:
    from playbooks_engine.cli.commands import Asked
    from playbooks_engine.runtime.reviewing import Review


@declare(name="check")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif", "github"]),
    default="text",
    help="How findings are written: sarif for code scanning, github for annotations in a workflow.",
)
@connections()
@click.pass_context
def command(context: click.Context, paths: tuple[Path, ...], form: str, bound: tuple[tuple[str, str], ...]) -> int:
    """Check playbooks, their tests, mappings and project.yml: every mistake of every file, and nothing is sent.

    Without PATH, everything in the project. Exits 1 when there are errors; warnings alone are fine.
    """
    from playbooks_engine.runtime.catalog import Catalog
    from playbooks_engine.runtime.reviewing import review

    settings = asked(context)
    output = settings.output
    found = review(_folder(settings, paths), Catalog(), paths, dict(bound))
    if found.tests:
        _add_tests(settings, found, dict(bound))
    if output.json or form == "json":
        output.document({"files": found.files, "findings": findings.as_rows(found.findings)})
    elif form == "sarif":
        output.document(findings.as_sarif(found.findings))
    elif form == "github":
        if found.findings:
            output.line(findings.as_annotations(found.findings))
    else:
        if found.findings:
            # Rendered findings are safe already, and their colours must stay.
            output.stdout.write(findings.as_text(found.findings, colour=coloured(output.stdout)) + "\n\n")
        output.line(findings.summary(found.files, found.findings))
    return FAILED if any(finding.severity == "error" for finding in found.findings) else FINE


def _add_tests(settings: Asked, found: Review, bound: dict[str, str]) -> None:
    """What is wrong with the tests of playbooks; with a project.yml that is wrong it says so, and they wait."""
    from playbooks_engine.testing.playbooks.session import Session

    session = Session(settings.project, bound)
    for path in found.tests:
        try:
            found.add(session.read(path).suite.findings)
        except BadPlaybook as error:
            found.add(error.findings)


def _folder(settings: Asked, paths: tuple[Path, ...]) -> Path | None:
    """The project, or None for files outside any: much can be said about them nevertheless."""
    from playbooks_engine.runtime.project import find_folder

    if settings.project is not None or not paths:
        return folder_of(settings)
    try:
        return find_folder(paths[0].resolve() if paths[0].is_dir() else paths[0].resolve().parent)
    except BadProject:
        settings.output.note("No project.yml here: connections and the inputs of commands are not checked.")
        return None
