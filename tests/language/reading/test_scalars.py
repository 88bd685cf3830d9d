from __future__ import annotations

import pytest

from playbooks_engine.language.reading.scalars import meaning, tagged


def test_numbers_that_are_too_large_are_refused() -> None:
    for text in ("1e999", "9" * 101):
        with pytest.raises(ValueError, match="number"):
            meaning(text)
    assert meaning("9" * 100) == int("9" * 100)


def test_a_tag_must_fit() -> None:
    assert tagged("tag:yaml.org,2002:str", "5") == "5"
    assert tagged("tag:yaml.org,2002:float", "5") == 5.0
    with pytest.raises(ValueError, match="!!int"):
        tagged("tag:yaml.org,2002:int", "x")
