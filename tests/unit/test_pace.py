"""Tokens that are lent: how long who finds none has to wait."""

import pytest

from ecomops.kit.pace import Pace


class Clock:
    now = 50.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_the_burst_goes_at_once_and_the_rest_in_step(clock: Clock) -> None:
    pace = Pace(3, 10, clock=clock)
    waits = [pace.reserve(10) for _ in range(6)]
    assert waits == pytest.approx([0, 0, 0, 0.1, 0.2, 0.3])


def test_the_bucket_fills_up_to_its_burst_and_no_further(clock: Clock) -> None:
    pace = Pace(2, 10, clock=clock)
    for pause in (0, 1000):
        clock.now += pause
        assert [pace.reserve(10) for _ in range(3)] == pytest.approx([0, 0, 0.1])


def test_who_would_wait_too_long_takes_nothing(clock: Clock) -> None:
    pace = Pace(1, 2, clock=clock)
    assert [pace.reserve(1) for _ in range(3)] == pytest.approx([0, 0.5, 1])
    assert [pace.reserve(1) for _ in range(3)] == [None, None, None]
    clock.now += 0.5
    assert pace.reserve(1) == pytest.approx(1)


def test_in_no_second_more_go_than_burst_and_rate_together(clock: Clock) -> None:
    pace, went = Pace(5, 20, clock=clock), list[float]()
    for _ in range(300):
        wait = pace.reserve(0.2)
        if wait is not None:
            went.append(clock.now + wait)
        clock.now += 0.013
    busiest = max(sum(start <= it < start + 1 for it in went) for start in went)
    assert 20 <= busiest <= 25
