"""How Opsgenie says no, before anything has happened."""

BODY_NOT_PROCESSABLE = "Request body is not processable. Please check the errors."
NOT_AUTHORIZED = 40301


class Refused(Exception):
    """The request is answered with an error and changes nothing."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: int | None = None,
        errors: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.errors = errors
        self.headers = headers or {}

    def body(self) -> dict[str, object]:
        """The error body, without the parts every answer has."""
        body: dict[str, object] = {"message": self.message}
        if self.code is not None:
            body["code"] = self.code
        if self.errors is not None:
            body["errors"] = self.errors
        return body


def missing(noun: str, kind: str, identifier: str) -> Refused:
    """Made like the recorded answer for schedules."""
    return Refused(404, f"No {noun} exists with {kind} [{identifier}]")


def clash(noun: str, part: str, value: str) -> Refused:
    # The vendor's words for this and for the next are not recorded.
    return Refused(409, f"There is already a {noun} with {part} [{value}]")


def in_use(noun: str, users: list[str]) -> Refused:
    return Refused(428, f"The {noun} is used by {', '.join(users)}")


def unprocessable(errors: dict[str, str]) -> Refused:
    # Whether a bad query parameter gets the same fixed sentence is not confirmed; no other one is recorded.
    return Refused(422, BODY_NOT_PROCESSABLE, errors=errors)
