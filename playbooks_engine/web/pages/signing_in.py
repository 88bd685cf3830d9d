"""Signing in with the key of the page, once for each browser."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from playbooks_engine.runtime.page_key import key_file
from playbooks_engine.web.entry import COOKIE, SIGN_IN
from playbooks_engine.web.rendering import Site, own_address

router = APIRouter()

KEPT = 30 * 86_400
"""Seconds for which a browser stays signed in."""


@router.get(SIGN_IN)
def form(request: Request, back: Annotated[str, Query(max_length=2_000)] = "/") -> Response:
    return _form(request, back, 200, wrong=False)


@router.post(SIGN_IN)
def sign_in(request: Request) -> Response:
    site: Site = request.app.state.site
    said: dict[str, str] = request.state.form
    if not site.entry.is_key(said.get("key", "")):
        return _form(request, said.get("back", "/"), 403, wrong=True)
    answer = RedirectResponse(own_address(said.get("back", "/")), 303)
    secure = request.headers.get("origin", "").lower().startswith("https:")
    answer.set_cookie(COOKIE, site.entry.session, max_age=KEPT, httponly=True, samesite="strict", secure=secure)
    return answer


def _form(request: Request, back: str, code: int, *, wrong: bool) -> Response:
    site: Site = request.app.state.site
    folder = site.engine.project.folder.resolve()
    file = key_file(site.engine.project).resolve()
    named = file.relative_to(folder) if file.is_relative_to(folder) else file
    return site.page(request, "sign_in.html", code=code, back=own_address(back), file=str(named), wrong=wrong)
