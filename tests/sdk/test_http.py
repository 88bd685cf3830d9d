"""Requests and answers are values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbooks_engine.errors import CommandFailed, InvalidInput, UnexpectedAnswer
from playbooks_engine.sdk import Answer, AnswerLost, File, Request, path_of
from playbooks_engine.testing.given import START


def test_the_target_is_the_path_with_its_query_encoded() -> None:
    request = Request("GET", "/a%2Fb", (("q", "x y+z/ü"), ("q", "&=")))
    assert request.target == "/a%2Fb?q=x%20y%2Bz%2F%C3%BC&q=%26%3D"
    assert Request("GET", "/a").target == "/a"


def test_a_request_in_json_shows_method_target_and_body_and_no_headers() -> None:
    request = Request("POST", "/a", (("x", "1"),), {"b": 2}, {"X-Plain": "3"})
    assert request.as_json() == {"method": "POST", "path": "/a?x=1", "body": {"b": 2}}


def test_a_file_is_shown_by_name_size_and_digest_beside_the_fields_of_its_form() -> None:
    request = Request("POST", "/a", body={"user": "ana"}, files={"file": File("logs/df.txt", b"hunter2")})
    shown = request.as_json()["body"]
    assert shown["user"] == "ana"
    assert (shown["file"]["name"], shown["file"]["size"], len(shown["file"]["sha256"])) == ("df.txt", 7, 64)
    assert "hunter2" not in f"{request} {request.as_json()}"
    assert Request("POST", "/a", files={"file": File("df.txt")}).shown == {"file": {"name": "df.txt"}}


def test_an_answer_gives_its_json() -> None:
    assert Answer(200, {}, b'{"a": [1, null]}').json == {"a": [1, None]}


@pytest.mark.parametrize("content", [b"", b"<html>", b"{", b'{"a": NaN}', b"[Infinity]", b"\xff", rb'"\ud8"'])
def test_an_answer_that_is_no_json_says_what_it_is(content: bytes) -> None:
    answer = Answer(200, {"content-type": "text/html; charset=utf-8"}, content)
    with pytest.raises(UnexpectedAnswer, match=r"not JSON \(text/html\)") as caught:
        _ = answer.json
    assert caught.value.status_code == 200
    assert caught.value.hint is not None
    assert "server_url" in caught.value.hint


@pytest.mark.parametrize(
    ("content", "read"),
    [
        (rb'"\ud800"', "\ufffd"),
        (rb'{"cut": "a\uD83D", "n": [1]}', {"cut": "a\ufffd", "n": [1]}),
        (rb'["\ude00\ud83d\ude00\ud83d"]', ["\ufffd\U0001f600\ufffd"]),
        (rb'["\\ud800", "\ud800"]', [r"\ud800", "\ufffd"]),
        (rb'"\ud83d\ud83d\ude00"', "\ufffd\U0001f600"),
    ],
)
def test_half_a_character_in_an_answer_does_not_spoil_the_rest(content: bytes, read: object) -> None:
    assert Answer(200, {}, content).json == read


def test_an_answer_nested_beyond_measure_is_no_json() -> None:
    with pytest.raises(UnexpectedAnswer):
        _ = Answer(200, {}, b"[" * 100_000 + b"]" * 100_000).json


def test_an_answer_without_a_content_type_says_so() -> None:
    assert Answer(200, {}, b"").kind == "no content type"


def test_a_lost_answer_says_what_was_seen_instead() -> None:
    lost = AnswerLost(CommandFailed("It broke."), START)
    assert (str(lost), lost.sent_at) == ("It broke.", START)


def test_a_path_is_filled_in_and_each_value_stays_in_its_segment() -> None:
    assert path_of("/a/{x}/b/{y}", {"x": "1/2", "y": 3}) == "/a/1%2F2/b/3"


@pytest.mark.parametrize("value", ["", ".", "..", "../a", "a/..", "a/./b", "..\\a", "a\\.."])
def test_a_value_that_a_server_might_read_as_a_step_is_refused_by_name(value: str) -> None:
    with pytest.raises(InvalidInput, match="`x` is"):
        path_of("/a/{x}", {"x": value})


def test_half_a_character_is_refused() -> None:
    with pytest.raises(InvalidInput, match="half a character"):
        path_of("/a/{x}", {"x": "\ud800"})
    with pytest.raises(InvalidInput, match="half a character"):
        _ = Request("GET", "/a", (("q", "\ud800"),)).target


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda text: "." not in text))
def test_no_value_leaves_its_segment(value: str) -> None:
    path = path_of("/a/{x}/b", {"x": value})
    assert path.count("/") == 3
    assert not set(path) & set("?#+ \\&=")
    assert path.isascii()
