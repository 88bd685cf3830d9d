from __future__ import annotations

import pytest

from playbooks_engine.errors import ExpressionError
from playbooks_engine.language.expressions.lexing import Source, expression_at, parts_of


def cut(text: str) -> list[str]:
    return [part if isinstance(part, str) else f"<{part.text[part.start : part.end]}>" for part in parts_of(text)]


def test_a_text_is_cut_into_literal_parts_and_expressions() -> None:
    assert cut("a ${{ b }} c ${{ d }}") == ["a ", "< b >", " c ", "< d >"]
    assert cut("${{ {'}}': '${{'} }}") == ["< {'}}': '${{'} >"]
    assert cut("}} {{ $ {") == ["}} {{ $ {"]


@pytest.mark.parametrize("text", ["${{", "${{ a", "${{ 'a }}", "${{ (a }}", "${{ a }", "x ${{ a ${{ b }} }}"])
def test_an_unclosed_expression_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        cut(text)


def test_line_breaks_of_any_kind_leave_the_offsets_right() -> None:
    text = "a\r\n== b\rand c"
    source, _ = expression_at(text, 0, delimited=False)
    assert isinstance(source, Source)
    assert [text[t.lineno : source.ends[t.lineno]] for t in source.tokens] == ["a", "==", "b", "and", "c"]
