"""One Opsgenie account: addresses, both forms of the key, and what refusals say."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.opsgenie import connector
from connectors.opsgenie.account import TestConnection as Check
from connectors.opsgenie.alerts.acting import CloseAlert
from connectors.opsgenie.alerts.creating import CreateAlert
from connectors.opsgenie.alerts.reading import GetAlert
from connectors.opsgenie.connection import DOOR, EU, GLOBAL, OpsgenieConnection
from connectors.opsgenie.incidents import CreateIncident
from connectors.opsgenie.on_calls import GetOnCallUser
from connectors.opsgenie.schedules import GetSchedules
from playbooks_engine.errors import CommandFailed, InvalidInput, OutcomeUnknown
from playbooks_engine.sdk import Answer, Command, Request, Secret
from playbooks_engine.testing import GivenSender, answer, lost
from playbooks_engine.testing.examples import required_inputs

KEY = "7f9c2ba4-e88f-41d6-a3c1-3f0e8c8d2b11"


def connection(**settings: Any) -> OpsgenieConnection:
    return OpsgenieConnection.model_validate({"connector": "opsgenie", "api_key": "env:OPSGENIE_API_KEY", **settings})


def refused(given: Answer, command: type[Command] = GetSchedules, **settings: Any) -> CommandFailed:
    error = connection(**settings).failure(command.spec, Request("GET", "/"), given, "ops")
    assert error is not None
    return error


def body(message: str, **more: Any) -> dict[str, Any]:
    return {"message": message, "took": 0.002, "requestId": "r-1", **more}


def test_the_defaults_are_the_global_region_v2_and_genie_key() -> None:
    made = connection()
    assert (made.server_url, made.api_version, made.auth) == (GLOBAL, "v2", "genie_key")
    assert made.api_key == Secret("env", "OPSGENIE_API_KEY")


def test_a_key_is_required_and_must_be_a_reference() -> None:
    with pytest.raises(ValidationError, match="api_key"):
        OpsgenieConnection.model_validate({"connector": "opsgenie"})
    with pytest.raises(ValidationError, match="must not hold a secret itself") as caught:
        connection(api_key=KEY)
    assert KEY not in str(caught.value)


def test_the_key_is_sent_as_genie_key() -> None:
    assert connection().headers(lambda secret: KEY) == {"Authorization": f"GenieKey {KEY}"}


def test_the_key_can_be_sent_as_the_password_of_an_empty_user() -> None:
    scheme, _, code = connection(auth="basic").headers(lambda secret: KEY)["Authorization"].partition(" ")
    assert (scheme, b64decode(code)) == ("Basic", f":{KEY}".encode())


@pytest.mark.parametrize(
    ("version", "path", "url"),
    [
        ("v2", "/v2/alerts", f"{GLOBAL}/v2/alerts"),
        ("v3", "/v2/alerts", f"{GLOBAL}/v3/alerts"),
        ("v3", "/v1/incidents/create", f"{GLOBAL}/v1/incidents/create"),
        ("v3", "/v2/alerts/a%2Fv2%2F", f"{GLOBAL}/v3/alerts/a%2Fv2%2F"),
    ],
)
def test_the_version_rewrites_the_v2_areas_only(version: str, path: str, url: str) -> None:
    assert connection(api_version=version).url(Request("GET", path)) == url


def test_the_version_keeps_the_query() -> None:
    url = connection(api_version="v3", server_url=EU).url(Request("GET", "/v2/alerts", (("query", "a b"),)))
    assert url == f"{EU}/v3/alerts?query=a%20b"


@pytest.mark.parametrize("version", ["2", "v2/../v1", "", "V2", "v2?x"])
def test_a_version_is_a_v_and_a_number(version: str) -> None:
    with pytest.raises(ValidationError, match="api_version"):
        connection(api_version=version)


def test_a_wrong_key_names_the_connection_and_the_region() -> None:
    error = refused(answer(401, body("Could not authenticate")))
    error.indicator = "Get Schedules failed."
    assert str(error) == (
        "Get Schedules failed. Status Code: 401. Message: Could not authenticate.\n"
        '  The key of connection "ops" is wrong, its integration is disabled, or it belongs to the other region '
        "(server_url is https://api.opsgenie.com)."
    )
    assert (error.type, error.request_id) == ("auth", "r-1")


def test_a_plan_too_small_says_so() -> None:
    error = refused(answer(402, body("Upgrade")), CreateIncident)
    assert error.type == "plan"
    assert error.hint == "The account's plan does not include this; incidents need Standard or Enterprise."


def test_the_wrong_kind_of_key_is_told_which_kind_is_needed() -> None:
    message = "To perform this action, use an API key from an API integration."
    error = refused(answer(403, body(message, code=40301)), CloseAlert)
    assert (error.type, error.message) == ("forbidden", message)
    assert error.hint == (
        'The key of connection "ops" comes from API key management, which may not change alerts. '
        "Create an API integration and use its key."
    )


def test_a_missing_right_is_named() -> None:
    error = refused(answer(403, body("You are not authorized to perform this operation.", code=40301)))
    assert error.hint == 'The key of connection "ops" lacks a right: this needs Read and Configuration access.'


def test_a_schedule_that_the_key_cannot_see_may_also_not_exist() -> None:
    message = "Api key is not authorized to access the schedule"
    error = refused(answer(403, body(message, code=40301)), GetOnCallUser)
    assert error.type == "forbidden"
    assert error.hint == (
        'There is no such thing, or the key of connection "ops" may not see it: look at the name; '
        "the key needs Read and Configuration access."
    )


def test_an_unsupported_request_is_not_a_missing_right() -> None:
    error = refused(answer(403, body("Not supported", code=40302)))
    assert error.hint is not None
    assert "does not support this request" in error.hint
    assert "lacks a right" not in error.hint


@pytest.mark.parametrize(
    "message", ["No schedule exists with name [x]", "User not found with identifier [x]", "Alert does not exist"]
)
def test_a_thing_that_does_not_exist_is_told_in_the_vendors_words(message: str) -> None:
    error = refused(answer(404, body(message)))
    assert (error.type, error.status_code, error.message, error.hint) == ("not_found", 404, message, None)


def test_an_unknown_path_points_at_the_settings() -> None:
    error = refused(answer(404, body("No handler found")))
    assert error.type == "not_found"
    assert error.hint == ('The server knows no such path: correct server_url or api_version of connection "ops".')


def test_a_clash_and_a_thing_in_use_are_told_apart() -> None:
    assert refused(answer(409, body("Exists already"))).type == "conflict"
    assert refused(answer(428, body("Used by an escalation"))).type == "in_use"


def test_a_key_of_the_wrong_form_says_where_to_look_and_not_what_it_is() -> None:
    error = refused(answer(422, body("Key format is not valid!")))
    assert error.type == "unprocessable"
    assert error.hint == (
        'Look at what env:OPSGENIE_API_KEY holds: a key is 36 characters, in the form of a UUID ("ops").'
    )


def test_fields_that_were_refused_are_named() -> None:
    errors = {"recipients#type": "Invalid recipient type 'bb'", "tags": "Too many"}
    error = refused(answer(422, body("Request body is not processable. Please check the errors.", errors=errors)))
    assert error.message == (
        "Request body is not processable. Please check the errors. "
        "recipients#type: Invalid recipient type 'bb'; tags: Too many"
    )
    assert error.hint is None


def test_too_many_requests_are_waited_out() -> None:
    error = refused(answer(429, body("You are making too many requests!")))
    assert (error.type, error.retryable) == ("rate_limited", True)
    assert error.hint == "Opsgenie allows fewer requests than this; the connection waits and goes on by itself."


@pytest.mark.parametrize("status", [500, 502, 503, 599])
def test_a_failure_of_the_service_is_its_own(status: int) -> None:
    assert refused(answer(status, body("Internal Server Error"))).type == "server_error"
    assert refused(Answer(status, {}, b"")).type == "server_error"


@pytest.mark.parametrize("status", [405, 406, 410, 415, 416])
def test_other_refusals_are_bad_requests(status: int) -> None:
    assert refused(answer(status, body("No"))).type == "bad_request"


def test_a_body_that_is_not_readable_is_a_bad_request() -> None:
    assert refused(answer(400, body("Could not parse"))).type == "bad_request"


@pytest.mark.parametrize("status", [400, 404, 409, 422])
def test_an_html_page_is_not_opsgenie(status: int) -> None:
    error = refused(Answer(status, {"content-type": "text/html"}, b"<html>Welcome</html>"))
    assert error.type == "unexpected_answer"
    assert error.message == f"The server answered {status} with text/html instead of JSON."
    assert error.hint == (
        'This does not look like Opsgenie: correct server_url (and proxy) of connection "ops". '
        "The regions are https://api.opsgenie.com and https://api.eu.opsgenie.com."
    )


@pytest.mark.parametrize(("status", "kind"), [(401, "auth"), (403, "forbidden"), (429, "rate_limited")])
def test_a_refusal_without_json_keeps_its_kind(status: int, kind: str) -> None:
    assert refused(Answer(status, {"content-type": "text/html"}, b"<html>")).type == kind


def test_a_404_without_a_body_is_not_found() -> None:
    assert refused(Answer(404, {}, b"")).type == "not_found"


def test_json_without_a_message_is_not_opsgenie() -> None:
    assert refused(answer(400, {"error": "x"})).type == "unexpected_answer"
    assert refused(answer(400, ["x"])).type == "unexpected_answer"


def test_a_redirect_is_not_followed() -> None:
    error = refused(Answer(302, {"location": "https://elsewhere.example.com"}, b""))
    assert error.type == "unexpected_answer"
    assert error.hint is not None
    assert "Redirects are not followed" in error.hint
    assert "elsewhere" not in str(error)


def test_a_good_answer_is_no_error() -> None:
    assert connection().failure(Check.spec, Request("GET", "/"), answer(200, {"data": []}), "ops") is None


def test_the_request_id_of_the_header_stands_in() -> None:
    assert refused(answer(404, {"message": "No"}, {"x-request-id": "r-2"})).request_id == "r-2"
    assert refused(answer(404, {"message": "No"})).request_id is None


@pytest.mark.parametrize(
    ("headers", "pause"),
    [({"x-ratelimit-period-in-sec": "60"}, 60.0), ({}, None), ({"x-ratelimit-period-in-sec": "soon"}, None)],
)
def test_the_pause_after_a_429_is_the_length_of_its_window(headers: dict[str, str], pause: float | None) -> None:
    assert connection().pause(Answer(429, headers, b"")) == pause


@pytest.mark.parametrize(
    ("state", "throttled"), [("OK", False), ("BURST", False), ("THROTTLED", True), ("throttled", True), (None, False)]
)
def test_the_state_header_says_when_to_slow_down(state: str | None, throttled: bool) -> None:
    headers = {"x-ratelimit-state": state} if state else {}
    assert connection().throttled(Answer(200, headers, b"")) is throttled


@pytest.mark.parametrize(
    ("command", "right"),
    [
        (GetAlert, "Read"),
        (GetSchedules, "Read and Configuration access"),
        (CloseAlert, "Create and update, with a key of an API integration"),
        (CreateIncident, "Create and update"),
    ],
)
def test_each_command_says_the_right_it_needs(command: type[Command], right: str) -> None:
    assert OpsgenieConnection.right_needed(command.spec) == right


# the door of Jira Service Management

OFFERED = {"create_alert", "acknowledge_alert", "close_alert", "add_note", "get_request_status"}


@pytest.mark.parametrize("host", ["https://api.atlassian.com", "https://api.eu.atlassian.com", "http://localhost:8080"])
@pytest.mark.parametrize("command", connector.commands.values(), ids=lambda command: command.spec.name)
def test_the_door_takes_five_commands_and_says_so_of_the_others(command: type[Command], host: str) -> None:
    door = connection(server_url=f"{host}{DOOR}/")
    request = command.read_inputs(required_inputs(command)).request()
    # Asked of the request before it leaves, and of the route when a playbook is checked.
    for path in (request.path, command.spec.path):
        missing = door.unoffered(request.method, path)
        if command.spec.name in OFFERED:
            assert missing is None
            assert door.url(request) == f"{host}{DOOR}{request.target}"
        else:
            assert isinstance(missing, InvalidInput)
            assert "does not offer this; nothing was sent" in missing.message
            assert all(name in (missing.hint or "") for name in OFFERED)
        assert connection(server_url=f"{host}/").unoffered(request.method, path) is None


async def test_what_the_door_cannot_show_leaves_a_lost_creation_unknown() -> None:
    door = connection(server_url=f"https://api.atlassian.com{DOOR}")

    def by(request: Request) -> Answer | Exception:
        return door.unoffered(request.method, request.path) or lost()

    with pytest.raises(OutcomeUnknown):
        await CreateAlert(message="m", alias="k").run(GivenSender(by=by))


@pytest.mark.parametrize("end", ["/v2", "/v2/", "/v2/alerts", "/v2/alerts/"])
def test_an_address_with_a_version_is_refused(end: str) -> None:
    with pytest.raises(ValidationError, match="before the version"):
        connection(server_url=f"https://api.atlassian.com{DOOR}{end}")


def test_nothing_can_be_fetched_through_the_door() -> None:
    streams = {"alerts": {"every": "1m"}}
    with pytest.raises(ValidationError, match="server_url\n  is a door that lists no alerts"):
        connection(server_url=f"https://api.atlassian.com{DOOR}", fetch=streams)
    assert connection(server_url=f"https://api.atlassian.com{DOOR}").fetch == {}
    assert set(connection(fetch=streams).fetch) == {"alerts"}
