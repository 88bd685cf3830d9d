"""Findings in four forms."""

from __future__ import annotations

from jsonschema import Draft202012Validator

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


def _closed(required: tuple[str, ...], **properties: object) -> dict[str, object]:
    return {"type": "object", "required": list(required), "additionalProperties": False, "properties": properties}


TEXT = _closed(("text",), text={"type": "string", "minLength": 1})
ABOVE_0 = {"type": "integer", "minimum": 1}
REGION = _closed(("startLine", "startColumn", "endColumn"), startLine=ABOVE_0, startColumn=ABOVE_0, endColumn=ABOVE_0)
PLACE = _closed(
    ("artifactLocation", "region"),
    artifactLocation=_closed(("uri",), uri={"type": "string", "pattern": r"^[^\s\\]+$"}),
    region=REGION,
)
RESULT = _closed(
    ("ruleId", "level", "message", "locations"),
    ruleId={"type": "string"},
    ruleIndex={"type": "integer", "minimum": 0},
    level={"enum": ["none", "note", "warning", "error"]},
    message=TEXT,
    locations={"type": "array", "minItems": 1, "items": _closed(("physicalLocation",), physicalLocation=PLACE)},
)
RULE = _closed(("id", "shortDescription"), id={"type": "string"}, shortDescription=TEXT)
DRIVER = _closed(
    ("name", "rules"),
    name={"type": "string"},
    version={"type": "string"},
    rules={"type": "array", "uniqueItems": True, "items": RULE},
)
SARIF = _closed(
    ("version", "runs"),
    **{"$schema": {"type": "string"}},
    version={"const": "2.1.0"},
    runs={
        "type": "array",
        "items": _closed(
            ("tool", "results"),
            tool=_closed(("driver",), driver=DRIVER),
            columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
            results={"type": "array", "items": RESULT},
        ),
    },
)
"""The part of the SARIF 2.1.0 schema that we write; nothing else may stand there."""


def test_sarif_has_the_form_of_its_standard() -> None:
    for findings in ([], [FOUND, DOUBT], [Finding("E104", "ü/ö x.yml", 1, 1, "error", "the file is empty")]):
        Draft202012Validator(SARIF).validate(as_sarif(findings))
