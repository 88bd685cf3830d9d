"""Findings in four forms."""

from __future__ import annotations

from playbooks_engine.cli.findings import as_annotations, as_rows, as_sarif, as_text, summary
from playbooks_engine.errors import Finding

FOUND = Finding("E222", "a b/100%,x.yml", 3, 5, "error", "is wrong:\n50%", "mend it", length=4, source="    what is it")
DOUBT = Finding("W202", "/abs/p.yml", 1, 1, "warning", "not used")


def test_the_summary_counts_errors_and_warnings() -> None:
    assert summary(1, []) == "1 file checked: nothing to complain about."
    assert summary(1200, [FOUND, DOUBT, DOUBT]) == "1,200 files checked: 1 error, 2 warnings."


def test_colours_only_where_they_are_wanted() -> None:
    assert "\x1b[" in as_text([FOUND], colour=True)
    assert "\x1b[" not in as_text([FOUND], colour=False)


def test_a_row_has_no_more_than_the_contract_names() -> None:
    assert as_rows([DOUBT]) == [
        {
            "file": "/abs/p.yml", "line": 1, "column": 1, "severity": "warning", "code": "W202",
            "message": "not used", "suggestion": None,
        }
    ]  # fmt: skip


def test_sarif_names_files_by_uri_and_explains_each_rule_once() -> None:
    run = as_sarif([FOUND, FOUND, DOUBT])["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["E222", "W202"]
    assert all(rule["shortDescription"]["text"] for rule in rules)
    uris = [one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in run["results"]]
    assert uris == ["a%20b/100%25%2Cx.yml"] * 2 + ["file:///abs/p.yml"]
    assert [one["ruleIndex"] for one in run["results"]] == [0, 0, 1]


def test_an_annotation_keeps_what_would_end_it() -> None:
    assert as_annotations([FOUND]) == (
        "::error file=a b/100%25%2Cx.yml,line=3,col=5,endColumn=9,title=E222::is wrong:%0A50%25; mend it"
    )
