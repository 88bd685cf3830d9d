"""A copy is one moment of a store that is being written to; putting it back is all or nothing."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from playbooks_engine.errors import StoreBusy, StoreUnusable
from playbooks_engine.store import copying, marking
from playbooks_engine.store.database import Database, connect

NOW = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)

WRITE_ON = """
import sys
from playbooks_engine.store.database import Database
with Database.open("sqlite:///" + sys.argv[1]) as database:
    number = 0
    while True:
        with database.transaction() as connection:
            for half in "ab":
                connection.exec_driver_sql("INSERT INTO playbook_text VALUES (?, ?)", (f"{number}{half}", "x" * 500))
        print(number, flush=True)
        number += 1
"""


def hashes(file: Path) -> dict[str, str]:
    """Every row of every table, as one hash a table."""
    with closing(connect(file)) as raw:
        return {
            name: sha256(repr(sorted(map(repr, raw.execute(f'SELECT * FROM "{name}"')))).encode()).hexdigest()  # noqa: S608 - a table of ours
            for name in copying.rows(raw)
        }


def _texts(file: Path) -> set[str]:
    with Database.open(f"sqlite:///{file}", create=False) as database, database.reading() as connection:
        return set(connection.exec_driver_sql("SELECT digest FROM playbook_text").scalars())


def _write(file: Path, digest: str) -> None:
    with Database.open(f"sqlite:///{file}") as database, database.transaction() as connection:
        connection.exec_driver_sql("INSERT INTO playbook_text VALUES (?, '')", (digest,))


@contextmanager
def _writing(file: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen([sys.executable, "-c", WRITE_ON, str(file)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        for _ in range(20):
            writer.stdout.readline()
        try:
            yield writer
        finally:
            writer.kill()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    (tmp_path / "kept").mkdir()
    return tmp_path / "kept" / "copy.db"


def test_a_copy_made_while_another_process_writes_is_one_moment_and_comes_back_the_same(file: Path, copy: Path) -> None:
    with _writing(file):
        copied = copying.save(file, copy)
    with closing(connect(copy)) as raw:
        assert copying.rows(raw) == copied.rows
    digests = _texts(copy)
    assert copied.rows["playbook_text"] == len(digests) >= 40
    numbers = range(len(digests) // 2)
    assert digests == {f"{number}{half}" for number in numbers for half in "ab"}, "a transaction is in it by half"
    before = hashes(copy)
    told, kept = copying.put_back(file, copy, NOW)
    assert hashes(file) == before
    assert told.rows == copied.rows
    assert kept is not None
    assert _texts(kept) > digests


def test_a_copy_is_private_and_alone_and_its_checksum_is_the_files(file: Path, copy: Path) -> None:
    _write(file, "a")
    copied = copying.save(file, copy)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert [path.name for path in copy.parent.iterdir()] == ["copy.db"]
    assert (copied.size, copied.sha256) == (copy.stat().st_size, sha256(copy.read_bytes()).hexdigest())
    assert copied.schema == copying.schema_of(file)


def test_a_file_that_is_there_is_replaced_only_when_that_is_asked_for(file: Path, copy: Path) -> None:
    copy.write_text("dear")
    with pytest.raises(StoreUnusable, match="is there already"):
        copying.save(file, copy)
    assert copy.read_text() == "dear"
    copying.save(file, copy, replace=True)
    assert _texts(copy) == set()


def test_a_file_that_is_made_meanwhile_is_not_replaced(file: Path, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = copying._sha256

    def meanwhile(path: Path) -> str:
        copy.write_text("dear")
        return plain(path)

    monkeypatch.setattr(copying, "_sha256", meanwhile)
    with pytest.raises(StoreUnusable, match="was made meanwhile"):
        copying.save(file, copy)
    assert copy.read_text() == "dear"


def test_the_store_is_not_copied_onto_itself_or_its_log(file: Path) -> None:
    with Database.open(f"sqlite:///{file}") as database:
        database.write([])
        for target in (file, Path(f"{file}-wal")):
            with pytest.raises(StoreUnusable, match="is the store itself"):
                copying.save(file, target, replace=True)


def test_a_damaged_store_gives_no_copy_and_a_copy_that_was_there_stays(file: Path, copy: Path) -> None:
    copy.write_text("dear")
    content = bytearray(file.read_bytes())
    content[4096 * 3 : 4096 * 4] = b"\x5a" * 4096
    file.write_bytes(content)
    with pytest.raises(StoreUnusable, match="is damaged"):
        copying.save(file, copy, replace=True)
    assert {path.name: path.read_text() for path in copy.parent.iterdir()} == {"copy.db": "dear"}


def test_a_copy_that_lacks_rows_is_not_given_its_name(file: Path, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = copying._checked
    monkeypatch.setattr(copying, "_checked", lambda draft, named: {**plain(draft, named), "run": 7})
    with pytest.raises(StoreUnusable, match="does not hold the same rows"):
        copying.save(file, copy)
    assert list(copy.parent.iterdir()) == []


def test_a_folder_that_is_not_there_is_named(file: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreUnusable, match="cannot be written"):
        copying.save(file, tmp_path / "nowhere" / "copy.db")


# putting it back


def test_the_former_store_is_kept_with_its_log_under_a_name_with_the_time(file: Path, copy: Path) -> None:
    _write(file, "old")
    copying.save(file, copy)
    with _writing(file) as writer:
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
    assert Path(f"{file}-wal").stat().st_size
    _, kept = copying.put_back(file, copy, NOW)
    assert kept is not None
    assert kept.name == "store.db.before-restore-20261122T183000.000000Z"
    assert _texts(file) == {"old"}
    assert _texts(kept) > {"old", "0a", "0b"}, "what stood in the log only is kept too"


def test_a_copy_goes_where_no_store_is(tmp_path: Path, file: Path, copy: Path) -> None:
    _write(file, "a")
    copying.save(file, copy)
    store = tmp_path / "new" / "store.db"
    _, kept = copying.put_back(store, copy, NOW)
    assert kept is None
    assert _texts(store) == {"a"}
    assert stat.S_IMODE(store.stat().st_mode) == 0o600


@pytest.mark.parametrize("damage", ["empty", "cut", "text", "other", "scribbled"])
def test_a_copy_that_cannot_be_used_changes_nothing(file: Path, copy: Path, damage: str) -> None:
    _write(file, "a")
    copying.save(file, copy)
    content = copy.read_bytes()
    if damage == "other":
        copy.unlink()
        with closing(sqlite3.connect(copy)) as other:
            other.execute("CREATE TABLE bookmarks (url)")
    else:
        scribbled = content[: 4096 * 3] + b"\x5a" * 4096 + content[4096 * 4 :]
        copy.write_bytes({"empty": b"", "cut": content[:8192], "text": b"hello", "scribbled": scribbled}[damage])
    before = {path.name: path.read_bytes() for path in file.parent.iterdir() if path.is_file()}
    with pytest.raises(StoreUnusable) as refused:
        copying.put_back(file, copy, NOW)
    assert str(copy) in refused.value.message
    assert {path.name: path.read_bytes() for path in file.parent.iterdir() if path.is_file()} == before


def test_a_copy_of_a_newer_version_is_refused_by_its_schema(file: Path, copy: Path) -> None:
    copying.save(file, copy)
    with closing(connect(copy)) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreUnusable, match="its schema is 9999"):
        copying.put_back(file, copy, NOW)


def test_a_store_that_a_process_has_open_is_not_replaced(file: Path, copy: Path) -> None:
    copying.save(file, copy)
    with _writing(file), pytest.raises(StoreBusy, match="is open in another process"):
        copying.put_back(file, copy, NOW)
    copying.put_back(file, copy, NOW)


def test_a_damaged_store_can_be_replaced_and_its_remains_are_kept(file: Path, copy: Path) -> None:
    copying.save(file, copy)
    file.write_bytes(b"remains")
    _, kept = copying.put_back(file, copy, NOW)
    assert kept is not None
    assert kept.read_bytes() == b"remains"
    assert _texts(file) == set()


def test_a_copy_taken_of_a_store_with_a_log_beside_it_has_the_log_too(file: Path, tmp_path: Path) -> None:
    taken = tmp_path / "taken.db"
    with _writing(file):
        pass
    shutil.copy(file, taken)
    shutil.copy(f"{file}-wal", f"{taken}-wal")
    store = tmp_path / "new.db"
    copying.put_back(store, taken, NOW)
    assert {"0a", "0b"} <= _texts(store)


def test_after_a_restore_the_old_mark_refuses_nothing(file: Path, copy: Path) -> None:
    copying.save(file, copy)
    _write(file, "a")
    assert marking.told(file) == 1
    copying.put_back(file, copy, NOW)
    assert _texts(file) == set()


RESTORE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from playbooks_engine.store import copying
copying.put_back(Path(sys.argv[1]), Path(sys.argv[2]), datetime(2026, 11, 22, tzinfo=UTC))
"""


def test_killed_between_two_files_the_store_is_refused_until_it_is_done_again(file: Path, copy: Path) -> None:
    copying.save(file, copy)
    for number in range(1, 10):
        for left in file.parent.glob("store.db*"):
            left.unlink()
        shutil.copy(copy, file)
        with _writing(file):
            pass
        told = {**os.environ, "PLAYBOOKS_FAULTS": f"restoring:{number}:kill"}
        ended = subprocess.run([sys.executable, "-c", RESTORE, str(file), str(copy)], env=told, check=False)
        if not ended.returncode:
            break
        assert ended.returncode == -signal.SIGKILL
        with pytest.raises(StoreUnusable, match="was being replaced"):
            Database.open(f"sqlite:///{file}")
        copying.put_back(file, copy, NOW)
        assert _texts(file) == set()
    assert number == 6
