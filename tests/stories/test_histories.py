"""A stream misses nothing, in histories made from seeds (tests/support/history_model.py says what is owed, and when).

More of them, or larger ones: PLAYBOOKS_HISTORIES=10000, PLAYBOOKS_HISTORY_ALERTS=500 (tests/README.md).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from histories import History, Size
from history_model import Violated

from playbooks_engine.runtime import fetching, paging
from playbooks_engine.store import events
from playbooks_engine.store.database import Database

HISTORIES = int(os.environ.get("PLAYBOOKS_HISTORIES", "200"))
SIZE = Size(alerts=int(os.environ.get("PLAYBOOKS_HISTORY_ALERTS", "25")))
GROUPS = 20
OVER_HTTP = range(12)

pytestmark = pytest.mark.timeout(max(120, HISTORIES * 5))


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("empty")
    Database.open("sqlite:///store.db", folder=folder).close()
    return (folder / "store.db").read_bytes()


@pytest.fixture
def play(tmp_path: Path, empty_store: bytes) -> Callable[..., str]:
    """Play the history of a seed; returns the hash of its trace."""
    played = iter(range(10**9))

    def play(seed: int, size: Size = SIZE, **how: Any) -> str:
        return History(seed, tmp_path / f"history-{next(played)}", empty_store, size).play(**how)

    return play


@pytest.mark.parametrize("group", range(GROUPS))
def test_nothing_is_lost_and_nothing_doubled(play: Callable[..., str], group: int) -> None:
    for seed in range(group, HISTORIES, GROUPS):
        play(seed)


@pytest.mark.parametrize("seed", OVER_HTTP)
def test_nothing_is_lost_and_nothing_doubled_over_real_http(play: Callable[..., str], seed: int) -> None:
    play(seed, over_http=True)


@pytest.mark.parametrize("seed", [1, 4, 12])
def test_the_same_seed_gives_the_same_trace(play: Callable[..., str], seed: int) -> None:
    assert play(seed) == play(seed)
    assert play(seed) != play(seed + 100)


# What makes it so, taken away once each: the histories have to notice.


def marks_move_before_the_page_is_stored(patch: pytest.MonkeyPatch) -> None:
    whole = fetching._store

    async def store(engine: Any, stream: Any, plan: Any, page: Any, *rest: Any) -> bool:
        reached = plan.began if page.last or page.reached is None else page.reached
        with engine.database.transaction() as connection:
            events.move_watermark(connection, stream.name, complete_up_to=min(reached, plan.began))
        return await whole(engine, stream, plan, page, *rest)

    patch.setattr(fetching, "_store", store)


def marks_move_to_the_end_with_the_first_page(patch: pytest.MonkeyPatch) -> None:
    whole = fetching._store
    patch.setattr(
        fetching,
        "_store",
        lambda engine, stream, plan, page, *rest: whole(engine, stream, plan, replace(page, reached=None), *rest),
    )


def nothing_is_swept(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(fetching, "SWEEP_EVERY", timedelta(days=1000))


def a_sweep_forgets_what_is_late(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(fetching, "SETTLED", fetching.SKEW)


def a_sweep_forgets_that_clocks_differ(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(fetching, "SETTLED", fetching.LATE)


def a_window_ends_now_though_the_clock_of_the_service_is_ahead(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(fetching, "SKEW", timedelta(minutes=-10))


def a_page_begins_a_millisecond_too_late(patch: pytest.MonkeyPatch) -> None:
    whole = paging._Walk.begin_at
    patch.setattr(paging._Walk, "begin_at", lambda at, since: whole(at, since + timedelta(milliseconds=1)))


def nobody_looks_whether_a_page_has_shifted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(paging._Walk, "shifted", lambda at, mapped: False)


def play_many(play: Callable[..., str], size: Size) -> None:
    for seed in range(100):
        play(seed, size)


@pytest.mark.parametrize(
    "remove",
    [
        marks_move_before_the_page_is_stored,
        marks_move_to_the_end_with_the_first_page,
        nothing_is_swept,
        a_sweep_forgets_what_is_late,
        a_sweep_forgets_that_clocks_differ,
        a_window_ends_now_though_the_clock_of_the_service_is_ahead,
        a_page_begins_a_millisecond_too_late,
        nobody_looks_whether_a_page_has_shifted,
    ],
)
def test_each_guard_is_needed(
    play: Callable[..., str], remove: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    remove(monkeypatch)
    with pytest.raises(Violated, match="seed"):
        play_many(play, SIZE)


def test_the_look_back_is_needed(play: Callable[..., str]) -> None:
    with pytest.raises(Violated, match="the look-back of the last fetch"):
        play_many(play, Size(look_back="0s"))
