"""T27: two schedulers and two dispatchers look at the same moment, and each thing happens once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
import redis
from pydantic import SecretStr
from sqlalchemy import Engine, text

from ecomops import runtime
from ecomops.domains.freshness.schedules import set_schedule
from ecomops.domains.freshness.schemas import SetSchedule
from ecomops.kit.context import Context, Plan
from ecomops.kit.ids import new_correlation_id
from ecomops.kit.settings import get_settings
from ecomops.runtime.outbox import ring_due
from tests.conftest import Workspace
from tests.integration.provider import Sandbox, Stored, begin_sync, connect
from tests.torture.fire.trial import small_shop
from tests.torture.report import SEED, reported, times
from tests.torture.sources import SOURCES, Source

TICKS = times(full=1000, short=100)
KEY = SecretStr("sk_test_0123456789abcdef")

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("fire")]


class Rivals:
    """Two of a kind that do the same at the same moment."""

    def __init__(self, act: Callable[[], object]) -> None:
        self._act, self._barrier = act, Barrier(2)
        self._both = ThreadPoolExecutor(2)

    def tick(self) -> None:
        for done in [self._both.submit(self._on_time) for _ in range(2)]:
            done.result()

    def _on_time(self) -> None:
        self._barrier.wait(10)
        self._act()


@pytest.fixture
def bell(runtime_started: None, admin_engine: Engine) -> Iterator[redis.Redis]:
    """The queues; what other tests left there, or made due, is not theirs."""
    _do(admin_engine, "UPDATE outbox SET ring_at = now() + interval '1 day'")
    _do(admin_engine, "UPDATE due_times SET due_at = now() + interval '1 day'")
    with redis.Redis.from_url(get_settings().redis_url.get_secret_value()) as client:
        client.flushdb()
        yield client


def _do(engine: Engine, statement: str, **values: object) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement), values)


def test_two_dispatchers_ring_once_for_each_tick(
    workspace: Workspace, bell: redis.Redis, admin_engine: Engine
) -> None:
    job_id = begin_sync(workspace.ctx, connect(workspace.ctx, KEY))
    dispatchers = Rivals(lambda: runtime.run(Context(new_correlation_id(), "worker"), ring_due))
    bell.flushdb()
    with reported("T27 dispatchers") as figures:
        for _ in range(TICKS):
            _do(admin_engine, "UPDATE outbox SET ring_at = now() WHERE job_id = :job", job=job_id)
            dispatchers.tick()
            figures.count += 1
            figures.failed += bell.llen("sync") != figures.count
        assert figures.failed == 0


@pytest.fixture(scope="module")
def shop(runtime_started: None) -> Iterator[Sandbox]:
    with small_shop(SEED) as shop:
        yield shop


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_two_schedulers_start_one_job_for_each_tick(
    source: Source, shop: Sandbox, workspace: Workspace, bell: redis.Redis, admin_engine: Engine
) -> None:
    # Makes the Celery application, which needs settings.
    from workers.tasks.freshness import start_due

    ctx, of_us = replace(workspace.ctx, plan=Plan("pro", None)), {"tenant": workspace.ctx.tenant}
    _do(admin_engine, "UPDATE tenants SET plan = 'pro', plan_expires_at = NULL"
        " WHERE id = :tenant", **of_us)  # fmt: skip
    connection = source.connect(workspace, shop, admin_engine)
    runtime.run(ctx, set_schedule, SetSchedule(connection, "0 6 * * *"))
    stored = Stored(admin_engine, ctx.tenant)
    schedulers = Rivals(start_due.run)
    with reported(f"{source.label('T27')} schedulers") as figures:
        for _ in range(TICKS):
            _do(admin_engine, "UPDATE due_times SET due_at = now()"
                " WHERE tenant_id = :tenant AND kind = 'sync'", **of_us)  # fmt: skip
            schedulers.tick()
            figures.count += 1
            jobs = stored.one("SELECT count(*) FROM jobs WHERE tenant_id = :tenant")
            figures.failed += jobs != figures.count
            # Over at once: while one is active, no other one would be made.
            _do(admin_engine, "UPDATE jobs SET status = 'completed'"
                " WHERE tenant_id = :tenant", **of_us)  # fmt: skip
        assert figures.failed == 0
