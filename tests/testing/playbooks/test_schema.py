"""The schema of test files: what reads clean passes it, and it has the keys that the reading knows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

import playbooks_engine
from playbooks_engine.language.reading import read
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.project import load
from playbooks_engine.testing.playbooks.reading import read_suite
from playbooks_engine.testing.playbooks.schema import suite_schema

SHIPPED = sorted((Path(playbooks_engine.__file__).parent.parent / "playbooks").glob("*.test.yml"))
PROJECT = 'connections:\n  ops: {connector: opsgenie, api_key: "env:KEY"}\n  chat: {connector: notify, urls: [env:U]}\n'
TEST = "playbook: ./a.yml\ntests:\n  - name: a\n    "


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("project")
    (folder / "project.yml").write_text(PROJECT)
    catalog = Catalog()
    made = suite_schema(load(folder, catalog), catalog)
    Draft7Validator.check_schema(made)
    return made


@pytest.fixture(scope="module")
def fits(schema: dict[str, Any]) -> Callable[[str], bool]:
    def judge(text: str) -> bool:
        root = read(text, "a.test.yml").root
        return Draft7Validator(schema).is_valid(root.plain() if root else None)

    return judge


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_tests_that_come_with_the_tool_pass(path: Path, fits: Callable[[str], bool]) -> None:
    assert fits(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "said",
    [
        "timeline: [{at: 0, event: {fixture: a.yml}}, {at: 9m, change: {acknowledged: true}}]",
        "approvals: {ask: approved, other: {decision: rejected, by: ana}}",
        "answers: {ops.get_alert: {sequence: [{output: {}}, {error: {type: timeout}}]}, ./b.yml: {output: 1}}",
        "expect: {calls: [ops.add_note, {ops.get_alert: {with: {identifier: a}}}], runs: 2}",
        "expect: {calls: {ops.add_note: {times: 0}, ops.get_alert: {with: [{identifier: a}, {identifier: b}]}}}",
        "expect: {status: failed, error: {type: timeout}, steps: {a: {status: skipped}}, ran: [a], not_ran: []}",
    ],
)
def test_whatever_a_test_may_say_passes(said: str, fits: Callable[[str], bool]) -> None:
    text = TEST + said + ("" if said.startswith("expect") else "\n    expect: {runs: 1}") + "\n"
    keys = {"E201", "E202", "E203", "E215", "E603"}
    assert not [f for f in read_suite(Path("a.test.yml"), text.encode(), "a").findings if f.code in keys]
    assert fits(text)


@pytest.mark.parametrize(
    "said",
    [
        "answer: {}",
        "answers: {ops.get_alert: {}}",
        "answers: {ops.get_alert: {output: 1, error: {type: timeout}}}",
        "answers: {ops.get_alert: {error: {type: teapot}}}",
        "answers: {ops.get_alert: {sequence: []}}",
        "approvals: {ask: yes}",
        "timeline: []",
        "expect: {status: fine}",
        "expect: {calls: {ops.get_alert: {time: 1}}}",
        "expect: {runs: -1}",
        "event: {fixtures: a.yml}",
    ],
)
def test_a_wrong_key_or_word_is_refused(said: str, fits: Callable[[str], bool]) -> None:
    assert not fits(f"{TEST}{said}\n")


GIVEN = ("properties", "defaults", "properties")


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ((), "zzzzzz: 1\nplaybook: a\ntests: [{name: a, expect: {runs: 1}}]\n"),
        (("properties", "tests", "items"), f"{TEST}zzzzzz: 1\n    expect: {{runs: 1}}\n"),
        (("definitions", "expect"), f"{TEST}expect: {{zzzzzz: 1, runs: 1}}\n"),
        (("definitions", "call"), f"{TEST}expect: {{calls: {{ops.a: {{zzzzzz: 1}}}}}}\n"),
        (("definitions", "event"), f"{TEST}event: {{zzzzzz: 1, fields: {{}}}}\n    expect: {{runs: 1}}\n"),
        ((*GIVEN, "timeline", "items"), f"{TEST}timeline: [{{at: 1m, zzzzzz: 1}}]\n    expect: {{runs: 1}}\n"),
        (
            (*GIVEN, "approvals", "additionalProperties", "then"),
            f"{TEST}approvals: {{a: {{decision: approved, zzzzzz: 1}}}}\n    expect: {{runs: 1}}\n",
        ),
    ],
    ids=str,
)
def test_it_has_the_keys_that_the_reading_knows(place: tuple[str, ...], text: str, schema: dict[str, Any]) -> None:
    at: Any = schema
    for key in place:
        at = at[key]
    (told,) = (f for f in read_suite(Path("a.test.yml"), text.encode(), "a").findings if f.code == "E201")
    assert set(at["properties"]) == set((told.suggestion or "").removeprefix("the keys are: ").split(", "))
    assert all(part.get("description") for part in at["properties"].values())
