"""Parts of a run at once: none of them is forgotten, and what halts one is told when the others have ended."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from playbooks_engine.runtime.running.branching import in_turn, together
from playbooks_engine.runtime.running.halting import CalledOff, GivenBack
from playbooks_engine.runtime.running.vigil import Parked, Vigil
from playbooks_engine.testing.clock import START


async def test_the_first_of_several_that_breaks_ends_the_others() -> None:
    ended = []

    async def waits() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async def breaks() -> None:
        await asyncio.sleep(0)
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        await together([waits(), breaks()])
    assert ended == [True]


async def test_so_many_go_at_once_and_each_has_its_turn() -> None:
    at_once = most = 0
    done = []

    async def one(number: int) -> bool:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0)
        at_once -= 1
        done.append(number)
        return True

    await in_turn(10, 3, one, Vigil())
    assert most == 3
    assert sorted(done) == list(range(10))


async def test_none_begins_after_one_that_said_it_was_enough() -> None:
    begun = []

    async def one(number: int) -> bool:
        begun.append(number)
        return number != 1

    await in_turn(5, 1, one, Vigil())
    assert begun == [0, 1]


async def test_one_that_waits_keeps_its_place_and_the_others_go_on() -> None:
    begun = []

    async def one(number: int) -> bool:
        begun.append(number)
        if number == 0:
            raise Parked(START)
        return True

    with pytest.raises(Parked):
        await in_turn(4, 2, one, Vigil())
    assert begun == [0, 1, 2, 3]
    begun.clear()
    with pytest.raises(Parked):
        await in_turn(4, 1, one, Vigil())
    assert begun == [0]


async def test_what_halts_the_most_is_told_in_the_end() -> None:
    halts = [Parked(START + timedelta(hours=1)), GivenBack(), Parked(START), CalledOff()]

    async def one(number: int) -> bool:
        raise halts[number]

    for count, told in ((1, halts[0]), (2, halts[1]), (4, halts[3])):
        with pytest.raises(type(told)) as raised:
            await in_turn(count, 4, one, Vigil())
        assert raised.value is told
    waits = [halts[0], halts[2]]

    async def wait(number: int) -> bool:
        raise waits[number]

    with pytest.raises(Parked) as first:
        await in_turn(2, 2, wait, Vigil())
    assert first.value.until == START
