"""One request, built by the author of a playbook."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.http.requests import Request as Call
from playbooks_engine.errors import InvalidInput, OutcomeUnknown
from playbooks_engine.sdk import Answer, Request, Result
from playbooks_engine.testing import GivenSender, answer, lost
from playbooks_engine.testing.given import START


@pytest.mark.parametrize(
    ("method", "effect"),
    [
        ("GET", "read"),
        ("HEAD", "read"),
        ("POST", "write"),
        ("PUT", "write"),
        ("PATCH", "write"),
        ("DELETE", "destructive"),
    ],
)
def test_the_method_says_what_a_call_does(method: str, effect: str) -> None:
    call = Call.read_inputs({"method": method, "path": "/x"})
    assert (call.effect, call.reads) == (effect, effect == "read")
    assert call.request().method == method


def test_a_list_of_commands_shows_the_most_it_can_do() -> None:
    assert (Call.spec.effect, Call.spec.area, Call.spec.repeat) == ("destructive", "requests", "unsafe")


def test_a_request_is_built_from_its_inputs() -> None:
    call = Call.read_inputs(
        {
            "method": "POST",
            "path": "/users/{name}/lock",
            "path_values": {"name": "ana/ü"},
            "query": {"a": [1, "x y"], "deep": True, "none": None, "f": 1.5},
            "headers": {"X-Trace": "1"},
            "body": {"snake_case": [1, None, {"deep": True}]},
        }
    )
    assert call.request() == Request(
        "POST",
        "/users/ana%2F%C3%BC/lock",
        (("a", "1"), ("a", "x y"), ("deep", "true"), ("f", "1.5")),
        {"snake_case": [1, None, {"deep": True}]},
        {"X-Trace": "1"},
    )


@pytest.mark.parametrize("body", [[], {}, 0, False, "text", [1]])
def test_any_json_is_a_body(body: Any) -> None:
    assert Call.read_inputs({"method": "PUT", "path": "/x", "body": body}).request().body == body


def test_numbers_in_a_path_are_written_plainly() -> None:
    assert Call.read_inputs({"path": "/x/{n}", "path_values": {"n": 5}}).request().path == "/x/5"


@pytest.mark.parametrize(
    ("inputs", "why"),
    [
        ({}, "`path` is missing"),
        ({"path": "https://evil.example.com/"}, "the host is the connection's own"),
        ({"path": "/a/../b"}, "must not climb"),
        ({"path": "/a", "method": "TRACE"}, "`method`"),
        ({"path": "/a", "method": "get"}, "`method`"),
        ({"path": "/a", "body": {"x": 1}}, "a GET or HEAD has no `body`"),
        ({"path": "/a", "query": {"_method": "DELETE"}, "method": "POST"}, "`_method` is not yours to set"),
        ({"path": "/a", "headers": {"X-HTTP-Method-Override": "DELETE"}}, "is not yours to set"),
        ({"path": "/a", "headers": {"Authorization": "Bearer hunter2"}}, "looks like a credential"),
        ({"path": "/a", "query": {"x": {"y": 1}}}, "`query`: 'x' holds a map; a query holds texts"),
        ({"path": "/a", "query": {"x": [["y"]]}}, "`query`: 'x' holds a list; a query holds texts"),
        ({"path": "/a/{n}", "path_values": {"n": None}}, "`path_values`: 'n' is null, and an address holds texts"),
        ({"path": "/a", "method": "POST", "body": '{"a": 1'}, "`body`: it is a text that begins like a map"),
    ],
)
def test_a_call_that_leads_elsewhere_or_does_more_than_it_says_is_refused(inputs: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Call.read_inputs(inputs)
    assert why in caught.value.message
    assert "hunter2" not in caught.value.message


@pytest.mark.parametrize(
    ("content", "kind", "output"),
    [
        (b'{"a": 1}', "application/json; charset=utf-8", {"a": 1}),
        (b'{"a": 1}', "application/problem+json", {"a": 1}),
        (b"{broken", "application/json", "{broken"),
        (b"12", "text/plain", "12"),
        ("gr\u00fc\u00df".encode(), "text/plain", "gr\u00fc\u00df"),
        ("gr\u00fc\u00df".encode("latin-1"), 'text/plain; charset="ISO-8859-1"', "gr\u00fc\u00df"),
        (b"\xff\x00", "application/octet-stream", "\ufffd\x00"),
        (b"x", "text/plain; charset=zip", "x"),
        (b"", "application/json", None),
    ],
)
async def test_json_comes_out_as_data_and_anything_else_as_text(content: bytes, kind: str, output: Any) -> None:
    result = await Call(path="/x").run(GivenSender(Answer(200, {"content-type": kind}, content)))
    assert result.output == output


async def test_raw_holds_status_headers_and_body_but_no_cookies() -> None:
    headers = {"content-type": "application/json", "etag": "e", "set-cookie": "session=hunter2"}
    result = await Call(method="POST", path="/x").run(GivenSender(Answer(201, headers, b"[]")))
    assert result.raw == {"status": 201, "headers": {"content-type": "application/json", "etag": "e"}, "body": []}


async def test_a_change_whose_answer_got_lost_is_unknown() -> None:
    sender = GivenSender(lost())
    with pytest.raises(OutcomeUnknown):
        await Call(method="PUT", path="/x").run(sender)
    assert len(sender.sent) == 1


async def test_a_change_that_is_safe_to_repeat_is_sent_again() -> None:
    sender = GivenSender(lost(), answer(200, {"ok": True}))
    result = await Call(method="PUT", path="/x", safe_to_repeat=True).run(sender)
    assert isinstance(result, Result)
    assert result.output == {"ok": True}
    assert len(sender.sent) == 2


async def test_after_a_crash_only_what_is_safe_may_run_again() -> None:
    sender = GivenSender()
    assert await Call(path="/x").resume(sender, START, None) is None
    assert await Call(method="POST", path="/x", safe_to_repeat=True).resume(sender, START, None) is None
    with pytest.raises(OutcomeUnknown):
        await Call(method="POST", path="/x").resume(sender, START, None)
