"""Templates: escaped, nothing hidden, no secret."""

from __future__ import annotations

from pathlib import Path

import pytest

import playbooks_engine.web
from playbooks_engine.web.rendering import address, environment

TEMPLATES = sorted((Path(playbooks_engine.web.__file__).parent / "templates").glob("*.html"))


def test_a_value_is_redacted_before_it_is_escaped_and_shown_whole() -> None:
    made = environment(lambda text: text.replace('p&"w', "***"))
    text = made.from_string('<a title="{{ x }}">{{ x }}{{ nothing }}{{ 5 }}</a>').render(x='<p&"w>\u202e', nothing=None)
    assert text == '<a title="&lt;***&gt;[U+202E]">&lt;***&gt;[U+202E]5</a>'


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_can_let_markup_through(template: Path) -> None:
    text = template.read_text()
    for word in ("|safe", "| safe", "autoescape", "style=", "onclick", "javascript:", "<style", "http://", "https://"):
        assert word not in text
    assert text.count("<script") == ("layout" in template.name)


def test_every_part_of_an_address_may_hold_anything() -> None:
    assert address("events", "ops.alerts", "a/b?c#d e") == "/events/ops.alerts/a%2Fb%3Fc%23d%20e"
