"""Values from outside as text."""

from __future__ import annotations

import pytest

from playbooks_engine.web.visible import link, part_of_path, short, shown, visible


def test_ordinary_text_of_any_script_stays_as_it_is() -> None:
    for text in ("plain", "two\nlines\tand a tab", "日本語", "مرحبا", "👩‍🚒", "می‌خواهم", "é"):
        assert visible(text) == text


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\u200b", "\x1b", "\x9b", "\r", "\ud800", "\u00ad", "\U000e0001"])
def test_hidden_characters_are_shown_by_number(sign: str) -> None:
    assert visible(f"a{sign}b") == f"a[U+{ord(sign):04X}]b"


@pytest.mark.parametrize(
    ("address", "host"),
    [("https://status.example.com/x?y=1", "status.example.com"), ("http://a@b.example:80/", "b.example"),
     ("https://аpple.com", "xn--pple-43d.com"), ("HTTPS://EXAMPLE.COM", "example.com")],
)  # fmt: skip
def test_a_link_tells_its_host(address: str, host: str) -> None:
    found = link(address)
    assert found is not None
    assert (found.address, found.host) == (address, host)


@pytest.mark.parametrize(
    "value",
    ["javascript:alert(1)", "data:text/html,x", "see https://example.com", "https://", "//example.com", "https://a b",
     'https://a/"x', "https://a/\u202ex", 5, None, ["https://a"], "https://[broken", "https://" + "a" * 3000,
     "https://a..b/"],
)  # fmt: skip
def test_everything_else_is_no_link(value: object) -> None:
    assert link(value) is None


def test_long_values_are_cut_and_say_so() -> None:
    assert shown({"a": [1, "é"]}).text == '{\n  "a": [\n    1,\n    "é"\n  ]\n}'
    assert not shown("x" * 4000).cut
    assert shown("x" * 4001).cut
    cut = shown(list(range(1_000_000)), 100)
    assert cut.cut
    assert len(cut.text) == 100
    assert short("a\n  b") == "a b"
    assert short("x" * 161) == "x" * 159 + "…"


def test_any_key_makes_one_part_of_an_address() -> None:
    assert part_of_path('../a b/?#%"') == "..%2Fa%20b%2F%3F%23%25%22"
    assert part_of_path("\ud800") == "%3F"
