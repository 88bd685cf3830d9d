"""What goes wrong inside an evaluation, before it is known where in the text."""

from __future__ import annotations

from playbooks_engine.errors import ExpressionError


class Trouble(Exception):
    """A value is not what the operation needs."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def at(self, offset: int, length: int) -> ExpressionError:
        """The error that users see, with its place."""
        return ExpressionError(self.message, hint=self.hint, offset=offset, length=max(length, 1))


class Absent(Trouble):
    """There is no such name, key or item: what `default` and `is defined` are for."""

    def at(self, offset: int, length: int) -> ExpressionError:
        return MissingValue(self.message, hint=self.hint, offset=offset, length=max(length, 1))


class MissingValue(ExpressionError):
    """There is no such value."""
