"""Text from outside stays text, on every page."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from playbooks_engine.web.rendering import address
from tests.web.conftest import Fill, Get, words

ELEMENTS = {
    "html", "head", "meta", "title", "link", "script", "body", "a", "header", "div", "img", "span", "nav", "main",
    "footer", "p", "time", "h1", "h2", "section", "ul", "ol", "li", "code", "details", "summary", "pre", "table",
    "thead", "tbody", "tr", "th", "td", "form", "label", "select", "option", "button", "b", "dl", "dt", "dd", "ins",
    "del", "input",
}  # fmt: skip
ATTRIBUTES = {
    "lang", "charset", "name", "content", "rel", "type", "href", "src", "defer", "class", "alt", "width", "height",
    "aria-label", "aria-current", "id", "tabindex", "datetime", "title", "role", "aria-labelledby", "data-every",
    "data-title", "data-keep", "scope", "for", "method", "action", "value", "selected", "aria-hidden", "target",
    "autocomplete", "required", "autofocus", "inputmode", "placeholder", "formnovalidate",
}  # fmt: skip

ALERT = "alert(1)"
STRINGS = [
    f"<script>{ALERT}</script>", f"</script><script>{ALERT}</script>", f"<img src=x onerror={ALERT}>",
    f"<svg onload={ALERT}>", f"<svg><script>{ALERT}</script></svg>", f"<body onload={ALERT}>",
    f"<iframe src=javascript:{ALERT}></iframe>", "<iframe srcdoc='<b>x</b>'></iframe>", f"javascript:{ALERT}",
    f"JaVaScRiPt:{ALERT}", f"java\tscript:{ALERT}", f"data:text/html,<script>{ALERT}</script>",
    f"vbscript:{ALERT}", f"\" onmouseover=\"{ALERT}", f"' onmouseover='{ALERT}", f"\"><script>{ALERT}</script>",
    f"'><script>{ALERT}</script>", f"` onmouseover={ALERT}", "</title><h6>x</h6>", "</textarea><h6>x</h6>",
    "</style><h6>x</h6>", "<!-- <h6> -->", "--><h6>x</h6>", "<![CDATA[<h6>x</h6>]]>", "<?php echo 1 ?>",
    "<h6>x</h6>", "<marquee>x</marquee>", "<math><mi xlink:href=x>y</mi></math>", "<base href=//evil.example>",
    "<meta http-equiv=refresh content=0;url=//evil.example>", "<link rel=stylesheet href=//evil.example>",
    "<form action=//evil.example><input name=x></form>", "<object data=x></object>", "<embed src=x>",
    "<video><source onerror=alert(1)></video>", "<style>*{display:none}</style>", "<a href=//evil.example>x</a>",
    "&lt;script&gt;alert(1)&lt;/script&gt;", "&#60;script&#62;", "\\x3cscript\\x3e", "\\u003cscript\\u003e",
    "%3Cscript%3E", "＜script＞", "<scr\x00ipt>alert(1)</scr\x00ipt>", "<script/x>alert(1)</script>",
    "<<script>alert(1)//<</script>", "<img src=x:x onerror\n=alert(1)>", "{{ 7*7 }}", "{% raw %}<h6>{% endraw %}",
    "${{ secrets }}", "${7*7}", "\u202e<h6>txt.exe\u202c", "a\u200bb\ufeffc\x1b[31m", "https://good.example@evil.example/",
    "https://evil.example/\" onclick=\"x", "http://evil.example/'><h6>", "<dialog open>x</dialog>",
    "<template><h6></template>", "<noscript><h6></noscript>", "<button formaction=javascript:alert(1)>x</button>",
]  # fmt: skip


class Page(HTMLParser):
    """Every element and attribute of a page, and all of its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ELEMENTS, f"<{tag}>"
        given = dict(attrs)
        assert given.keys() <= ATTRIBUTES, f"<{tag} {given}>"
        self.found.append((tag, given))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"an instruction: {data}")


def check(text: str) -> Page:
    page = Page(text)
    for tag, given in page.found:
        href = given.get("href") or given.get("action") or given.get("src") or "/"
        if not href.startswith(("/", "#")):
            assert tag == "a"
            assert href.startswith(("http://", "https://"))
            assert given["rel"] == "noopener noreferrer"
        assert not href.startswith("//")
        if tag == "script":
            assert given == {"src": "/static/page.js", "defer": None}
    return page


def test_there_are_fifty_and_more() -> None:
    assert len(STRINGS) >= 50


# The first page shows ten runs, and each of these makes two.
@pytest.mark.parametrize("strings", [STRINGS[n : n + 5] for n in range(0, len(STRINGS), 5)], ids=lambda some: some[0])
def test_hostile_text_stays_text_on_every_page(get: Get, fill: Fill, strings: list[str]) -> None:
    for said in strings:
        run = fill(said, key=said)
        event = address("events", "ops.alerts", said)
        for path in (event, f"/runs/{run}", f"/runs/{run + 1}"):
            answer = get(path)
            page = check(answer.text)
            # A key with a line break in it is no address that the router knows.
            assert answer.status_code == (404 if path == event and "\n" in said else 200), path
            if path == event and said.isprintable():
                assert words(said) in words(page.text)
    for path in ("/", "/events", "/runs", "/connections/ops"):
        answer = get(path)
        assert answer.status_code == 200, path
        page = check(answer.text)
        assert [said for said in strings if said.isprintable() and words(said) not in words(page.text)] == []


@pytest.mark.parametrize(
    "path",
    ["/runs?playbook=%3Ch6%3E", "/runs?status=%22%3E%3Ch6%3E", "/events?stream=%3Ch6%3E%22", "/events/%3Ch6%3E/%22x",
     "/connections/%3Ch6%3E", "/%3Ch6%3E", "/?part=%3Ch6%3E", "/runs/%3Ch6%3E", "/events?before=%3Ch6%3E"],
)  # fmt: skip
def test_what_stands_in_an_address_stays_text(get: Get, fill: Fill, path: str) -> None:
    fill()
    answer = get(path)
    assert answer.status_code in (200, 400, 404)
    check(answer.text)


@pytest.mark.parametrize("part", ["/", "/runs/1"])
def test_the_part_that_refreshes_itself_is_as_clean_as_the_page(get: Get, fill: Fill, part: str) -> None:
    for said in STRINGS[:8]:
        fill(said, key=said)
    check(get(f"{part}?part=live").text)


@pytest.mark.parametrize("hidden", ["\u202e", "\u2066", "\x1b", "\u200b", "\x7f", "\U000e0041"])
def test_what_hides_itself_is_shown(get: Get, fill: Fill, hidden: str) -> None:
    run = fill(f"abc{hidden}def", key="k")
    for path in ("/", "/events", "/events/ops.alerts/k", f"/runs/{run}", "/connections/ops"):
        text = get(path).text
        assert hidden not in text
        assert f"abc[U+{ord(hidden):04X}]def" in text


def test_a_link_out_of_data_shows_where_it_leads(get: Get, fill: Fill) -> None:
    fill("https://good.example@evil.example/x", key="k")
    page = check(get("/events/ops.alerts/k").text)
    assert "(leads to evil.example)" in page.text


def test_json_is_never_taken_for_a_page(get: Get, fill: Fill) -> None:
    fill("<script>alert(1)</script>", key="k")
    for path in ("/api/events", "/api/events/ops.alerts/k", "/api/runs", "/api/runs/1", "/api/health", "/api/x<h6>"):
        assert get(path).headers["content-type"] == "application/json"
