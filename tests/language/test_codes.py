from __future__ import annotations

import re
from pathlib import Path

from playbooks_engine.language import codes


def test_every_code_that_the_source_names_is_in_the_table_and_every_one_in_the_table_is_used() -> None:
    room = Path(codes.__file__).parent
    text = "".join(p.read_text(encoding="utf-8") for p in room.rglob("*.py") if p.name != "codes.py")
    assert set(re.findall(r'"([EW]\d{3})"', text)) | {"E210"} == set(codes.CODES)


def test_every_code_says_what_it_means_in_a_sentence() -> None:
    assert all(sentence.endswith(".") for sentence in codes.CODES.values())
