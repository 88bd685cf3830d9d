"""Secrets: revealed when a request leaves, and kept out of everything that is written or shown."""

from __future__ import annotations

import base64
import html
import json
import logging
import os
import re
import shlex
import stat
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, unquote, urlsplit

from playbooks_engine.errors import BadProject
from playbooks_engine.sdk import Connection, Secret

MASK = "***"

# A second net for credentials that no connection of ours holds.
_CREDENTIAL = re.compile(r"\b(GenieKey|Bearer|Basic)\s+[\w\-.~+/=]{8,}", re.IGNORECASE)
_IN_QUERY = re.compile(r"([?&](?:api_?key|key|token|secret|password)=)[^&\s\"']+", re.IGNORECASE)

# Shorter values would mask ordinary words; a credential of fewer characters is no credential.
_SHORTEST = 6
_SHORTEST_PASSWORD = 8


class Secrets:
    """Reveals references, and redacts every value it has revealed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._revealed: dict[Secret, str] = {}
        self._forms: list[str] = []

    def reveal(self, secret: Secret) -> str:
        """The value behind a reference; raises BadProject that says what is missing, never what is there."""
        if secret not in self._revealed:
            self._keep(secret, self._read(secret))
        return self._revealed[secret]

    def renew(self, secrets: Iterable[Secret]) -> bool:
        """Read references anew; True where one has another value now. The former values stay redacted."""
        changed = False
        for secret in secrets:
            value = self._read(secret)
            changed = changed or value != self._revealed.get(secret)
            self._keep(secret, value)
        return changed

    def _read(self, secret: Secret) -> str:
        value = _READERS[secret.kind](secret.where, self._folder).strip()
        if not value:
            raise BadProject(f"{secret} is empty.", hint=f"Put the secret into {_place(secret)}.")
        return value

    def _keep(self, secret: Secret, value: str) -> None:
        self._revealed[secret] = value
        found = {form for part in _parts_of(value) if len(part) >= _SHORTEST for form in _forms_of(part)}
        self._forms = sorted({*self._forms, *found}, key=len, reverse=True)

    def redact(self, text: str) -> str:
        """The text without any secret, and without what looks like one: for logs, errors and what is shown."""
        text = self._exactly(text)
        if "Key" in text or "earer" in text or "asic" in text or "=" in text:
            text = _IN_QUERY.sub(rf"\1{MASK}", _CREDENTIAL.sub(rf"\1 {MASK}", text))
        return text

    def clean(self, value: Any) -> Any:
        """The same data with every text redacted; the very same object where nothing had to go."""
        return _each_text(value, self.redact) if self._forms else value

    def without(self, value: Any) -> Any:
        """The same data without the secrets that were revealed: data that only looks like one stays as it is."""
        return _each_text(value, self._exactly) if self._forms else value

    def _exactly(self, text: str) -> str:
        for form in self._forms:
            if form in text:
                text = text.replace(form, MASK)
        return text

    def holds(self, text: str) -> bool:
        """Whether some revealed secret stands in the text, in any of its forms."""
        return any(form in text for form in self._forms)


def secrets_of(connection: Connection) -> Iterator[Secret]:
    """Every reference in the settings of a connection."""
    for value in vars(connection).values():
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, Secret):
                yield one


class RedactingFilter(logging.Filter):
    """Redacts every log record, arguments and traceback included."""

    def __init__(self, secrets: Secrets) -> None:
        super().__init__()
        self._secrets = secrets

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            told = record.getMessage()
        except Exception:  # arguments that do not fit: a line of a log is no reason to stop
            told = f"{record.msg} {record.args}"
        record.msg = self._secrets.redact(told)
        record.args = ()
        record.stack_info = self._secrets.redact(record.stack_info) if record.stack_info else None
        if record.exc_info:
            record.exc_text = self._secrets.redact(logging.Formatter().formatException(record.exc_info))
            record.exc_info = None
        return True


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {_each_text(key, change): _each_text(part, change) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_each_text(part, change) for part in value]
    return value


def masked(value: Any) -> bool:
    """Whether a secret may have been taken out of a value that was kept."""
    if isinstance(value, dict):
        return any(masked(key) or masked(part) for key, part in value.items())
    if isinstance(value, list):
        return any(masked(part) for part in value)
    return isinstance(value, str) and MASK in value


def _parts_of(value: str) -> list[str]:
    """The value, and the password inside it where it is an address: a server may repeat that alone.

    A short password may well be an ordinary word; it is looked for only where it stands in an address.
    """
    if "://" not in value:
        return [value]
    try:
        password = urlsplit(value).password
    except ValueError:
        return [value]
    if not password:
        return [value]
    parts = [password, unquote(password)]
    return [value, *(part if len(part) >= _SHORTEST_PASSWORD else f":{part}@" for part in parts)]


def _forms_of(value: str) -> set[str]:
    encoded = value.encode()
    in_json = json.dumps(value)[1:-1]
    packed = {
        base64.b64encode(encoded).decode(),
        base64.b64encode(b":" + encoded).decode(),
        base64.urlsafe_b64encode(encoded).decode(),
    }
    return {
        value,
        quote(value, safe=""),
        _SMALL.sub(lambda found: found[0].lower(), quote(value, safe="")),
        quote_plus(value),
        in_json,
        json.dumps(in_json)[1:-1],
        repr(value)[1:-1],
        html.escape(value),
        encoded.hex(),
        *packed,
        *(form.rstrip("=") for form in packed),
    }


_SMALL = re.compile(r"%[0-9A-F]{2}")


def _place(secret: Secret) -> str:
    places = {"env": "the environment variable", "file": "the file", "keyring": "the keyring entry"}
    return f"{places.get(secret.kind, 'what is printed by')} {secret.where}"


def _from_environment(where: str, folder: Path) -> str:
    try:
        return os.environ[where]
    except KeyError:
        raise BadProject(
            f"The environment variable {where} is not set.", hint=f"Set it first: export {where}=…"
        ) from None


def _from_file(where: str, folder: Path) -> str:
    path = folder / Path(where).expanduser()
    try:
        if os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise BadProject(
                f"The secret file {where} may be read by others.", hint=f"Make it private: chmod 600 {path}"
            )
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadProject(f"The secret file {where} cannot be read: {error.strerror}.") from None
    except UnicodeError:
        raise BadProject(f"The secret file {where} holds no text.") from None


def _from_keyring(where: str, folder: Path) -> str:
    service, _, name = where.partition("/")
    try:
        import keyring
        import keyring.errors
    except ImportError:
        raise BadProject(
            f"keyring:{where} needs the keyring library.", hint="Install it: pip install 'playbooks-engine[keyring]'"
        ) from None
    try:
        value: str | None = keyring.get_password(service, name)
    except keyring.errors.KeyringError as error:
        raise BadProject(f"The keyring could not be asked for {where}: {type(error).__name__}.") from None
    if value is None:
        raise BadProject(f"The keyring holds nothing under {where}.", hint=f"Set it: keyring set {service} {name}")
    return value


def _from_command(where: str, folder: Path) -> str:
    try:
        words = shlex.split(where)
    except ValueError as error:
        raise BadProject(f"The command of a secret cannot be read: {str(error).lower()}.") from None
    try:
        # Named in project.yml by the owner of the project; no shell, and its output is never shown.
        done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False, cwd=folder)  # noqa: S603 - see above
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BadProject(f"The program {words[0]!r} could not give the secret: {type(error).__name__}.") from None
    except UnicodeError:
        raise BadProject(f"The program {words[0]!r} could not give the secret: it printed no text.") from None
    if done.returncode != 0:
        raise BadProject(f"The program {words[0]!r} could not give the secret: it ended with {done.returncode}.")
    return done.stdout


_READERS = {
    "env": _from_environment,
    "file": _from_file,
    "keyring": _from_keyring,
    "command": _from_command,
}
