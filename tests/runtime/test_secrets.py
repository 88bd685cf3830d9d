"""Secrets: revealed when a request leaves, and in nothing that is written or shown."""

import base64
import json
import logging
import re
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from playbooks_engine.errors import BadProject
from playbooks_engine.runtime.secrets import MASK, RedactingFilter, Secrets, masked
from playbooks_engine.sdk import Secret

CANARY = 'kanarie+/="\\ 0a7c1b0e-5f52'


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Secrets:
    monkeypatch.setenv("TEST_CANARY", CANARY)
    kept = Secrets(tmp_path)
    kept.reveal(Secret("env", "TEST_CANARY"))
    return kept


FORMS = {
    "plain": CANARY,
    "percent-encoded": quote(CANARY, safe=""),
    "percent-encoded in small letters": re.sub("%..", lambda found: found[0].lower(), quote(CANARY, safe="")),
    "as in a form": quote_plus(CANARY),
    "in JSON": json.dumps(CANARY)[1:-1],
    "in JSON in JSON": json.dumps(json.dumps(CANARY))[3:-3],
    "base64": base64.b64encode(CANARY.encode()).decode(),
    "base64 without padding": base64.b64encode(CANARY.encode()).decode().rstrip("="),
    "base64 for addresses": base64.urlsafe_b64encode(CANARY.encode()).decode(),
    "as the password of nobody": base64.b64encode(f":{CANARY}".encode()).decode(),
    "hex": CANARY.encode().hex(),
    "in HTML": CANARY.replace('"', "&quot;"),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_revealed_value_is_redacted_in_every_form(secrets: Secrets, form: str) -> None:
    told = secrets.redact(f"before {FORMS[form]} after")
    assert FORMS[form] not in told
    assert "0a7c1b0e" not in told
    assert told.startswith("before ")
    assert told.endswith(" after")
    assert secrets.holds(FORMS[form])


def test_text_without_a_secret_stays_as_it_is(secrets: Secrets) -> None:
    text = 'Nothing here. {"a": 1} GET /v2/alerts?limit=100'
    assert secrets.redact(text) == text
    assert not secrets.holds(text)


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: GenieKey aaaaaaaa-bbbb",
        "authorization: bearer abcdefghijkl",
        "Basic dXNlcjpwYXNzd29yZA==",
        "https://x/?apiKey=abc123&limit=1",
        "https://x/?a=1&token=abc123",
    ],
)
def test_credentials_of_nobody_we_know_are_redacted_by_their_looks(tmp_path: Path, text: str) -> None:
    told = Secrets(tmp_path).redact(text)
    assert MASK in told
    assert "abc123" not in told
    assert "bbbb" not in told


def test_data_is_cleaned_all_the_way_down_and_otherwise_untouched(secrets: Secrets) -> None:
    data = {"a": [1, None, True, {CANARY: f"x {CANARY} y"}], "t": (CANARY, "z")}
    assert secrets.clean(data) == {"a": [1, None, True, {MASK: f"x {MASK} y"}], "t": [MASK, "z"]}


def test_a_value_too_short_to_be_a_secret_masks_no_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SHORT", "on")
    secrets = Secrets(tmp_path)
    assert secrets.reveal(Secret("env", "TEST_SHORT")) == "on"
    assert secrets.redact("on call") == "on call"


def test_the_password_inside_an_address_is_a_secret_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_URL", "mailto://me:hunter2%2Bhunter2@smtp.example.com?to=a@example.com")
    secrets = Secrets(tmp_path)
    secrets.reveal(Secret("env", "TEST_URL"))
    assert "hunter2" not in secrets.redact("535 bad password hunter2+hunter2 for me")
    assert "hunter2" not in secrets.redact("hunter2%2Bhunter2")


def test_a_short_password_is_a_word_like_any_other_outside_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_URL", "mailto://me:alerts@mail.example.com?to=a@example.com")
    secrets = Secrets(tmp_path)
    secrets.reveal(Secret("env", "TEST_URL"))
    assert secrets.clean({"team": "alerts"}) == {"team": "alerts"}
    assert "alerts" not in secrets.redact("cannot reach smtp://me:alerts@mail.example.com")


