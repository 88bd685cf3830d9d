from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from playbooks_engine.language.mapping.paths import PathProblem, compile_path

SUITE = Path(__file__).resolve().parents[4] / "shared/data/jsonpath-cts/cts.json"


@pytest.mark.skipif(not SUITE.exists(), reason=f"the JSONPath compliance suite is not at {SUITE}")
def test_the_whole_compliance_suite_passes() -> None:
    cases = json.loads(SUITE.read_text(encoding="utf-8"))["tests"]
    wrong = [case["name"] for case in cases if not _passes(case)]
    assert (len(cases), wrong) == (703, [])


def _passes(case: dict[str, Any]) -> bool:
    try:
        path = compile_path(case["selector"])
    except PathProblem:
        return bool(case.get("invalid_selector"))
    if case.get("invalid_selector"):
        return False
    found = path.find(case["document"])
    return found == case.get("result") or found in case.get("results", [])


def test_a_singular_path_is_walked_by_hand() -> None:
    path = compile_path("$.a['b c'][-1]")
    assert path.keys == ("a", "b c", -1)
    assert path.find({"a": {"b c": [1, 2]}}) == [2]
    assert path.find({"a": {"b c": []}}) == []
    assert path.find({"a": "text"}) == []
    assert compile_path("$.a[*]").keys is None


def test_a_text_is_never_read_as_a_document() -> None:
    assert compile_path("$..a").find('{"a": 1}') == []


def test_a_pattern_has_a_deadline() -> None:
    path = compile_path("$[?match(@.a, '(a|aa)+c')]")
    started = time.perf_counter()
    with pytest.raises(PathProblem, match="pattern"):
        path.find([{"a": "a" * 60}])
    assert time.perf_counter() - started < 2


def test_visits_and_depth_are_bounded() -> None:
    with pytest.raises(PathProblem, match="visits"):
        compile_path("$..*").find([[n] for n in range(60_000)])
    with pytest.raises(PathProblem, match="visits"):
        compile_path("$[?$..a]").find([[n] for n in range(1_000)])
    deep: Any = []
    for _ in range(300):
        deep = [deep]
    with pytest.raises(PathProblem, match="deep"):
        compile_path("$..a").find(deep)


@pytest.mark.parametrize(
    "text", ["", "a", "$.", "$[", "$.a | $.b", "$" + "." * 2_000, "$[?" + "(" * 400, "$[99999999999999999999]"]
)
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(PathProblem):
        compile_path(text)
