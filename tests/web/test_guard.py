"""What every answer passes, whatever the route."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from fastapi import FastAPI
from starlette.routing import Mount, Route

from playbooks_engine.runtime.engine import Engine
from playbooks_engine.store.events import Arrival, store_page
from playbooks_engine.web.entry import COOKIE, SIGN_IN, Entry
from playbooks_engine.web.guard import LARGEST, host_of, hosts_of
from tests.web.conftest import KEY, NOW

Get = Callable[..., httpx.Response]

SNAPSHOT = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def addresses(app: FastAPI) -> list[str]:
    """One address of every route there is, so that a new one is judged the day it is made."""
    known = {"{stream}": "ops.alerts", "{key:path}": "a1", "{run_id}": "1", "{name}": "ops"}
    found = ["/nothing/here", "/runs/notanumber", "/static/nothing.css", "/api/nothing"]
    for path in paths(app):
        for name, value in known.items():
            path = path.replace(name, value)  # noqa: PLW2901 - filled in bit by bit
        assert "{" not in path, f"this test does not know what to put into {path}"
        found.append(path)
    return found


def paths(app: FastAPI) -> list[str]:
    told = []
    waiting = list(app.routes)
    while waiting:
        route = waiting.pop()
        if isinstance(route, Mount):
            told.append(f"{route.path}/page.css")
        elif isinstance(route, Route) or hasattr(route, "path"):
            told.append(route.path)
        else:
            inner = getattr(route, "original_router", None) or getattr(route, "router", None)
            assert inner is not None, f"a kind of route this test does not know: {route!r}"
            prefix = getattr(getattr(route, "include_context", None), "prefix", "")
            assert not prefix
            waiting += inner.routes
    return told


def test_there_are_the_routes_that_are_promised(app: FastAPI) -> None:
    assert sorted(paths(app)) == sorted(
        ["/", "/events", "/events/{stream}/{key:path}", "/runs", "/runs/{run_id}", "/connections/{name}",
         "/runs/{run_id}/cancel", "/runs/{run_id}/decide", "/sign-in", "/sign-in",
         "/api/questions", "/api/runs/{run_id}/cancel", "/api/runs/{run_id}/decide",
         "/api/health", "/api/connections", "/api/events", "/api/events/{stream}/{key:path}", "/api/runs",
         "/api/runs/{run_id}", "/api/openapi.json", "/static/page.css"]
    )  # fmt: skip


def test_every_answer_has_the_strict_headers(app: FastAPI, get: Get, fill: Callable[..., int]) -> None:
    fill()
    for address in addresses(app):
        answer = get(address)
        assert {name: answer.headers[name] for name in SNAPSHOT} == SNAPSHOT, address
        assert not [name for name in answer.headers if name.startswith("access-control")], address
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "evil.example:8750", "", "127.0.0.1@evil",
     "[::1]evil", "localhost, evil.example", "[::2]", "127.0.0.2", "oncall.example.com.evil"],
)  # fmt: skip
def test_another_host_is_refused_on_every_route(app: FastAPI, get: Get, host: str) -> None:
    for address in addresses(app):
        answer = get(address, headers={"host": host})
        assert answer.status_code == 400
        assert answer.headers["content-security-policy"] == SNAPSHOT["content-security-policy"] or not host
        assert "acme" not in answer.text


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost:8750", "LOCALHOST", "[::1]", "[::1]:8750", "oncall.example.com"]
)
def test_its_own_names_are_answered(get: Get, host: str) -> None:
    assert get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE"])
async def test_no_other_method_is_answered_on_any_route(app: FastAPI, method: str) -> None:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        for address in addresses(app):
            assert (await client.request(method, address)).status_code == 405


FORM = "application/x-www-form-urlencoded"


def _said(entry: Entry, **changed: str | None) -> tuple[dict[str, str], str]:
    """What a form of ours sends, and what differs from it: headers, or the `token` in the form."""
    token = changed.pop("token", entry.token)
    ours: dict[str, str | None] = {
        "origin": "http://localhost", "cookie": f"{COOKIE}={entry.session}", "content-type": FORM,
        "sec-fetch-site": "same-origin",
    }  # fmt: skip
    given = {name.replace("_", "-"): value for name, value in changed.items()}
    headers = {name: value for name, value in {**ours, **given}.items() if value is not None}
    return headers, f"token={token or ''}&decision=approved&step=a"


async def _post(app: FastAPI, address: str, headers: dict[str, str], body: str) -> httpx.Response:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return await client.post(address, headers=headers, content=body)


@pytest.mark.parametrize(
    "changed",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": None},
        {"origin": "http://localhost:8080"},
        {"origin": "http://localhost.evil.example"},
        {"origin": "file://localhost"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"cookie": None},
        {"cookie": f"{COOKIE}=0000"},
        {"token": None},
        {"token": "0000"},
        {"content_type": "text/plain"},
        {"content_type": "multipart/form-data; boundary=x"},
        {"content_type": None},
        {"authorization": "Bearer wrong", "cookie": None},
    ],
    ids=str,
)
async def test_what_would_change_something_is_refused_on_every_route_unless_all_of_it_is_ours(
    app: FastAPI, changed: dict[str, str | None]
) -> None:
    headers, body = _said(app.state.site.entry, **changed)
    for address in addresses(app):
        answer = await _post(app, address, headers, body)
        if address == SIGN_IN and not {"origin", "sec_fetch_site", "content_type"} & changed.keys():
            continue  # there is no cookie before it, and nothing is done without the key
        assert answer.status_code in {403, 415}, address
        assert not [name for name in answer.headers if name.startswith("access-control")], address


async def test_what_is_ours_passes_and_a_program_needs_the_key_alone(app: FastAPI) -> None:
    entry = app.state.site.entry
    headers, body = _said(entry)
    assert (await _post(app, "/runs/1/cancel", headers, body)).status_code == 409  # there is no run
    assert (await _post(app, "/runs", headers, body)).status_code == 405
    program = {"authorization": f"Bearer {entry._key}", "content-type": "application/json"}
    assert (await _post(app, "/api/runs/1/cancel", program, "")).status_code == 409
    plain = {**program, "content-type": "text/plain"}
    assert (await _post(app, "/api/runs/1/cancel", plain, "")).status_code == 415
    evil = {**program, "origin": "https://evil.example"}
    assert (await _post(app, "/api/runs/1/cancel", evil, "")).status_code == 403


async def test_what_is_sent_is_bounded(app: FastAPI) -> None:
    headers, body = _said(app.state.site.entry)
    filled = body + "&x=" + "y" * (LARGEST - len(body) - 3)
    assert (await _post(app, "/runs/1/cancel", headers, filled)).status_code == 409
    assert (await _post(app, "/runs/1/cancel", headers, filled + "y")).status_code == 413
    assert (await _post(app, "/runs/1/cancel", headers, "&".join(["a=b"] * 201))).status_code == 403


def test_a_host_header_is_read_strictly() -> None:
    assert host_of("[::1]:8750") == "::1"
    assert host_of("Localhost:80") == "localhost"
    assert [host_of(bad) for bad in ("", "a@b", "a:b", "a/b", "[::1", "a b")] == [None] * 6
    assert hosts_of("https://oncall.example.com:8443/x") == {"127.0.0.1", "localhost", "::1", "oncall.example.com"}
    assert hosts_of(None) == hosts_of("https://[broken") == {"127.0.0.1", "localhost", "::1"}


def test_a_secret_in_the_store_never_reaches_an_answer(app: FastAPI, get: Get, engine: Engine,
                                                       fill: Callable[..., int]) -> None:  # fmt: skip
    engine.secrets.reveal(engine.project.connections["ops"].api_key)
    fill(f'it said GenieKey {KEY} & "{KEY}"')
    with engine.database.transaction() as connection:
        store_page(connection, "ops.alerts", [Arrival(KEY, None, {"message": KEY}, {"m": KEY})], NOW)
    for address in addresses(app):
        assert KEY not in get(address).text, address


def test_a_broken_page_shows_no_traceback(get: Get, engine: Engine, monkeypatch: pytest.MonkeyPatch,
                                          caplog: pytest.LogCaptureFixture) -> None:  # fmt: skip
    monkeypatch.setattr("playbooks_engine.store.journal.count", lambda *_, **__: 1 / 0)
    answer = get("/runs")
    assert answer.status_code == 500
    assert "This page is broken" in answer.text
    assert "ZeroDivisionError" not in answer.text
    assert "ZeroDivisionError" in caplog.text
    assert answer.headers["content-security-policy"] == SNAPSHOT["content-security-policy"]
    assert get("/api/runs").json()["error"]["type"] == "error"


def test_a_store_that_cannot_be_read_says_so(get: Get, engine: Engine) -> None:
    engine.database._engine.dispose()
    engine.database.file.rename(engine.database.file.with_name("moved.db"))
    answer = get("/")
    assert answer.status_code == 503
    assert "The store cannot be read" in answer.text
    assert str(engine.database.file) in answer.text
    assert get("/api/runs").json()["error"]["type"] == "store"
