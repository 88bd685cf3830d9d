"""The application: pages, JSON API, static files, and the guard around all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.staticfiles import StaticFiles

from playbooks_engine import __version__
from playbooks_engine.errors import BadUsage, EngineError, InvalidInput, StoreUnusable
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.page_key import page_key
from playbooks_engine.web import api
from playbooks_engine.web.entry import Entry
from playbooks_engine.web.guard import Guard, hosts_of
from playbooks_engine.web.pages import connections, deciding, events, overview, runs, signing_in
from playbooks_engine.web.rendering import Site

_STATIC = Path(__file__).parent / "static"


def make_app(engine: Engine) -> FastAPI:
    """The page and the API of an open engine, which it neither opens nor closes. What it changes is what people decide.

    Raises BadProject where its key cannot be kept.
    """
    app = FastAPI(
        title="Playbooks",
        summary="What is stored: events, runs, connections and their health; and what people decide.",
        version=__version__,
        openapi_url="/api/openapi.json",
        # Their pages load scripts from somebody else's server.
        docs_url=None,
        redoc_url=None,
    )
    entry = Entry(page_key(engine.project), engine.project.web.public_url)
    site = Site(engine, entry)
    app.state.site = site
    for pages in (overview, events, runs, connections, deciding, signing_in):
        app.include_router(pages.router, include_in_schema=False)
    app.include_router(api.router)
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(EngineError, _expected)
    app.add_middleware(
        Guard,
        hosts=hosts_of(engine.project.web.public_url),
        redact=engine.secrets.redact,
        broken=_broken(site),
        entry=entry,
    )
    return app


def _answer(
    request: Request, status: int, kind: str, title: str, message: str, hint: str | None, site: Site | None = None
) -> Response:
    if request.url.path.startswith("/api/"):
        return JSONResponse({"error": {"type": kind, "message": message, "hint": hint}}, status)
    shown: Site = site or request.app.state.site
    return shown.page(request, "trouble.html", code=status, title=title, message=message, hint_text=hint)


def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = error.detail if isinstance(error, HTTPException) else ""
    if status == 404:
        plain = "" if detail == "Not Found" else detail
        message = plain or "There is nothing at this address."
        return _answer(request, 404, "not_found", "Not found", message, "It may have been mistyped, or never stored.")
    return _answer(request, status, "bad_request", "Refused", detail, None)


def _not_understood(request: Request, error: Exception) -> Response:
    found: list[Any] = list(error.errors()) if isinstance(error, RequestValidationError) else []
    # What was asked for is not repeated: it may be anything.
    names = ", ".join(sorted({str(one["loc"][-1]) for one in found}))
    return _answer(
        request, 400, "invalid_input", "Not understood", f"This address is not understood: {names} is wrong.", None
    )


def _expected(request: Request, error: Exception) -> Response:
    assert isinstance(error, EngineError)  # noqa: S101 - registered for this kind alone
    if isinstance(error, StoreUnusable):
        return _answer(request, 503, "store", "The store cannot be read", error.message, error.hint)
    if isinstance(error, InvalidInput):
        return _answer(request, 400, "invalid_input", "Not understood", error.message, None)
    if isinstance(error, BadUsage):  # somebody was quicker, or there is nothing to decide any more
        return _answer(request, 409, "conflict", "This cannot be done now", error.message, None)
    return _answer(request, 500, "error", "This did not work", error.message, error.hint)


def _broken(site: Site) -> Any:
    def answer(request: Request) -> Response:
        return _answer(
            request,
            500,
            "error",
            "This page is broken",
            "Something went wrong here that should not have.",
            "The log of the service says what; please report it.",
            site,
        )

    return answer
