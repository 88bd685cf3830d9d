"""A secret is a reference; a literal one is refused and shown nowhere."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from playbooks_engine.sdk import Secret

LITERAL = "9f3c1d2e-literal-4b7a"


class Settings(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    key: Secret


@pytest.mark.parametrize(
    ("text", "kind", "where"),
    [
        ("env:KEY", "env", "KEY"),
        ("file:/run/secrets/key", "file", "/run/secrets/key"),
        ("keyring:service/name", "keyring", "service/name"),
        ("command: pass show ops:key ", "command", "pass show ops:key"),
    ],
)
def test_a_reference_says_where_a_secret_is_kept(text: str, kind: str, where: str) -> None:
    secret = Settings(key=text).key  # type: ignore[arg-type]
    assert (secret.kind, secret.where) == (kind, where)
    assert str(secret) == (f"{kind}:{where}" if kind != "command" else "command:pass …")
    assert Settings(key=secret).key is secret


@pytest.mark.parametrize(
    "value",
    [
        LITERAL,
        f"vault:{LITERAL}",
        f"ENV:{LITERAL}",
        f":{LITERAL}",
        "env:",
        "env:  ",
        "",
        None,
        5,
        [LITERAL],
        {"a": LITERAL},
    ],
)
def test_anything_else_is_refused_and_shown_in_no_message(value: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings(key=value)
    message = caught.value.errors(include_url=False, include_input=False)[0]["msg"]
    assert message.removeprefix("this ") == (
        "must not hold a secret itself; write env:NAME, file:PATH, keyring:SERVICE/NAME or command:PROGRAM ARG instead"
    )
    assert LITERAL not in str(caught.value)
    assert LITERAL not in repr(caught.value)


def test_a_reference_is_written_as_it_was_read() -> None:
    assert Settings(key="env:KEY").model_dump(mode="json") == {"key": "env:KEY"}  # type: ignore[arg-type]


def test_the_schema_admits_references_only() -> None:
    schema = Settings.model_json_schema()["properties"]["key"]
    assert schema["format"] == "secret-reference"
    assert schema["pattern"] == r"^(env|file|keyring|command):.*\S"


def test_what_a_program_is_given_is_not_shown() -> None:
    shown = str(Secret("command", "vault read hunter2"))
    assert shown == "command:vault …"
    assert str(Secret("command", "get-key")) == "command:get-key"
