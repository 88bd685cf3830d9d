"""JSON files that people hand over."""

from __future__ import annotations

from pathlib import Path

import pytest

from playbooks_engine.cli.documents import event_document
from playbooks_engine.errors import BadUsage


def test_one_event_is_read_as_json(tmp_path: Path) -> None:
    (tmp_path / "event.json").write_text('{"id": "a1"}')
    assert event_document(str(tmp_path / "event.json")) == {"id": "a1"}


@pytest.mark.parametrize("text", ["{id: a1}", "", "[" * 100_000])
def test_what_is_no_json_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "event.json").write_text(text)
    with pytest.raises(BadUsage, match="is not JSON"):
        event_document(str(tmp_path / "event.json"))


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadUsage, match="cannot be read: No such file"):
        event_document(str(tmp_path / "event.json"))
