"""Slots for requests to one account: shared by all processes, given back, and never lost."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from redis import Redis

from ecomops.kit.errors import ProviderRateLimitedError
from ecomops.kit.settings import Settings, get_settings
from ecomops.runtime.request_slots import SharedGate


@pytest.fixture
def name(settings: Settings) -> str:
    return f"test:{uuid4().hex}"


@pytest.fixture
def redis_away(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[None]:
    """Redis at an address where nobody listens."""
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    get_settings.cache_clear()
    yield
    monkeypatch.undo()
    get_settings.cache_clear()


class Counter:
    """How many are inside at once, and the most there ever were."""

    def __init__(self) -> None:
        self._lock, self._inside, self.most = threading.Lock(), 0, 0

    def visit(self, gate: SharedGate) -> None:
        with gate.slot():
            with self._lock:
                self._inside += 1
                self.most = max(self.most, self._inside)
            time.sleep(0.02)
            with self._lock:
                self._inside -= 1


def visit_all(gate: SharedGate, visits: int = 40) -> int:
    counter = Counter()
    with ThreadPoolExecutor(20) as pool:
        for done in [pool.submit(counter.visit, gate) for _ in range(visits)]:
            done.result()
    return counter.most


def held(name: str) -> int:
    redis: Redis = Redis.from_url(get_settings().redis_url.get_secret_value())
    count = redis.zcard(f"ecomops:slots:{name}")
    assert isinstance(count, int)
    return count


def test_no_more_are_inside_than_there_are_slots(name: str) -> None:
    assert visit_all(SharedGate(name, 3)) == 3
    assert held(name) == 0


def test_other_accounts_do_not_wait(name: str) -> None:
    with SharedGate(name, 1).slot(), SharedGate(name + "-other", 1, patience=0).slot():
        assert held(name) == 1


def test_who_waits_too_long_is_told_to_come_again(name: str) -> None:
    gate = SharedGate(name, 1, patience=0.2)
    with gate.slot(), pytest.raises(ProviderRateLimitedError) as caught, gate.slot():
        pytest.fail("There was one slot and two were in it.")
    assert caught.value.retryable
    with gate.slot():
        assert held(name) == 1


def test_a_slot_is_given_back_when_its_request_fails(name: str) -> None:
    gate = SharedGate(name, 1, patience=0)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), gate.slot():
            raise ZeroDivisionError
    assert held(name) == 0


def _die_inside(url: str, name: str) -> None:
    import os

    os.environ["REDIS_URL"] = url
    get_settings.cache_clear()
    with SharedGate(name, 1, lease=1).slot():
        os._exit(9)


def test_the_slot_of_a_process_that_died_comes_free(name: str) -> None:
    url = get_settings().redis_url.get_secret_value()
    process = multiprocessing.get_context("spawn").Process(target=_die_inside, args=(url, name))
    process.start()
    process.join(30)
    assert process.exitcode == 9
    with SharedGate(name, 1, patience=5).slot():
        assert held(name) == 1


def test_while_redis_is_away_a_process_does_one_thing_at_a_time(
    redis_away: None, name: str
) -> None:
    assert visit_all(SharedGate(name, 5), visits=6) == 1


def test_while_redis_is_away_nobody_waits_for_ever(redis_away: None, name: str) -> None:
    gate = SharedGate(name, 5, patience=0.1)
    inside, leave = threading.Event(), threading.Event()

    def stay() -> None:
        with gate.slot():
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=stay)
    thread.start()
    inside.wait(10)
    with pytest.raises(ProviderRateLimitedError), gate.slot():
        pytest.fail("The only slot was taken.")
    leave.set()
    thread.join()
