"""Who may change something by the page."""

from __future__ import annotations

import pytest

from playbooks_engine.web.entry import COOKIE, Entry

ENTRY = Entry("k" * 43, "https://oncall.example.com/playbooks")


def test_cookie_and_token_come_of_the_key_and_do_not_tell_it() -> None:
    assert Entry("k" * 43).session == ENTRY.session
    assert len({ENTRY.session, ENTRY.token, Entry("l" * 43).session, Entry("l" * 43).token}) == 4
    assert "k" * 43 not in ENTRY.session + ENTRY.token


@pytest.mark.parametrize("cookies", ["", "other=1", f"{COOKIE}=", f"{COOKIE}=x", "=;==;\x00", f"{COOKIE}=é"])
def test_another_cookie_is_nobody(cookies: str) -> None:
    assert not ENTRY.signed_in(cookies)
    assert ENTRY.signed_in(f"other=1; {COOKIE}={ENTRY.session}")


@pytest.mark.parametrize("given", ["", "Basic x", "Bearer", "Bearer x", "k" * 43, "Bearer é"])
def test_a_program_brings_the_key_itself(given: str) -> None:
    assert not ENTRY.has_key(given)
    assert ENTRY.has_key("Bearer " + "k" * 43)


@pytest.mark.parametrize(
    ("origin", "ours"),
    [
        ("http://127.0.0.1:8750", True), ("https://oncall.example.com", True), ("https://127.0.0.1:8750", True),
        ("http://oncall.example.com", False), ("http://127.0.0.1", False), ("http://127.0.0.1:8751", False),
        ("null", False), ("", False), ("http://[::1", False), ("https://oncall.example.com.evil", False),
    ],
)  # fmt: skip
def test_a_page_is_ours_by_scheme_name_and_port(origin: str, ours: bool) -> None:
    assert ENTRY.is_ours(origin, "127.0.0.1:8750") is ours
