"""Which headers may be given in clear."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from connectors.http.headers import PlainHeaders, well_formed_names

HEADERS: TypeAdapter[dict[str, str]] = TypeAdapter(PlainHeaders)


@pytest.mark.parametrize("name", ["Accept", "X-Request-ID", "If-Match", "X-Author", "Accept-Language", "X-Trace"])
def test_a_plain_header_is_accepted(name: str) -> None:
    assert HEADERS.validate_python({name: "value, 1"}) == {name: "value, 1"}


@pytest.mark.parametrize(
    "name",
    [
        "Authorization",
        "authorization",
        "X-Authorization",
        "Cookie",
        "Set-Cookie",
        "X-Api-Key",
        "apikey",
        "Api_Key",
        "X-Auth-Token",
        "PRIVATE-TOKEN",
        "X-Client-Secret",
        "X-Session-Id",
        "X-Hub-Signature",
        "X-Password",
    ],
)
def test_a_header_that_looks_like_a_credential_is_refused_without_its_value(name: str) -> None:
    with pytest.raises(ValidationError, match="looks like a credential; keep it by reference") as caught:
        HEADERS.validate_python({name: "hunter2"})
    assert "hunter2" not in caught.value.errors(include_input=False, include_url=False)[0]["msg"]


@pytest.mark.parametrize(
    "name",
    ["Host", "Content-Length", "Transfer-Encoding", "X-HTTP-Method-Override", "Proxy-Connection", "X-Original-URL"],
)
def test_a_header_that_decides_where_or_what_is_not_the_authors(name: str) -> None:
    with pytest.raises(ValidationError, match="is not yours to set"):
        HEADERS.validate_python({name: "x"})


@pytest.mark.parametrize("name", ["", "A B", "A:", "A\r\nB", "Ä"])
def test_a_name_is_letters_digits_and_hyphens(name: str) -> None:
    with pytest.raises(ValidationError, match="letters, digits and hyphens"):
        HEADERS.validate_python({name: "x"})


@pytest.mark.parametrize("value", ["a\r\nX-Other: b", "a\nb", "a\x00", "ä", "\x7f"])
def test_a_value_begins_no_header_of_its_own(value: str) -> None:
    with pytest.raises(ValidationError, match="a character that no header may"):
        HEADERS.validate_python({"X-Plain": value})


def test_names_of_secret_headers_may_sound_like_credentials() -> None:
    assert well_formed_names({"X-Api-Key": 1}) == {"X-Api-Key": 1}
