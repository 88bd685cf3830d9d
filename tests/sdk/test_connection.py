"""What every connection has, and how an HTTP one judges answers."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from playbooks_engine.errors import CommandFailed, UnexpectedAnswer
from playbooks_engine.sdk import Answer, Command, Connection, HttpConnection, MessageConnection, Request, Secret


class GetThing(Command, route="GET /things", area="things", right="See things"):
    """Retrieve things."""


REQUEST = GetThing().request()


def http(**settings: Any) -> HttpConnection:
    return HttpConnection.model_validate({"connector": "x", "server_url": "https://api.example.com", **settings})


def failure(status: int) -> CommandFailed | None:
    return http().failure(GetThing.spec, REQUEST, Answer(status, {}, b""), "ops")


def test_a_connection_is_active_and_allows_nothing_by_name_unless_told() -> None:
    connection = Connection(connector="x")
    assert (connection.active, connection.allow, connection.health_check, connection.fetch) == (True, {}, None, {})


@pytest.mark.parametrize(
    "settings",
    [
        {"allow": {"alerts": "all"}},
        {"unknown": 1},
        {"health_check": {"every": "0s"}},
        {"fetch": {"alerts": {"page_size": 101}}},
        {"fetch": {"alerts": {"detail": "some"}}},
        {},
    ],
)
def test_a_wrong_setting_is_refused(settings: dict[str, Any]) -> None:
    wrong = {"connector": "x", **settings} if settings else {}
    with pytest.raises(ValidationError):
        Connection.model_validate(wrong)


def test_durations_of_settings_are_written_with_units() -> None:
    connection = Connection.model_validate(
        {"connector": "x", "health_check": {"every": "5m"}, "fetch": {"alerts": {"look_back": "10m"}}}
    )
    assert connection.health_check is not None
    assert connection.health_check.every == 300
    assert connection.fetch["alerts"].look_back == 600


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com",
        "https://api.example.com:8443/base",
        "http://127.0.0.1:8080",
        "http://localhost",
        "http://[::1]:80",
        "https://8.8.8.8",
        "https://[::ffff:8.8.8.8]",
        "https://node1",
        "https://1.example.com",
    ],
)
def test_an_address_is_https_or_loopback(url: str) -> None:
    assert http(server_url=url).server_url == url


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://api.example.com", "loopback addresses only"),
        ("http://localhost.example.com", "loopback addresses only"),
        ("http://127.0.0.1@example.com", "must not hold a password"),
        ("https://user:hunter2@example.com", "must not hold a password"),
        ("https://example.com?key=hunter2", "must not hold a query"),
        ("https://example.com/#x", "must not hold a query"),
        ("api.example.com", "address such as https:"),
        ("https://2130706433", "four decimal numbers"),
        ("https://0x7f.1", "four decimal numbers"),
        ("https://0177.0.0.1", "four decimal numbers"),
        ("https://127.1.", "four decimal numbers"),
        ("ftp://example.com", "address such as https:"),
        ("https://", "address such as https:"),
        ("", "address such as https:"),
    ],
)
def test_any_other_address_is_refused_without_being_repeated(url: str, why: str) -> None:
    with pytest.raises(ValidationError, match=why) as caught:
        http(server_url=url)
    assert "hunter2" not in str(caught.value)


def test_a_private_network_must_be_allowed() -> None:
    assert http().allow_private is False
    assert http(allow_private=True).allow_private is True


def test_a_slash_at_the_end_of_an_address_does_not_count() -> None:
    assert http(server_url="https://example.com/base/").url(Request("GET", "/x")) == "https://example.com/base/x"


def test_a_proxy_may_be_plain_http() -> None:
    assert http(proxy="http://proxy:3128").proxy == "http://proxy:3128"


def test_a_request_goes_to_the_connections_own_host() -> None:
    connection = http()
    assert connection.url(Request("GET", "/a", (("q", "x y"),))) == "https://api.example.com/a?q=x%20y"
    assert connection.host == "api.example.com"
    assert connection.headers(lambda secret: "key") == {}


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "bad_request"),
        (401, "auth"),
        (402, "plan"),
        (403, "forbidden"),
        (404, "not_found"),
        (405, "bad_request"),
        (409, "conflict"),
        (422, "unprocessable"),
        (428, "in_use"),
        (429, "rate_limited"),
        (500, "server_error"),
        (503, "server_error"),
        (599, "server_error"),
    ],
)
def test_a_status_stands_for_an_error(status: int, kind: str) -> None:
    error = failure(status)
    assert error is not None
    assert (error.type, error.status_code) == (kind, status)


@pytest.mark.parametrize("status", [200, 202, 204])
def test_a_good_status_is_no_error(status: int) -> None:
    assert failure(status) is None


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    error = failure(status)
    assert isinstance(error, UnexpectedAnswer)
    assert error.hint == "Redirects are not followed, because the key would go with them; correct server_url."


def test_a_service_that_says_nothing_of_limits_asks_for_no_pause() -> None:
    assert http().pause(Answer(429, {}, b"")) is None
    assert not http().throttled(Answer(200, {}, b""))


def test_the_right_needed_is_the_declared_one() -> None:
    assert Connection.right_needed(GetThing.spec) == "See things"


def test_a_message_connection_has_addresses_by_reference() -> None:
    connection = MessageConnection.model_validate({"connector": "x", "urls": ["env:A", "file:B"]})
    assert connection.urls == (Secret("env", "A"), Secret("file", "B"))


@pytest.mark.parametrize("urls", [[], ["mailto://user:hunter2@example.com"], "env:A"])
def test_other_addresses_are_refused(urls: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        MessageConnection.model_validate({"connector": "x", "urls": urls})
    assert "hunter2" not in str(caught.value)


def test_a_message_connection_may_send_unless_it_is_told_otherwise() -> None:
    settings = {"connector": "notify", "urls": ["env:CHAT_URL"]}
    assert MessageConnection.model_validate(settings).allow == {"messages": "write"}
    assert MessageConnection.model_validate({**settings, "allow": {"messages": "off"}}).allow == {"messages": "off"}
