"""What refusals teach of a window, and how its tokens are drawn."""

from __future__ import annotations

from bisect import bisect_left

import pytest

from playbooks_engine.runtime.buckets import AT_ONCE, BELIEVED, USED, Bucket, Domain


def domain(*sent: float, period: float = 60.0, at: float = 0.0) -> Domain:
    """A domain whose window overflowed after so much was sent."""
    made = Domain()
    made.sent.extend(sent)
    made.lessons[period] = at
    return made


def evenly(number: int, begin: float, end: float) -> list[float]:
    return [begin + (end - begin) * n / number for n in range(1, number + 1)]


def left(bucket: Bucket, until: float) -> list[float]:
    """When requests leave that wait for nothing but this bucket."""
    at, times = 0.0, []
    while (at := max(at, bucket.ready)) <= until:
        bucket.draw(at)
        times.append(at)
    return times


@pytest.mark.parametrize(("size", "period"), [(10.0, 1.0), (300.0, 60.0), (4.0, 1.0), (3_000.0, 60.0)])
def test_no_window_anywhere_holds_more_than_the_limit(size: float, period: float) -> None:
    times = left(Bucket(size, period, 1e9), 10 * period)
    most = max(bisect_left(times, begin + period) - place for place, begin in enumerate(times))
    assert most <= size
    assert len(times) >= 0.94 * 10 * size


def test_a_few_may_leave_at_once() -> None:
    assert left(Bucket(300.0, 60.0, 1e9), 0.0) == [0.0] * int(300 * AT_ONCE)
    assert left(Bucket(10.0, 1.0, 1e9), 0.0) == [0.0]


def test_the_first_refusal_teaches_what_left_within_the_window() -> None:
    made = domain(*evenly(100, -90.0, -60.0), *evenly(200, -60.0, 0.0))
    made.learn(10.0)
    assert made.buckets == {60.0: Bucket(200.0, 60.0, 10.0 + BELIEVED)}


def test_a_refusal_in_spite_of_that_teaches_what_a_bucket_must_have_held() -> None:
    made = domain(*evenly(600, -60.0, 0.0))
    made.learn(70.0)
    assert made.buckets[60.0].size == 600
    made.sent.extend(evenly(660, 70.0, 142.0))  # 300 held and 5 a second filled in: 660 in 72 seconds
    made.lessons[60.0] = 142.0
    made.learn(210.0)
    assert made.buckets[60.0].size == pytest.approx(300, rel=0.01)
    assert made.buckets[60.0].until == 210.0 + 3 * BELIEVED


@pytest.mark.parametrize(("since", "expected"), [(10, 150), (1_000, 270)])
def test_a_second_refusal_halves_at_most_and_lowers_at_least_by_a_tenth(since: int, expected: float) -> None:
    made = domain(*evenly(300, -60.0, 0.0))
    made.learn(70.0)
    made.sent.extend(evenly(since, 70.0, 100.0))
    made.lessons[60.0] = 100.0
    made.learn(170.0)
    assert made.buckets[60.0].size == pytest.approx(expected)


def test_a_window_that_others_filled_teaches_nothing() -> None:
    made = domain(-3.0, -2.0, -1.0)
    made.learn(60.0)
    assert not made.buckets
    assert made.free


def test_each_window_is_learned_by_itself_and_all_of_them_are_kept_to() -> None:
    made = domain(*evenly(10, -0.5, 0.0), period=1.0)
    made.learn(1.2)
    made.sent.extend(evenly(300, 1.2, 33.0))
    made.lessons[60.0] = 33.0
    made.learn(100.0)
    assert {period: bucket.size for period, bucket in made.buckets.items()} == {1.0: 10.0, 60.0: 310.0}
    at = made.ready(100.0)
    made.draw(at)
    assert made.ready(at) == pytest.approx(at + 1 / (10 * USED))


def test_a_limit_is_believed_for_a_while() -> None:
    made = domain(*evenly(300, -60.0, 0.0))
    made.learn(0.0)
    assert not made.free
    assert made.ready(BELIEVED) == BELIEVED
    assert made.free


def test_what_was_under_way_when_the_first_refusal_came_says_nothing_new() -> None:
    made = domain(at=5.0)
    made.refuse(5.0, 70.0)
    assert made.knew(60.0, left=5.0)
    assert made.knew(None, left=4.0)
    assert not made.knew(60.0, left=6.0)
    assert not made.knew(None, left=6.0)
    assert not made.knew(1.0, left=4.0), "another window is another lesson"
    made.learn(70.0)
    assert made.knew(60.0, left=4.0), "a late answer, after the window was learned"
