"""A full disk costs nothing that was acknowledged, at whichever write it fills up; then it works again."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import bindparam, insert

from playbooks_engine.errors import StoreUnusable
from playbooks_engine.store import events, journal, room, tables, triggers
from playbooks_engine.store.database import Database
from playbooks_engine.store.events import Arrival
from playbooks_engine.store.failures import StoreFull
from playbooks_engine.store.gathering import Gathering
from playbooks_engine.store.journal import NewRun
from playbooks_engine.store.room import Room, spare_of

OPERATIONS = 200
NOW = datetime(2026, 11, 22, tzinfo=UTC)
EVERY = bool(os.environ.get("PLAYBOOKS_NIGHTLY"))
UNLIMITED = 1_000_000
_TEXT = insert(tables.playbook_text).values(digest=bindparam("digest"), text=bindparam("text"))

Operation = Callable[[Database, Gathering], None]


def _page(number: int) -> Operation:
    def store(database: Database, _: Gathering) -> None:
        arrivals = [Arrival(f"{number}-{n}", "1", {"n": n}, {"n": n, "text": "x" * 400}) for n in range(5)]
        with database.transaction() as connection:
            events.store_page(connection, "ops.alerts", arrivals, NOW)

    return store


def _run(number: int) -> Operation:
    def add(database: Database, _: Gathering) -> None:
        with database.transaction() as connection:
            digest = journal.keep_text(connection, f"text {number}")
            run_id = journal.add_run(connection, NewRun(playbook=f"p{number}", digest=digest), NOW)
            decision = triggers.NewDecision(at=NOW, playbook=f"p{number}", kind="matched", reason="r", run_id=run_id)
            triggers.decide(connection, [decision])

    return add


def _gathered(number: int) -> Operation:
    def write(_: Database, gathering: Gathering) -> None:
        async def both() -> None:
            for half in "ab":
                gathering.add(_TEXT, {"digest": f"{number}{half}", "text": "x" * 900})
            await gathering.committed(durable=True)

        asyncio.run(both())

    return write


KINDS = (_page, _run, _gathered)


def _state(database: Database) -> dict[int, set[str]]:
    """What is there of each operation, by its number."""
    found: dict[int, set[str]] = {}
    with database.reading() as connection:
        for (key,) in connection.exec_driver_sql(
            "SELECT key FROM event JOIN event_version USING (stream, key) WHERE current_version_id = event_version.id"
        ):
            found.setdefault(int(key.partition("-")[0]), set()).add(key)
        for playbook, digest, kind in connection.exec_driver_sql(
            "SELECT run.playbook, text, kind FROM run LEFT JOIN playbook_text USING (digest)"
            " LEFT JOIN decision ON decision.run_id = run.id"
        ):
            assert digest is not None
            assert kind is not None
            found.setdefault(int(playbook[1:]), set()).add("run")
        for (digest,) in connection.exec_driver_sql("SELECT digest FROM playbook_text WHERE length(digest) < 10"):
            found.setdefault(int(digest[:-1]), set()).add(digest)
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    return found


def _whole(number: int) -> set[str]:
    kind = KINDS[number % 3]
    if kind is _page:
        return {f"{number}-{n}" for n in range(5)}
    return {"run"} if kind is _run else {f"{number}a", f"{number}b"}


def _limit(database: Database, more: int | None) -> None:
    (pages,) = database._raw.execute("PRAGMA page_count").fetchone()
    database._raw.execute(f"PRAGMA max_page_count={UNLIMITED if more is None else pages + more}")


def _tried(database: Database, gathering: Gathering, number: int) -> bool:
    try:
        KINDS[number % 3](number)(database, gathering)
    except StoreFull:
        return False
    return True


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[int], Path]]:
    """The store as it is before an operation, kept while the operations go on."""
    folder = tmp_path_factory.mktemp("grown")
    with Database.open(f"sqlite:///{folder}/store.db") as database:
        gathering = Gathering(database)
        done = 0

        def before(number: int) -> Path:
            nonlocal done
            while done < number:
                assert _tried(database, gathering, done)
                done += 1
            database.checkpoint()
            shutil.copy(database.file, folder / f"before-{number}.db")
            return folder / f"before-{number}.db"

        yield before


@pytest.mark.parametrize("number", range(OPERATIONS))
def test_a_disk_that_fills_up_at_a_write_loses_nothing_acknowledged(
    number: int, tmp_path: Path, grown: Callable[[int], Path]
) -> None:
    shutil.copy(grown(number), tmp_path / "store.db")
    more = (0, 0, 1, 2)[number * 7 % 4]
    with Database.open(f"sqlite:///{tmp_path}/store.db") as database:
        gathering = Gathering(database)
        _limit(database, more)
        after = range(number, number + 12)
        acknowledged = {one: _tried(database, gathering, one) for one in after}
        assert not all(acknowledged.values()), "the disk was never full"
        assert database.room.full
        with pytest.raises(StoreUnusable, match="is full"):
            database.room.refuse()
        found = _state(database)
        for one in range(number):
            assert found[one] == _whole(one)
        for one in after:
            assert found.get(one, set()) == (_whole(one) if acknowledged[one] else set())
        _limit(database, None)
        assert database.look_for_room()
        database.room.refuse()
        for one in after:
            assert acknowledged[one] or _tried(database, gathering, one)
        assert _state(database) == {one: _whole(one) for one in range(number + 12)}
        assert database.faults() == []


def test_the_spare_file_really_takes_its_room_and_is_private(database: Database) -> None:
    assert database.look_for_room()
    spare = spare_of(database.file)
    told = spare.stat()
    assert (told.st_size, told.st_mode & 0o777) == (room.SIZE, 0o600)
    assert told.st_blocks * 512 >= room.SIZE
    database.look_for_room()
    assert spare.stat().st_ino == told.st_ino


def test_the_last_states_are_written_into_the_room_of_the_spare_file(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.look_for_room()
    plain = Room.give_up

    def give_up(given: Room) -> bool:
        gone = plain(given)
        if gone:  # what is freed is room for the store, which a limit on pages does not know
            _limit(database, 100)
        return gone

    monkeypatch.setattr(Room, "give_up", give_up)
    gathering = Gathering(database)
    _limit(database, 0)
    for number in range(2, 32, 3):
        assert _tried(database, gathering, number), "the last states were not written"
    assert not spare_of(database.file).exists()
    assert database.room.full


def test_a_transaction_that_found_the_disk_full_finds_room_the_second_time(database: Database) -> None:
    database.look_for_room()
    gathering = Gathering(database)
    _limit(database, 0)
    assert not all(_tried(database, gathering, number) for number in range(0, 30, 3))
    assert not spare_of(database.file).exists()


def test_where_no_more_room_is_the_spare_is_not_made_and_the_store_stays_full(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "free", lambda file: room.ENOUGH - 1)
    database.room.give_up()
    assert not database.look_for_room()
    assert not spare_of(database.file).exists()
    monkeypatch.setattr(room, "free", lambda file: room.ENOUGH)
    assert database.look_for_room()
    assert not database.room.full


def test_a_store_that_cannot_grow_stays_full_although_the_disk_has_room(database: Database) -> None:
    database.room.give_up()
    _limit(database, 0)
    assert not database.look_for_room()
    _limit(database, None)
    assert database.look_for_room()
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM playbook_text").scalar() == 0


def test_a_disk_that_is_nearly_full_is_told_with_what_is_left(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert database.room.short() is None
    monkeypatch.setattr(room, "free", lambda file: 5 * 1024 * 1024)
    with pytest.raises(StoreUnusable, match=r"nearly full: 5\.0 MB are free") as refused:
        database.room.refuse()
    assert "Make room" in (refused.value.hint or "")


def _fill(file: Path) -> None:
    with file.open("wb", buffering=0) as filling:
        while filling.write(bytes(1 << 16)) == 1 << 16:
            pass
        filling.write(bytes(1 << 16))


@pytest.mark.skipif(not EVERY, reason="a file system of its own: PLAYBOOKS_NIGHTLY=1")
def test_a_file_system_that_fills_up_loses_nothing_and_works_again(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=80m", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("this user may not mount a file system")
    try:
        with Database.open(f"sqlite:///{disk}/store.db") as database:
            gathering = Gathering(database)
            assert database.look_for_room()
            number = 0
            while _tried(database, gathering, number):
                number += 1
                if number == 100:
                    with pytest.raises(OSError, match="No space"):
                        _fill(disk / "fill")
            assert database.room.full
            assert not spare_of(database.file).exists()
            found = _state(database)
            assert {one: _whole(one) for one in range(number)} == found
            (disk / "fill").unlink()
            assert database.look_for_room()
            assert _tried(database, gathering, number)
            assert database.faults() == []
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_claim_lasts_while_the_disk_is_full(database: Database) -> None:
    with database.transaction() as connection:
        digest = journal.keep_text(connection, "name: chase")
        run = journal.start_run(
            connection, NewRun(playbook="chase", digest=digest), "a:1:1", NOW, timedelta(seconds=30)
        )
    _limit(database, 0)
    with database.transaction() as connection:
        assert journal.renew(connection, "a:1:1", NOW, timedelta(seconds=60)) == 1
        journal.finish(connection, run.id, run.fence, "failed", None, None, NOW)
