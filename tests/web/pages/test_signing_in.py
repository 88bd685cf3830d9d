"""Signing in on the page."""

from __future__ import annotations

import httpx
import pytest

from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.page_key import page_key
from playbooks_engine.web.entry import COOKIE
from playbooks_engine.web.rendering import own_address
from tests.web.conftest import Get
from tests.web.test_hostile import check


def sign_in(client: httpx.Client, key: str, back: str = "/runs") -> httpx.Response:
    return client.post(
        "/sign-in", data={"key": key, "back": back}, headers={"origin": str(client.base_url).rstrip("/")}
    )


def test_the_key_opens_and_the_cookie_is_for_this_page_alone(get: Get, engine: Engine, client: httpx.Client) -> None:
    page = check(get("/sign-in?back=/runs").text)
    assert ".playbooks/page.key" in page.text
    answer = sign_in(client, page_key(engine.project))
    assert (answer.status_code, answer.headers["location"]) == (303, "/runs")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert page_key(engine.project) not in cookie


def test_another_key_does_not(get: Get, client: httpx.Client) -> None:
    answer = sign_in(client, "no")
    assert answer.status_code == 403
    assert "That is not the key of this page." in check(answer.text).text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("back", "leads"),
    [
        ("/runs/7?first=1", "/runs/7?first=1"),
        ("https://evil.example", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/x\r\nset-cookie: a=b", "/"),
        ("", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_it_leads_back_to_pages_of_ours_only(back: str, leads: str) -> None:
    assert own_address(back) == leads
