"""`once` keys: one claims, the others learn what came of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from playbooks_engine.store.database import Database
from playbooks_engine.store.journal import OnceRow, Run, once_claim, once_done, once_forget, once_known, once_release


def _claim(connection: Connection, run: Run, path: str, now: datetime, key: str = "a1") -> OnceRow:
    return once_claim(
        connection,
        playbook="chase",
        step="page",
        connection_name="ops",
        key=key,
        run_id=run.id,
        path=path,
        now=now,
    )


def test_the_second_learns_who_claimed_it_and_later_what_came_of_it(
    database: Database, run: Run, now: datetime
) -> None:
    with database.transaction() as connection:
        mine = _claim(connection, run, "page[0]", now)
        assert (mine.path, mine.done) == ("page[0]", False)
        assert _claim(connection, run, "page[1]", now) == mine
        assert once_done(connection, mine, {"id": 7}, {"data": {"id": 7}}, now)
        reused = _claim(connection, run, "page[1]", now)
    assert (reused.done, reused.output, reused.raw) == (True, {"id": 7}, {"data": {"id": 7}})


def test_who_has_a_key_can_be_asked_without_claiming_it(database: Database, run: Run, now: datetime) -> None:
    asked = {"playbook": "chase", "step": "page", "connection_name": "ops", "key": "a1"}
    with database.transaction() as connection:
        assert once_known(connection, **asked) is None
        mine = _claim(connection, run, "page[0]", now)
        assert once_known(connection, **asked) == mine
        assert once_known(connection, **{**asked, "step": "other"}) is None


def test_another_key_is_another_matter(database: Database, run: Run, now: datetime) -> None:
    with database.transaction() as connection:
        _claim(connection, run, "page[0]", now)
        assert _claim(connection, run, "page[1]", now, key="a2").path == "page[1]"


def test_a_released_key_is_claimed_by_the_next(database: Database, run: Run, now: datetime) -> None:
    with database.transaction() as connection:
        mine = _claim(connection, run, "page[0]", now)
        assert once_release(connection, mine)
        theirs = _claim(connection, run, "page[1]", now)
        assert theirs.path == "page[1]"
        assert not once_release(connection, mine)
        assert not once_done(connection, mine, None, None, now)


def test_what_is_done_is_not_released(database: Database, run: Run, now: datetime) -> None:
    with database.transaction() as connection:
        mine = _claim(connection, run, "page[0]", now)
        once_done(connection, mine, 1, None, now)
        assert not once_release(connection, mine)


def test_a_key_is_forgotten_only_as_it_was_read(database: Database, run: Run, now: datetime) -> None:
    with database.transaction() as connection:
        seen = _claim(connection, run, "page[0]", now)
        once_done(connection, seen, 1, None, now + timedelta(hours=1))
        assert not once_forget(connection, seen)
        assert once_forget(connection, _claim(connection, run, "page[1]", now))
        assert _claim(connection, run, "page[1]", now).path == "page[1]"
