"""`playbooks test`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from playbooks_engine.cli.commands import asked
from playbooks_engine.cli.commands import command as declare
from playbooks_engine.cli.entering import enter
from playbooks_engine.cli.failing import FAILED, FINE, USAGE, coloured
from playbooks_engine.cli.opening import folder_of
from playbooks_engine.cli.pairs import connections
from playbooks_engine.cli.wording import number, seconds
from playbooks_engine.errors import BadUsage

if TYPE_CHECKING:
    from playbooks_engine.cli.commands import Asked
    from playbooks_engine.testing.playbooks.session import Outcome, Ready, Session


@declare(name="test")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@click.option("-k", "word", metavar="NAME", default="", help="Only tests with this in their name, or in their file's.")
@click.option("--from-run", type=int, metavar="RUN", help="Write a test from a run that has ended, masked.")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Where --from-run writes the test."
)
@connections()
@click.pass_context
def command(
    context: click.Context,
    paths: tuple[Path, ...],
    word: str,
    from_run: int | None,
    out: Path | None,
    bound: tuple[tuple[str, str], ...],
) -> int:
    """Run the tests of playbooks: *.test.yml beside them. Nothing is sent, and no key is needed.

    Without PATH, all tests of the project. Exits 0 when all pass, 1 when one fails, 2 when a file cannot be used.
    """
    settings = asked(context)
    if from_run is not None:
        if paths or word:
            raise BadUsage("--from-run writes a test; it runs none.", hint="Leave PATH and -k out.")
        return enter(_write(settings, from_run, out))
    if out is not None:
        raise BadUsage("--out says where --from-run writes.", hint="Name a run: --from-run RUN --out FILE")
    return _test(settings, paths, word, dict(bound))


def _test(settings: Asked, paths: tuple[Path, ...], word: str, bound: dict[str, str]) -> int:
    import logging

    from playbooks_engine.runtime.clock import SystemClock
    from playbooks_engine.testing.playbooks.session import Session, selected, test_files

    folder = _folder(settings, paths)
    where = paths or ((folder / "playbooks",) if folder is not None else ())
    files = test_files(where)
    if not files:
        raise BadUsage(
            f"There are no tests (*.test.yml) in {', '.join(map(str, where))}.",
            hint="See playbooks/README.md, or write one from a run: playbooks test --from-run RUN",
        )
    logging.getLogger().addHandler(logging.NullHandler())  # what playbooks log is for those who run them
    clock = SystemClock()
    began = clock.monotonic()
    session = Session(folder, bound)
    told = _Told(settings, word)
    for file in files:
        ready = session.read(file)
        told.file(session, ready, len(selected(ready.suite, word)))
    return told.end(clock.monotonic() - began)


def _folder(settings: Asked, paths: tuple[Path, ...]) -> Path | None:
    """The project that was asked for, or this one; None where files are named, each of which knows its own."""
    return folder_of(settings) if settings.project is not None or not paths else None


class _Told:
    """What is told of the tests, as they are performed and in the end."""

    def __init__(self, settings: Asked, word: str) -> None:
        self._output = settings.output
        self._word = word
        self._rows: list[dict[str, Any]] = []
        self._findings: list[Any] = []
        self._failures: list[str] = []
        self._names: list[str] = []
        self._unusable = 0

    def file(self, session: Session, ready: Ready, chosen: int) -> None:
        """Perform the tests of one file, with a mark for each as it ends."""
        suite = ready.suite
        self._findings += [one for one in suite.findings if one not in self._findings]
        self._names += [test.name for test in suite.tests]
        if not suite.usable:
            self._unusable += 1
            self._mark(f"{suite.file} cannot be used\n")
            return
        if chosen:
            self._mark(f"{suite.file} ")
            for outcome in session.outcomes(ready, self._word):
                self._mark("." if outcome.passed else "F")
                self._add(ready, outcome)
            self._mark("\n")

    def _add(self, ready: Ready, outcome: Outcome) -> None:
        from playbooks_engine.testing.playbooks.telling import differences_json, failure, trace

        suite, test = ready.suite, outcome.test
        row = {
            "file": suite.file,
            "line": test.position.line,
            "name": test.name,
            "status": "passed" if outcome.passed else "failed",
            "differences": differences_json(outcome.differences),
        }
        if not outcome.passed:
            row["trace"] = [line.strip() for line in trace(outcome.happened)]
            head = f"FAILED {suite.file}:{test.position.line} {test.name}"
            self._failures.append(f"{head}\n{failure(suite, outcome.differences, outcome.happened)}")
        self._rows.append(row)

    def _mark(self, text: str) -> None:
        if not self._output.json:
            self._output.stdout.write(self._output.plain(text))
            self._output.stdout.flush()

    def end(self, span: float) -> int:
        """Tell how it ended; the exit status."""
        failed = len(self._failures)
        passed = len(self._rows) - failed
        if not self._rows and not self._unusable:
            from playbooks_engine.language.suggesting import did_you_mean

            raise BadUsage(
                f'No test has "{self._word}" in its name.',
                hint=did_you_mean(self._word, self._names, f"there are {number(len(self._names), 'test')}"),
            )
        if self._output.json:
            from playbooks_engine.cli.findings import as_rows

            counts = {"passed": passed, "failed": failed, "unusable": self._unusable}
            self._output.document({**counts, "tests": self._rows, "findings": as_rows(self._findings)})
        else:
            self._tell(passed, failed, span)
        return USAGE if self._unusable else FAILED if failed else FINE

    def _tell(self, passed: int, failed: int, span: float) -> None:
        from playbooks_engine.cli.findings import as_text

        output = self._output
        if self._findings:
            # Rendered findings are safe already, and their colours must stay.
            output.stdout.write("\n" + as_text(self._findings, colour=coloured(output.stdout)) + "\n")
        for text in self._failures:
            output.line()
            output.line(text)
        output.line()
        unusable = f", {number(self._unusable, 'file')} cannot be used" if self._unusable else ""
        output.line(f"{number(passed, 'test')} passed, {failed} failed{unusable} in {seconds(span)}.")


async def _write(settings: Asked, run: int, out: Path | None) -> int:
    from playbooks_engine.cli.opening import opened
    from playbooks_engine.testing.playbooks.writing import written

    output = settings.output
    async with opened(settings) as engine:
        path, text, warnings = await written(engine, run, out)
        shown = engine.project.shown(path)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise BadUsage(f"{path} is there already; nothing was written.", hint="Name another: --out FILE") from None
    except OSError as error:
        raise BadUsage(f"{path} cannot be written: {error.strerror}.") from None
    for warning in warnings:
        output.note(warning)
    if output.json:
        output.document({"run": run, "file": str(path)})
    else:
        output.line(f"Wrote {shown}. Read it through before you share it, then: playbooks test {shown}")
    return FINE
