"""The project of the demo: shipped playbooks, and one connection to the pretend Opsgenie."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playbooks_engine.cli.shipped import shipped
from playbooks_engine.errors import BadUsage

KEY = "PLAYBOOKS_DEMO_KEY"
PLAYBOOKS = ("chase_unacknowledged_polling.yml", "name_the_person_on_call.yml", "who_is_on_call.yml")

_PROJECT = """\
# Made by `playbooks demo`: a project on a pretend Opsgenie.
connections:
  ops:
    connector: opsgenie
    server_url: {url}
    api_key: env:{key}
    allow: {{alerts: write}}
    health_check: {{every: 1m}}
    fetch:
      alerts: {{every: 10s, start: 3d}}
web: {{port: 0}}
"""


@contextmanager
def project(url: str, keep: Path | None) -> Iterator[Path]:
    """A project folder; gone afterwards, unless it is to be kept."""
    if keep is not None:
        if keep.exists() and any(keep.iterdir()):
            raise BadUsage(f"{keep} is not empty; nothing was written.", hint="Name a new folder: --keep DIR")
        _write(keep, url)
        yield keep.resolve()
        return
    folder = Path(tempfile.mkdtemp(prefix="playbooks-demo-"))
    try:
        _write(folder, url)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write(folder: Path, url: str) -> None:
    try:
        (folder / "playbooks").mkdir(parents=True, exist_ok=True)
        (folder / "project.yml").write_text(_PROJECT.format(url=url, key=KEY), encoding="utf-8")
        (folder / ".gitignore").write_text(".playbooks/\n", encoding="utf-8")
        for name in PLAYBOOKS:
            (folder / "playbooks" / name).write_text(shipped(name), encoding="utf-8")
    except OSError as error:
        raise BadUsage(f"{error.filename or folder} cannot be written: {error.strerror}.") from None
