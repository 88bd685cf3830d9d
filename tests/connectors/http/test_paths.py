"""A path stays on its host and below its address."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.http.paths import encoded, refusal


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/", "/"),
        ("/users/ana", "/users/ana"),
        ("/a b/ü", "/a%20b/%C3%BC"),
        ("/projects/group%2Fname", "/projects/group%2Fname"),
        ("/100%/x", "/100%25/x"),
        ("/a+b:c@d;v=1", "/a+b:c@d;v=1"),
        ("/x{}y", "/x%7B%7Dy"),
        ("/v1...2/.well-known", "/v1...2/.well-known"),
    ],
)
def test_a_path_is_sent_as_its_author_wrote_it(path: str, sent: str) -> None:
    assert refusal(path, {}) is None
    assert encoded(path, {}) == sent


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("", "begins with one `/`"),
        ("users", "begins with one `/`"),
        ("//evil.example.com/x", "begins with one `/`"),
        ("https://evil.example.com/x", "begins with one `/`"),
        ("@evil.example.com", "begins with one `/`"),
        ("/a?b=c", "goes into `query`"),
        ("/a#b", "goes into `query`"),
        ("/a/../b", "must not climb"),
        ("/..", "must not climb"),
        ("/./a", "must not climb"),
        ("/a/%2e%2e/b", "must not climb"),
        ("/a/.%2E/b", "must not climb"),
        ("/a/..%2fb", "must not climb"),
        ("/a/%252e%252e/b", "must not climb"),
        ("/a/..;x=1/b", "must not climb"),
        ("/a\\b", "no backslash"),
        ("/a/..%5cb", "no backslash"),
        ("/a\r\nX: y", "no control characters"),
        ("/a%0d%0aX", "no control characters"),
        ("/a\x00", "no control characters"),
        ("/a/{name}", "`path_values` has no such name"),
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(path: str, why: str) -> None:
    assert why in (refusal(path, {}) or "")


def test_a_value_stays_in_its_segment() -> None:
    values = {"name": "a/b?c#d e+ü%2f", "id": "1"}
    assert refusal("/users/{name}/lock/{id}", values) is None
    assert encoded("/users/{name}/lock/{id}", values) == "/users/a%2Fb%3Fc%23d%20e%2B%C3%BC%252f/lock/1"


@pytest.mark.parametrize("value", ["", ".", "..", "../x", "x/..", "x\\..\\y"])
def test_a_value_that_is_a_step_is_refused(value: str) -> None:
    assert "cannot stand in an address" in (refusal("/users/{name}", {"name": value}) or "")


def test_a_value_that_the_path_does_not_name_is_refused() -> None:
    assert "does not name it" in (refusal("/users", {"name": "a"}) or "")


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_whatever_is_accepted_stays_on_the_host(text: str) -> None:
    path = f"/{text}"
    if refusal(path, {}) is None:
        sent = encoded(path, {})
        assert sent.isascii()
        assert sent.startswith("/")
        assert not sent.startswith("//")
        assert not set(sent) & set("?#\\ \r\n")
        assert ".." not in unquote(sent).split("/")
