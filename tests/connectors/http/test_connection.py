"""One service that speaks HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from connectors.http.connection import HttpServiceConnection
from connectors.http.requests import Request as Call
from playbooks_engine.errors import CommandFailed
from playbooks_engine.sdk import Answer, Secret
from playbooks_engine.testing import answer


def connection(**settings: Any) -> HttpServiceConnection:
    return HttpServiceConnection.model_validate(
        {"connector": "http", "server_url": "https://idp.example.com/api", **settings}
    )


def refused(given: Answer, **settings: Any) -> CommandFailed:
    call = Call(path="/users")
    error = connection(**settings).failure(call.spec, call.request(), given, "idp")
    assert error is not None
    return error


def reveal(secret: Secret) -> str:
    return {"IDP": "Bearer k1", "KEY": "k2"}[secret.where]


def test_keys_and_plain_headers_are_sent_with_every_request() -> None:
    made = connection(
        auth_header="env:IDP", secret_headers={"X-Api-Key": "env:KEY"}, plain_headers={"Accept": "application/json"}
    )
    assert made.headers(reveal) == {"Accept": "application/json", "X-Api-Key": "k2", "Authorization": "Bearer k1"}


def test_a_connection_may_have_no_key() -> None:
    assert connection().headers(reveal) == {}


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"auth_header": "Bearer hunter2"}, "must not hold a secret itself"),
        ({"secret_headers": {"X-Api-Key": "hunter2"}}, "must not hold a secret itself"),
        ({"secret_headers": {"Host": "env:X"}}, "is not yours to set"),
        ({"plain_headers": {"X-Api-Key": "hunter2"}}, "looks like a credential"),
        ({"plain_headers": {"Authorization": "hunter2"}}, "looks like a credential"),
        ({"server_url": "http://idp.example.com"}, "loopback addresses only"),
    ],
)
def test_a_wrong_setting_is_refused_without_its_value(settings: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why) as caught:
        connection(**settings)
    assert "hunter2" not in str(caught.value)


def test_requests_go_below_the_address() -> None:
    made = connection()
    assert made.url(Call(path="/users", query={"q": "a"}).request()) == "https://idp.example.com/api/users?q=a"


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"detail": "No such\n user", "title": "Not Found"}, "The server answered 404: No such user"),
        ({"message": "Gone"}, "The server answered 404: Gone"),
        ({"error": {"message": "Nested", "code": 7}}, "The server answered 404: Nested"),
        ({"error": "plain"}, "The server answered 404: plain"),
        ({"error": 7}, "The server answered 404."),
        ({"detail": ["a"]}, "The server answered 404."),
        (["x"], "The server answered 404."),
        ({"message": "x" * 999}, f"The server answered 404: {'x' * 300}…"),
    ],
)
def test_a_refusal_says_what_the_service_says(document: Any, message: str) -> None:
    error = refused(answer(404, document))
    assert (error.type, error.message, error.status_code) == ("not_found", message, 404)


def test_a_page_of_html_is_not_repeated() -> None:
    error = refused(Answer(502, {"content-type": "text/html"}, b"<html>Bad Gateway</html>"))
    assert (error.type, error.message) == ("server_error", "The server answered 502.")


def test_a_refused_key_points_at_the_settings_that_hold_it() -> None:
    assert refused(answer(401)).hint == 'Connection "idp" sends no key: give it auth_header or secret_headers.'
    hint = refused(answer(401), auth_header="env:IDP", secret_headers={"X-Api-Key": "env:KEY"}).hint
    assert hint == 'Look at what auth_header and X-Api-Key of connection "idp" refers to.'


def test_a_missing_permission_is_the_services_to_give() -> None:
    assert refused(answer(403)).hint == 'The service knows the key of connection "idp" and does not let it do this.'


def test_a_redirect_is_not_followed() -> None:
    assert refused(Answer(302, {"location": "https://evil.example.com"}, b"")).type == "unexpected_answer"


@pytest.mark.parametrize(
    ("header", "pause"),
    [("30", 30.0), ("Wed, 03 Jun 2020 00:00:00 GMT", None), ("", None), ("-1", None), ("٣", None)],
)
def test_retry_after_in_seconds_is_obeyed(header: str, pause: float | None) -> None:
    assert connection().pause(Answer(429, {"retry-after": header}, b"")) == pause
