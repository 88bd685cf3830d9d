"""The schema of project.yml: what loads passes it, and a wrong key or word is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from jsonschema.exceptions import best_match

from playbooks_engine.cli.demo.project import _PROJECT as DEMO
from playbooks_engine.cli.init import PROJECT as STARTED
from playbooks_engine.language.reading import read
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.project import inspect
from playbooks_engine.runtime.schema import project_schema

BAD = Path(__file__).parents[2] / "language" / "corpus" / "bad" / "projects"
WHOLE = """\
store: sqlite:///.playbooks/store.db
connections:
  ops:
    connector: opsgenie
    server_url: https://api.opsgenie.com
    api_key: env:OPSGENIE_API_KEY
    api_version: v2
    proxy: null
    allow: {alerts: write, heartbeats: write, incidents: full}
    health_check: {every: 5m, notify: [chat.send]}
    fetch:
      alerts: {every: 1m, look_back: 10m, start: 24h, page_size: 100, mapping: default, query: "source: db"}
  chat:
    connector: notify
    urls: [env:CHAT_URL]
limits: {ops.create_incident: 10 per 1h}
pause: {after: 5, retry: 10m}
catch_up_window: 2h
retention: {events: 90d, runs: null}
sign_of_life: {call: ops.ping_heartbeat, with: {name: playbooks}, every: 1m}
web: {host: 127.0.0.1, port: 8750, public_url: null}
"""


@pytest.fixture(scope="module")
def refusal() -> Callable[[str | bytes], str]:
    schema = project_schema(Catalog())
    Draft7Validator.check_schema(schema)
    validator = Draft7Validator(schema)

    def refuse(text: str | bytes) -> str:
        root = read(text, "project.yml").root
        error = best_match(validator.iter_errors(root.plain() if root else None))
        return f"{error.json_path}: {error.message}" if error else ""

    return refuse


@pytest.mark.parametrize("text", [WHOLE, "web:\nretention:\n", STARTED, DEMO.format(url="http://127.0.0.1:1", key="K")])
def test_a_good_project_passes(text: str, refusal: Callable[[str], str], tmp_path: Path) -> None:
    (tmp_path / "project.yml").write_text(text)
    assert inspect(tmp_path, Catalog()).findings == ()
    assert refusal(text) == ""


@pytest.mark.parametrize(
    "name", sorted(path.name for code in ("e501", "e503", "e504") for path in BAD.glob(f"{code}*.yml"))
)
def test_a_wrong_key_or_word_is_refused(name: str, refusal: Callable[[bytes], str]) -> None:
    assert refusal((BAD / name).read_bytes())


def test_it_has_the_keys_that_the_project_knows(tmp_path: Path) -> None:
    (tmp_path / "project.yml").write_text("zzzzzz: 1\n")
    (found,) = inspect(tmp_path, Catalog()).findings
    assert set((found.suggestion or "").removeprefix("there are: ").split(", ")) == set(
        project_schema(Catalog())["properties"]
    )


def test_a_connector_that_cannot_be_had_is_left_out() -> None:
    class Poor(Catalog):
        def connector(self, name: str) -> Any:
            return super().connector("nowhere" if name == "http" else name)

    known = project_schema(Poor())["definitions"]["connection"]["properties"]["connector"]["enum"]
    assert "http" not in known
    assert "opsgenie" in known
