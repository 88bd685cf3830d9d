"""How a command fails: one clear message and the exit status that belongs to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from playbooks_engine.errors import BadPlaybook, CommandFailed, EngineError, ExpressionError, InvalidInput, Unusable

if TYPE_CHECKING:
    from playbooks_engine.cli.printing import Output

FINE, FAILED, USAGE, WITH_ERRORS, WAITING, INTERRUPTED = 0, 1, 2, 3, 4, 130


def report(error: Exception, output: Output) -> int | None:
    """Tell a failure, and say with which status to exit; None for one that nobody expected."""
    if isinstance(error, ExceptionGroup) and (known := _expected(error)):
        error = known
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, click.ClickException):
        _usage(error, output)
        return USAGE
    if not isinstance(error, EngineError):
        return None
    if output.json:
        output.document({"error": as_json(error), **_findings(error)})
    if isinstance(error, BadPlaybook):
        from playbooks_engine.cli.findings import as_text

        output.note(as_text(error.findings, colour=coloured(output.stderr)))
    else:
        output.note(str(error))
    return status_of(error)


def status_of(error: EngineError) -> int:
    """2 where the command line, the project or the store must change before this can work, else 1."""
    return USAGE if isinstance(error, Unusable | InvalidInput | ExpressionError) else FAILED


def as_json(error: EngineError) -> dict[str, Any]:
    """Any expected failure in the shape of `error`."""
    if isinstance(error, CommandFailed):
        return error.as_json()
    return InvalidInput(error.message, hint=error.hint).as_json()


def coloured(stream: Any) -> bool:
    """Whether colours are wanted there."""
    import os

    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and stream.isatty()


def _expected(group: ExceptionGroup[Exception]) -> EngineError | None:
    """The first of several failures that came together, when each of them was expected."""
    known, others = group.split(EngineError)
    first: BaseException | None = known if others is None else None
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return first if isinstance(first, EngineError) else None


def _findings(error: EngineError) -> dict[str, Any]:
    if not isinstance(error, BadPlaybook):
        return {}
    from playbooks_engine.cli.findings import as_rows

    return {"findings": as_rows(error.findings)}


def _usage(error: click.ClickException, output: Output) -> None:
    if output.json:
        output.document({"error": InvalidInput(error.format_message()).as_json()})
    context = getattr(error, "ctx", None)
    output.note(error.format_message())
    if context is not None:
        output.note(f"  See: {context.command_path} --help")
