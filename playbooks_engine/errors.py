"""Every failure, drawn as a tree.

    EngineError                    an expected failure: one clear message, never a traceback
        Unusable                   exit 2: a project, playbook or store that cannot be used, or wrong usage
            BadUsage
            BadProject
            BadPlaybook            carries the findings
            StoreUnusable
            StoreBusy
        ExpressionError            an expression that does not compile or has no value
        CommandFailed              a command failed; carries the three parts operators know, and our hint
            InvalidInput BadRequest AuthFailed PlanTooSmall Forbidden NotFound Conflict Unprocessable InUse
            RateLimited ServerError ConnectionFailed TimedOut UnexpectedAnswer OutcomeUnknown Rejected NotAllowed

A docstring is the default message and says whose move it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal


class EngineError(Exception):
    """Something went wrong that the engine expected might."""

    def __init__(self, message: str | None = None, *, hint: str | None = None) -> None:
        self.message = message or type(self).__doc__ or ""
        self.hint = hint
        super().__init__(self.message)

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


class Unusable(EngineError):
    """This command cannot use what it was given."""


class BadUsage(Unusable):
    """The command line was not understood."""


class BadProject(Unusable):
    """project.yml cannot be used."""


class StoreUnusable(Unusable):
    """The store cannot be used."""


class StoreBusy(StoreUnusable):
    """Another process is using the store in a way that excludes this one."""


@dataclass(frozen=True)
class Finding:
    """One thing wrong (or doubtful) in one place of one file.

    Lines and columns count from 1; `length` is how many characters the caret underlines.
    """

    code: str
    file: str
    line: int
    column: int
    severity: Literal["error", "warning"]
    message: str
    suggestion: str | None = None
    length: int = 1
    source: str = ""

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class BadPlaybook(Unusable):
    """The playbook has errors; mend them and try again."""

    def __init__(self, findings: list[Finding], message: str | None = None) -> None:
        self.findings = findings
        super().__init__(message or self._summary(findings))

    @staticmethod
    def _summary(findings: list[Finding]) -> str:
        errors = [f for f in findings if f.severity == "error"]
        first = errors[0] if errors else findings[0]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        fix = f"; {first.suggestion}" if first.suggestion else ""
        return f"{first.place} {first.severity} {first.code} {first.message}{fix}{more}"


class ExpressionError(EngineError):
    """An expression does not compile, or has no value."""

    def __init__(
        self, message: str | None = None, *, hint: str | None = None, offset: int = 0, length: int = 1
    ) -> None:
        super().__init__(message, hint=hint)
        self.offset = offset
        self.length = length


class CommandFailed(EngineError):
    """The command failed."""

    type: ClassVar[str] = "unexpected_answer"
    retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str | None = None,
        *,
        status_code: int | None = None,
        hint: str | None = None,
        request_id: str | None = None,
        indicator: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.status_code = status_code
        self.request_id = request_id
        self.indicator = indicator

    def __str__(self) -> str:
        parts = [self.indicator] if self.indicator else []
        if self.status_code is not None:
            parts.append(f"Status Code: {self.status_code}.")
        end = "" if self.message.endswith((".", "!", "?")) else "."
        parts.append(f"Message: {self.message}{end}" if parts else self.message)
        first = " ".join(parts)
        return f"{first}\n  {self.hint}" if self.hint else first

    def as_json(self) -> dict[str, Any]:
        """The shape of `error` in every JSON answer and in the journal."""
        return {
            "type": self.type,
            "indicator": self.indicator,
            "status_code": self.status_code,
            "message": self.message,
            "hint": self.hint,
            "retryable": self.retryable,
            "request_id": self.request_id,
        }


class InvalidInput(CommandFailed):
    """An input is wrong; nothing was sent. Correct the input."""

    type = "invalid_input"


class BadRequest(CommandFailed):
    """The service could not read the request."""

    type = "bad_request"


class AuthFailed(CommandFailed):
    """The service refused the key."""

    type = "auth"


class PlanTooSmall(CommandFailed):
    """The account's plan does not include this."""

    type = "plan"


class Forbidden(CommandFailed):
    """The key may not do this."""

    type = "forbidden"


class NotFound(CommandFailed):
    """The service knows no such thing."""

    type = "not_found"


class Conflict(CommandFailed):
    """This clashes with something that exists."""

    type = "conflict"
    retryable = True


class Unprocessable(CommandFailed):
    """The service understood the request and refused its content."""

    type = "unprocessable"


class InUse(CommandFailed):
    """Something else still uses this."""

    type = "in_use"


class RateLimited(CommandFailed):
    """The service asks for fewer requests."""

    type = "rate_limited"
    retryable = True


class ServerError(CommandFailed):
    """The service failed on its side; trying again later may work."""

    type = "server_error"
    retryable = True


class ConnectionFailed(CommandFailed):
    """The service could not be reached."""

    type = "connection"
    retryable = True


class TimedOut(CommandFailed):
    """The time allowed ran out."""

    type = "timeout"
    retryable = True


class UnexpectedAnswer(CommandFailed):
    """The answer is not what this service sends; the address may be wrong."""

    type = "unexpected_answer"


class OutcomeUnknown(CommandFailed):
    """The change was sent, its answer was lost, and looking could not decide whether it happened."""

    type = "outcome_unknown"


class Rejected(CommandFailed):
    """The service accepted the change and then refused it."""

    type = "rejected"


class NotAllowed(CommandFailed):
    """This connection has no permission for that command."""

    type = "not_allowed"


def _family(root: type[CommandFailed]) -> list[type[CommandFailed]]:
    return [root, *(member for child in root.__subclasses__() for member in _family(child))]


BY_TYPE: dict[str, type[CommandFailed]] = {
    member.type: member for member in _family(CommandFailed) if member is not CommandFailed
}
"""Error classes by the `type` that JSON answers and `retry.on` use."""


def from_json(error: dict[str, Any]) -> CommandFailed:
    """The error that `as_json` wrote, as it was."""
    kind = BY_TYPE.get(error.get("type", ""), CommandFailed)
    return kind(
        error.get("message"),
        status_code=error.get("status_code"),
        hint=error.get("hint"),
        request_id=error.get("request_id"),
        indicator=error.get("indicator") or "",
    )
