"""Requests a second to one account: counted by all processes together, in Redis or without it."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from redis import Redis

from ecomops.connectors.gate import Gates
from ecomops.connectors.http import InterruptedWaitError, ProviderHttp
from ecomops.kit.errors import ProviderRateLimitedError
from ecomops.kit.settings import Settings, get_settings
from ecomops.runtime.request_budget import SharedBudget
from ecomops.runtime.request_slots import SharedGate
from tests.connectors.wire import reply, script, serve

NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture
def name(settings: Settings) -> str:
    return f"test:{uuid4().hex}"


@pytest.fixture
def redis_away(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[None]:
    """Redis at an address where nobody listens."""
    monkeypatch.setenv("REDIS_URL", NOWHERE)
    get_settings.cache_clear()
    yield
    monkeypatch.undo()
    get_settings.cache_clear()


def pass_through(budget: SharedBudget, times: int) -> list[float]:
    """When each of so many requests of one thread went, by the clock that processes share."""
    went = []
    for _ in range(times):
        with budget.slot(time.sleep):
            went.append(time.time())
    return went


def busiest_second(went: list[float]) -> int:
    return max(sum(start <= it < start + 1 for it in went) for start in went)


def test_threads_share_a_budget(name: str) -> None:
    budget = SharedBudget(name, 50)
    with ThreadPoolExecutor(8) as pool:
        parts = [pool.submit(pass_through, budget, 12) for _ in range(8)]
        went = sorted(it for part in parts for it in part.result())
    assert len(went) == 96
    # 10 at once, then 40 a second: (96 - 10) / 40 seconds, and a little for the machine.
    assert 2.0 <= went[-1] - went[0] <= 4.0
    assert busiest_second(went) <= 55


def _spend(url: str, name: str, times: int, told: Any) -> None:
    import os

    os.environ["REDIS_URL"] = url
    get_settings.cache_clear()
    told.put(pass_through(SharedBudget(name, 25), times))


def test_processes_share_a_budget(name: str) -> None:
    url = get_settings().redis_url.get_secret_value()
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    processes = [context.Process(target=_spend, args=(url, name, 40, told)) for _ in range(2)]
    for process in processes:
        process.start()
    went = sorted([*told.get(timeout=60), *told.get(timeout=60)])
    for process in processes:
        process.join(30)
    assert [process.exitcode for process in processes] == [0, 0]
    assert len(went) == 80
    assert went[-1] - went[0] >= (80 - 5) / 20 - 0.2
    assert busiest_second(went) <= 27


def test_other_accounts_do_not_wait(name: str) -> None:
    started = time.monotonic()
    pass_through(SharedBudget(name, 5), 1)
    pass_through(SharedBudget(name + "-other", 5), 1)
    assert time.monotonic() - started < 0.2


def test_who_would_wait_too_long_is_told_to_come_again(name: str) -> None:
    budget = SharedBudget(name, 5, patience=0.3)
    pass_through(budget, 2)
    stalled = SharedBudget(name, 5, patience=0)
    with pytest.raises(ProviderRateLimitedError, match="5 requests a second"):
        pass_through(stalled, 1)


def test_a_clock_that_was_set_back_holds_nobody_up(name: str) -> None:
    redis: Redis = Redis.from_url(get_settings().redis_url.get_secret_value())
    in_a_day = round((time.time() + 86_400) * 1_000_000)
    redis.set(f"ecomops:budget:{name}", in_a_day)
    started = time.monotonic()
    pass_through(SharedBudget(name, 25), 3)
    assert time.monotonic() - started < 1


def test_a_budget_that_nobody_spends_is_forgotten(name: str) -> None:
    redis: Redis = Redis.from_url(get_settings().redis_url.get_secret_value())
    pass_through(SharedBudget(name, 25), 3)
    life = redis.pttl(f"ecomops:budget:{name}")
    assert isinstance(life, int)
    assert 0 < life < 3_000


def test_while_redis_is_away_a_process_spends_a_fifth(redis_away: None, name: str) -> None:
    budget = SharedBudget(name, 100)
    with ThreadPoolExecutor(4) as pool:
        parts = [pool.submit(pass_through, budget, 10) for _ in range(4)]
        went = sorted(it for part in parts for it in part.result())
    assert 1.8 <= went[-1] - went[0] <= 3.5
    assert busiest_second(went) <= 22


def test_a_wait_for_a_turn_ends_when_the_job_is_to_stop(name: str) -> None:
    """The budget and the slots wait as the client does: looking at the stop hook all the while."""
    pass_through(SharedBudget(name, 1), 1)
    asked = threading.Event()
    threading.Timer(0.3, asked.set).start()
    for gate in (SharedBudget(name, 1), SharedGate(name, 0)):
        with serve(script(reply({}))) as wire:
            http = ProviderHttp("Acme", wire.base, {}, gate=Gates((gate,)), stop=asked.is_set)
            started = time.monotonic()
            with pytest.raises(InterruptedWaitError):
                http.get("/v1/things", {}, lambda answer: answer)
            http.close()
        assert time.monotonic() - started < 1
        assert wire.seen == []
