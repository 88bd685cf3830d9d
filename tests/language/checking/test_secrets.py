from __future__ import annotations

import pytest

from playbooks_engine.language.checking import check

STEP = "steps:\n  - id: a\n    uses: core.log\n    with:\n      message: "


@pytest.mark.parametrize(
    "text",
    [
        "Authorization is GenieKey 12345678-aaaa",
        "'token: ghp_abcdefghijklmnop1234'",
        "Basic dXNlcjpwYXNzd29yZDEyMw==",
        "api_key=1234abcd-1234-1234-1234-123456789abc",
    ],
)
def test_what_looks_like_a_key_is_warned_about(text: str) -> None:
    assert "W401" in [f.code for f in check(STEP + text + "\n", "a.yml").findings]


@pytest.mark.parametrize(
    "text",
    [
        "the service 1234abcd-1234-1234-1234-123456789abc",
        "the token is lost",
        "${{ inputs.token }}",
        "a Bearer of news",
    ],
)
def test_ordinary_text_is_not(text: str) -> None:
    assert "W401" not in [f.code for f in check(STEP + text + "\n", "a.yml").findings]
