"""One Opsgenie account: hosts, keys, and what its refusals mean."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from playbooks_engine.errors import CommandFailed, InvalidInput, NotFound, UnexpectedAnswer
from playbooks_engine.sdk import Answer, HttpConnection, Request, Reveal, Secret, ServerUrl, Spec

GLOBAL, EU, SANDBOX = (
    "https://api.opsgenie.com",
    "https://api.eu.opsgenie.com",
    "https://api.sandbox.opsgenie.com",
)
# Jira Service Management takes what integrations send to Opsgenie at an address that ends like this (one host for all
# regions in its description; the guide of Nightingale has api.eu.atlassian.com for the EU), and offers only these.
DOOR = "/jsm/ops/integration"
_AT_THE_DOOR = re.compile(r"POST /v2/alerts(/[^/]+/(acknowledge|close|notes))?|GET /v2/alerts/requests/[^/]+")

# Opsgenie answers 404 while a change is pending; only this header tells it from a missing one.
PENDING = ("x-opsgenie-errortype", "RequestNotProcessed")

# Reading any of these needs Configuration access too (docs: API access management).
_CONFIGURATION = frozenset(
    {
        "schedules", "users", "contacts", "forwarding_rules", "notification_rules", "teams", "escalations",
        "integrations", "heartbeats", "policies", "services", "maintenance", "roles",
    }
)  # fmt: skip
# For `right=`: a ping is taken from every key.
ANY_KEY = "any valid key"
_RIGHTS = {"read": "Read", "write": "Create and update", "destructive": "Delete"}


class OpsgenieConnection(HttpConnection):
    """One account of Opsgenie."""

    server_url: ServerUrl = GLOBAL
    """The address of the account's region."""
    api_key: Secret
    """Where the API key is kept."""
    api_version: str = Field("v2", pattern=r"^v\d{1,3}$")
    """The version of the API; incidents and services keep v1 whatever this says."""
    auth: Literal["genie_key", "basic"] = "genie_key"
    """How the key is sent: as GenieKey, or as the password of an empty user."""

    @field_validator("server_url")
    @classmethod
    def _usable(cls, url: str, info: ValidationInfo) -> str:
        # Guides show the whole address of one call, such as https://api.atlassian.com/jsm/ops/integration/v2/alerts.
        if re.search(r"/v\d+(/alerts)?$", url):
            raise PydanticCustomError("address", "must end before the version: leave out /v2 and what follows")
        if url.endswith(DOOR) and info.data.get("fetch"):
            raise PydanticCustomError("address", "is a door that lists no alerts, so there is nothing to `fetch`")
        return url

    def unoffered(self, method: str, path: str) -> InvalidInput | None:
        if not self.server_url.endswith(DOOR) or _AT_THE_DOOR.fullmatch(f"{method} {path}"):
            return None
        return InvalidInput(
            "The door of Jira Service Management for integrations does not offer this; nothing was sent.",
            hint="It takes create_alert, acknowledge_alert, close_alert, add_note and get_request_status. "
            f"For the rest make a connection with the account's own address, such as {GLOBAL}.",
        )

    def url(self, request: Request) -> str:
        # Only the v2 areas follow the setting: incidents and services exist as v1 alone.
        if self.api_version != "v2" and request.target.startswith("/v2/"):
            return f"{self.server_url}/{self.api_version}/{request.target.removeprefix('/v2/')}"
        return super().url(request)

    def headers(self, reveal: Reveal) -> dict[str, str]:
        key = reveal(self.api_key)
        if self.auth == "basic":
            return {"Authorization": f"Basic {b64encode(f':{key}'.encode()).decode()}"}
        return {"Authorization": f"GenieKey {key}"}

    def failure(self, spec: Spec, request: Request, answer: Answer, name: str) -> CommandFailed | None:
        if answer.status < 400:
            return super().failure(spec, request, answer, name)
        body = _body(answer)
        if body is None:
            return self._foreign(spec, request, answer, name)
        kind = self.BY_STATUS.get(answer.status)
        if kind is None:
            plain = super().failure(spec, request, answer, name)
            kind = type(plain) if plain else UnexpectedAnswer
        return kind(
            _sentence(body, answer.status),
            status_code=answer.status,
            hint=self._hint(spec, answer.status, body, name),
            request_id=str(body.get("requestId") or answer.headers.get("x-request-id") or "") or None,
        )

    def pause(self, answer: Answer) -> float | None:
        # The vendor documents no Retry-After; the length of the window that overflowed stands in its place.
        try:
            return float(answer.headers["x-ratelimit-period-in-sec"])
        except (KeyError, ValueError):
            return None

    def throttled(self, answer: Answer) -> bool:
        return answer.headers.get("x-ratelimit-state", "OK").upper() == "THROTTLED"

    def _foreign(self, spec: Spec, request: Request, answer: Answer, name: str) -> CommandFailed | None:
        """An error without Opsgenie's JSON: somebody else answered, or something in between did."""
        if answer.status >= 500 or answer.status in {401, 403, 429}:
            return super().failure(spec, request, answer, name)
        kind = NotFound if answer.status == 404 and not answer.content else UnexpectedAnswer
        return kind(
            f"The server answered {answer.status} with {answer.kind} instead of JSON.",
            status_code=answer.status,
            hint=f'This does not look like Opsgenie: correct server_url (and proxy) of connection "{name}". '
            f"The regions are {GLOBAL} and {EU}.",
        )

    def _hint(self, spec: Spec, status: int, body: Mapping[str, Any], name: str) -> str | None:
        message = str(body.get("message", ""))
        if status == 401:
            return (
                f'The key of connection "{name}" is wrong, its integration is disabled, or it belongs to the other '
                f"region (server_url is {self.server_url})."
            )
        if status == 403 and "API integration" in message:
            return (
                f'The key of connection "{name}" comes from API key management, which may not change alerts. '
                "Create an API integration and use its key."
            )
        if status == 403 and body.get("code") == 40302:
            return "Opsgenie takes the key and does not support this request for it; another kind of key may be needed."
        if status == 403 and "not authorized to access" in message:
            return (
                f'There is no such thing, or the key of connection "{name}" may not see it: look at the name; '
                f"the key needs {self.right_needed(spec)}."
            )
        if status == 403:
            return f'The key of connection "{name}" lacks a right: this needs {self.right_needed(spec)}.'
        if status == 402:
            return "The account's plan does not include this; incidents need Standard or Enterprise."
        if status == 422 and "key format" in message.lower():
            return f'Look at what {self.api_key} holds: a key is 36 characters, in the form of a UUID ("{name}").'
        if status == 404 and "no handler" in message.lower():
            return f'The server knows no such path: correct server_url or api_version of connection "{name}".'
        if status == 429:
            return "Opsgenie allows fewer requests than this; the connection waits and goes on by itself."
        return None

    @classmethod
    def right_needed(cls, spec: Spec) -> str:
        if spec.right == ANY_KEY:
            return ANY_KEY
        right = spec.right or _RIGHTS[spec.effect]
        if spec.area in _CONFIGURATION:
            return f"{right} and Configuration access"
        # Keys of API key management have rights too, and none of them lets such a key change an alert.
        return f"{right}, with a key of an API integration" if spec.area == "alerts" and not spec.reads else right


def _body(answer: Answer) -> Mapping[str, Any] | None:
    try:
        body = answer.json
    except UnexpectedAnswer:
        return None
    return body if isinstance(body, dict) and "message" in body else None


def _sentence(body: Mapping[str, Any], status: int) -> str:
    """The vendor's sentence, with the fields it complains about, which stand apart from it."""
    text = str(body.get("message") or f"The server answered {status}.")
    errors = body.get("errors")
    if isinstance(errors, dict) and errors:
        return f"{text} {'; '.join(f'{field}: {reason}' for field, reason in errors.items())}"
    return text
