"""T22, T27, T28 with real workers and beats: servers and processes fail, and no job is lost.

The workers, their parent, beat, Redis and PostgreSQL are struck at random moments of syncs whose
provider fails at every fifth request.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest

from tests.conftest import make_workspace
from tests.integration.provider import Sandbox, Stored, begin_sync, serve
from tests.torture.fire.judge import judge
from tests.torture.fire.messages import POISON
from tests.torture.fire.services import Services, services, until
from tests.torture.fire.trial import BAD_DAY, PLENTY
from tests.torture.report import FULL, SEED, Figures, record, reported, times
from tests.torture.sources import SOURCES, STRIPE, Source

Blow = Callable[[Services], None]

BLOWS: dict[str, tuple[int, int, int, Blow]] = {
    "Redis flushed": (50, 20, 2, Services.flush_redis),
    "PostgreSQL restarted": (5, 3, 1, Services.restart_postgres),
    "PostgreSQL killed": (5, 3, 0, Services.crash_postgres),
    "beat killed": (20, 8, 1, Services.kill_beat),
    "worker killed": (30, 12, 1, Services.kill_worker),
    "parent of the worker killed": (10, 4, 0, Services.kill_parent_of_worker),
}
"""How often in full for Stripe and for the others, how often in short, and what it is."""
BLOWS_PER_JOB = 5
LONGEST_PAUSE = 1.0  # seconds between two blows
PATIENCE = 200.0  # a job that was put back three times waits for a minute

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("fire")]


@pytest.fixture(scope="module")
def shop(runtime_started: None) -> Iterator[Sandbox]:
    """A provider that takes its time on top of a bad day."""
    with serve(days=6, orders_per_day=8) as shop:
        shop.limits({"shopify": PLENTY})
        shop.faults({"seed": SEED, "rates": BAD_DAY | {"slow": 1}, "slow_seconds": 0.01})
        yield shop


@pytest.fixture(scope="module")
def running(shop: Sandbox) -> Iterator[Services]:
    with services(shop) as running:
        yield running


class Customer:
    """Somebody who syncs again and again."""

    def __init__(self, source: Source, running: Services, shop: Sandbox) -> None:
        shop.set_clock(0)
        self.source, self.workspace = source, make_workspace()
        self.connection = source.connect(self.workspace, shop, running.engine)
        self.engine = running.engine
        self.stored = Stored(running.engine, self.workspace.ctx.tenant)
        self.shop, self.day = shop, 0

    def ask(self) -> UUID:
        return begin_sync(self.workspace.ctx, self.connection)

    def status(self, job_id: UUID) -> str:
        return str(self.stored.one("SELECT status FROM jobs WHERE id = :job", job=job_id))

    def next_day(self) -> None:
        self.day += 1
        self.shop.set_clock(self.day)

    def end_of(self, job_id: UUID) -> str:
        """How the job ended. Fails when it does not."""
        over = ("completed", "failed", "dead", "canceled")
        until(lambda: self.status(job_id) in over, "the job is lost", PATIENCE)
        return self.status(job_id)

    def completed(self) -> None:
        """A sync that ends well, however often it has to be asked for."""
        while self.end_of(self.ask()) != "completed":
            pass

    def verdict(self) -> str:
        """After a sync that ended well: what is wrong, also with another one; empty if nothing."""
        return judge(self.source, self.engine, self.workspace, self.shop, self.completed)


def drawn(source: Source, chance: random.Random) -> list[str]:
    """The blows, in any order."""
    blows = [
        name
        for name, (stripe, other, short, _) in BLOWS.items()
        for _ in range(source.times(stripe, other) if FULL else short)
    ]
    chance.shuffle(blows)
    return blows


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_no_job_is_lost_whatever_is_struck(
    source: Source, running: Services, shop: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    chance, customer = random.Random(SEED), Customer(source, running, shop)
    blows, ends, done = drawn(source, chance), Counter[str](), Counter[str]()
    with reported(source.label("T22")) as figures:
        for start in range(0, len(blows), BLOWS_PER_JOB):
            job_id = customer.ask()
            for name in blows[start : start + BLOWS_PER_JOB]:
                time.sleep(chance.uniform(0, LONGEST_PAUSE))
                BLOWS[name][-1](running)
                done[name] += 1
            figures.count = done.total()
            end = customer.end_of(job_id)
            ends[end] += 1
            if end == "completed":
                customer.next_day()
        customer.completed()
        verdict = customer.verdict()
        figures.failed = int(bool(verdict)) + ends.total() - ends["completed"] - ends["dead"]
    for name, count in done.items():
        record(f"{source.label('T22')} {name}", Figures(count=count, failed=figures.failed))
    with capsys.disabled():
        print(f"\n{source}: {dict(done)}; jobs: {dict(ends)}")
    assert verdict == ""
    assert figures.failed == 0
    assert customer.stored.one("SELECT count(*) FROM outbox WHERE tenant_id = :tenant") == 0


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_with_two_beats_a_job_is_done_once(
    source: Source, running: Services, shop: Sandbox
) -> None:
    customer = Customer(source, running, shop)
    running.second_beat.start()
    with reported(f"{source.label('T27')} two beats") as figures:
        for _ in range(times(full=source.times(20, 5), short=1)):
            customer.completed()
            figures.count += 1
            customer.next_day()
        figures.failed = customer.stored.one(
            "SELECT count(*) FROM jobs WHERE tenant_id = :tenant AND (attempts, fence) <> (1, 1)"
        )
    running.second_beat.kill()
    assert figures.failed == 0
    events = customer.stored.rows(
        "SELECT action, count(*) FROM audit_events WHERE tenant_id = :tenant"
        " AND action IN ('job_started', 'job_completed') GROUP BY 1"
    )
    assert dict(events) == {"job_started": figures.count, "job_completed": figures.count}


def test_messages_that_cannot_be_read_do_not_stop_a_worker(
    running: Services, shop: Sandbox
) -> None:
    customer = Customer(STRIPE, running, shop)
    customer.completed()
    before = {process.pid for process in running.worker.family()}
    with reported("T28 messages") as figures:
        for _ in range(times(full=10, short=1)):
            for queue in ("sync", "default"):
                for message in POISON.values():
                    running.push(queue, message)
                    figures.count += 1
            customer.next_day()
            customer.completed()
        assert {process.pid for process in running.worker.family()} == before, running.worker.log
    assert running.waiting("sync") == 0
    assert customer.verdict() == ""
