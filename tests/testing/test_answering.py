"""The service that answers whatever it is asked."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from playbooks_engine.testing import AnsweringService


def ask(service: AnsweringService, path: str, method: str = "GET") -> tuple[int, Any]:
    request = urllib.request.Request(f"{service.url}{path}", method=method, data=b"{}" if method == "POST" else None)
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=5) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_it_answers_whatever_it_is_asked_and_remembers_it() -> None:
    with AnsweringService(lambda method, path: {"it": f"{method} {path}"}) as service:
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            status, content = ask(service, "/a?b=c", method)
            assert (status, json.loads(content)) == (200, {"it": f"{method} /a?b=c"})
        assert ask(service, "/a", "HEAD") == (200, b"")
        assert [asked.method for asked in service.ledger] == ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]


def test_it_refuses_as_often_as_it_is_told_to() -> None:
    with AnsweringService() as service:
        service.misbehave("error", 2, status=422)
        assert [ask(service, "/")[0] for _ in range(3)] == [422, 422, 200]
        service.misbehave("error", 10, status=500)
        service.behave()
        assert ask(service, "/") == (200, b"{}")


def test_it_misbehaves_in_no_other_way() -> None:
    with AnsweringService() as service, pytest.raises(ValueError, match="no kind 'slow'"):
        service.misbehave("slow", 1, status=200)
