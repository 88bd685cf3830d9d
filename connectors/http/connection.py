"""One service that speaks HTTP: its address, its keys, and what its refusals say."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from connectors.http.headers import PlainHeaders, well_formed_names
from playbooks_engine.errors import CommandFailed, UnexpectedAnswer
from playbooks_engine.sdk import Answer, HttpConnection, Request, Reveal, Secret, ServerUrl, Spec

# Where services put their sentence: RFC 9457 first, then what is usual.
_SENTENCES = ("detail", "message", "error_description", "error", "title")
_LONGEST = 300


class HttpServiceConnection(HttpConnection):
    """One account of a service that speaks HTTP."""

    server_url: ServerUrl
    """The address of the service, with the part of the path that all requests share."""
    auth_header: Secret | None = None
    """Where the whole value of the Authorization header is kept, such as `Bearer ...`."""
    secret_headers: Annotated[dict[str, Secret], AfterValidator(well_formed_names)] = Field(default_factory=dict)
    """Other headers that are secret, such as X-Api-Key: where each value is kept."""
    plain_headers: PlainHeaders = Field(default_factory=dict)
    """Headers that are no secret, sent with every request."""

    def headers(self, reveal: Reveal) -> dict[str, str]:
        secret = {name: reveal(value) for name, value in self.secret_headers.items()}
        authorization = {"Authorization": reveal(self.auth_header)} if self.auth_header else {}
        return {**self.plain_headers, **secret, **authorization}

    def failure(self, spec: Spec, request: Request, answer: Answer, name: str) -> CommandFailed | None:
        error = super().failure(spec, request, answer, name)
        if error is None or answer.status < 400:
            return error
        sentence = _sentence(answer)
        return type(error)(
            f"The server answered {answer.status}{f': {sentence}' if sentence else '.'}",
            status_code=answer.status,
            hint=self._hint(answer.status, name),
            request_id=answer.headers.get("x-request-id"),
        )

    def pause(self, answer: Answer) -> float | None:
        """Retry-After in seconds; its other form, a date, needs a clock and is left to the back-off."""
        seconds = answer.headers.get("retry-after", "")
        return float(seconds) if seconds.isdecimal() and seconds.isascii() else None

    def _hint(self, status: int, name: str) -> str | None:
        keys = [*(["auth_header"] if self.auth_header else []), *self.secret_headers]
        if status == 401 and not keys:
            return f'Connection "{name}" sends no key: give it auth_header or secret_headers.'
        if status == 401:
            return f'Look at what {" and ".join(keys)} of connection "{name}" refers to.'
        if status == 403:
            return f'The service knows the key of connection "{name}" and does not let it do this.'
        return None


def _sentence(answer: Answer) -> str:
    """What a JSON error says for people, in one line; HTML and the like are left out."""
    try:
        body: Any = answer.json
    except UnexpectedAnswer:
        return ""
    for key in _SENTENCES if isinstance(body, dict) else ():
        said = body[key].get("message") if isinstance(body.get(key), dict) else body.get(key)
        if isinstance(said, str) and said.strip():
            line = " ".join(said.split())
            return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
    return ""