def test_data_keeps_what_only_looks_like_a_secret_and_a_log_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_CANARY", CANARY)
    secrets = Secrets(tmp_path)
    secrets.reveal(Secret("env", "TEST_CANARY"))
    said = [f"https://files/?token=abcdef1 {CANARY}"]
    assert secrets.without(said) == [f"https://files/?token=abcdef1 {MASK}"]
    assert "abcdef1" not in str(secrets.clean(said))
    assert (masked(said), masked(secrets.without(said))) == (False, True)
    assert "smtp.example.com" in secrets.redact("smtp.example.com is down")


# where they are kept


def reveal(folder: Path, kind: str, where: str) -> str:
    return Secrets(folder).reveal(Secret(kind, where))


def failing(folder: Path, kind: str, where: str) -> BadProject:
    with pytest.raises(BadProject) as caught:
        reveal(folder, kind, where)
    return caught.value


def test_a_variable_that_is_not_set_is_named(tmp_path: Path) -> None:
    error = failing(tmp_path, "env", "TEST_NOT_SET")
    assert "TEST_NOT_SET is not set" in error.message
    assert "export TEST_NOT_SET" in (error.hint or "")


@pytest.mark.parametrize("value", ["", "  \n"])
def test_an_empty_secret_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("TEST_EMPTY", value)
    assert "is empty" in failing(tmp_path, "env", "TEST_EMPTY").message


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "key"
    made.write_text(f"{CANARY}\n")
    made.chmod(0o600)
    return made


def test_a_file_is_read_from_the_project_folder_without_its_last_line_break(file: Path) -> None:
    assert reveal(file.parent, "file", "key") == CANARY
    assert reveal(Path("/"), "file", str(file)) == CANARY


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_file_that_others_may_read_is_refused(file: Path, mode: int) -> None:
    file.chmod(mode)
    error = failing(file.parent, "file", "key")
    assert "may be read by others" in error.message
    assert "chmod 600" in (error.hint or "")


def test_a_file_that_is_missing_no_file_or_no_text_is_told(tmp_path: Path) -> None:
    assert "cannot be read" in failing(tmp_path, "file", "none").message
    (tmp_path / "folder").mkdir(mode=0o700)
    assert "cannot be read" in failing(tmp_path, "file", "folder").message
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "bytes").chmod(stat.S_IRUSR)
    assert "no text" in failing(tmp_path, "file", "bytes").message


def test_a_program_prints_the_secret_and_no_shell_is_involved(tmp_path: Path) -> None:
    assert reveal(tmp_path, "command", f"{sys.executable} -c 'print(\"$HOME; a b\")'") == "$HOME; a b"


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("no-such-program-here x", "FileNotFoundError"),
        (f"{sys.executable} -c 'raise SystemExit(3)'", "it ended with 3"),
        (f"{sys.executable} -c 'import sys; sys.stdout.buffer.write(bytes([255]))'", "no text"),
        ("'unbalanced", "quotation"),
    ],
)
def test_a_program_that_gives_no_secret_is_named_and_its_output_is_not_shown(
    tmp_path: Path, command: str, why: str
) -> None:
    assert why in failing(tmp_path, "command", command).message


def test_without_the_keyring_library_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    error = failing(tmp_path, "keyring", "playbooks/ops")
    assert "needs the keyring library" in error.message
    assert "playbooks-engine[keyring]" in (error.hint or "")


# logs


@pytest.fixture
def lines(secrets: Secrets) -> Iterator[list[str]]:
    told: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            told.append(self.format(record))

    handler = Kept()
    handler.addFilter(RedactingFilter(secrets))
    log = logging.getLogger("test.secrets")
    log.addHandler(handler)
    log.propagate = False
    yield told
    log.removeHandler(handler)
    log.propagate = True


def test_a_log_line_is_redacted_with_its_arguments_and_its_traceback(lines: list[str]) -> None:
    log = logging.getLogger("test.secrets")
    log.error("key %s", CANARY)
    log.error("data %s", {"key": CANARY})
    try:
        raise ValueError(f"bad {CANARY}")
    except ValueError:
        log.exception("it broke")
    assert len(lines) == 3
    assert not [line for line in lines if "kanarie" in line]
    assert "ValueError" in lines[2]


def test_a_log_line_whose_arguments_do_not_fit_breaks_nothing(lines: list[str]) -> None:
    broken: Any = ("one",)
    logging.getLogger("test.secrets").error("%s and %s and " + CANARY, *broken)
    assert not [line for line in lines if "kanarie" in line]
