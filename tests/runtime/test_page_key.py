"""The key of the page."""

from __future__ import annotations

import stat

import pytest

from playbooks_engine.errors import BadProject
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.page_key import key_file, page_key


def test_it_is_made_once_and_only_its_owner_can_read_it(engine: Engine) -> None:
    key = page_key(engine.project)
    assert len(key) >= 43
    assert page_key(engine.project) == key
    assert stat.S_IMODE(key_file(engine.project).stat().st_mode) == 0o600
    key_file(engine.project).unlink()
    assert page_key(engine.project) != key


@pytest.mark.parametrize(("text", "mode"), [("", 0o600), ("short", 0o600), ("é" * 50, 0o600), ("k" * 43, 0o644)])
def test_what_is_no_secret_is_not_taken_for_one(engine: Engine, text: str, mode: int) -> None:
    path = key_file(engine.project)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    with pytest.raises(BadProject, match="The key of the page"):
        page_key(engine.project)
