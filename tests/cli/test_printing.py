"""What leaves on stdout and stderr."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta

import pytest

from playbooks_engine.cli.printing import Output, as_document, safe


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain – ünïcödé 漢字\u00a0!", "plain – ünïcödé 漢字\u00a0!"),
        ("two\nlines", "two\nlines"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("over\rwritten", "over\\rwritten"),
        ("a\u202eb\u2066c\u200fd", "a\\u202eb\\u2066c\\u200fd"),
        ("\x9b2J \x07 \x00", "\\x9b2J \\x07 \\x00"),
        ("line\u2028separator", "line\\u2028separator"),
        ("half \ud800", "half \\ud800"),
    ],
)
def test_nothing_in_a_text_steers_the_terminal(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_a_document_is_the_same_data_without_what_steers_a_terminal() -> None:
    value = {"message": "\x1b[2J\u202eevil\x7f\x9b ünï", "list": [1, None, True], "\u200f": "\ud800"}
    text = as_document(value)
    assert json.loads(text) == value
    assert not {"\x1b", "\u202e", "\x7f", "\x9b", "\u200f", "\ud800"} & set(text)
    assert "ünï" in text


def test_times_and_spans_are_text_in_a_document() -> None:
    value = {"at": datetime(2026, 5, 1, tzinfo=UTC), "for": timedelta(minutes=5)}
    assert json.loads(as_document(value)) == {"at": "2026-05-01T00:00:00Z", "for": "5m"}


def test_everything_is_redacted_once_secrets_are_known() -> None:
    out, err = io.StringIO(), io.StringIO()
    output = Output(out, err)
    output.redact_with(lambda text: text.replace("key", "***"), lambda value: {"clean": True})
    output.line("my key")
    output.note("the key")
    output.document({"a": "key"})
    assert (out.getvalue(), err.getvalue()) == ('my ***\n{\n  "clean": true\n}\n', "the ***\n")
