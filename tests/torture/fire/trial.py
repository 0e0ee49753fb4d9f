"""Kill workers of one workspace's syncs as told, then judge what is in the database."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, text

from ecomops import runtime
from ecomops.domains.jobs.schemas import RetryJob
from ecomops.domains.sync.service import retry_sync
from tests.conftest import Workspace, make_workspace
from tests.integration.provider import (
    Sandbox,
    Stored,
    begin_sync,
    serve,
)
from tests.torture.fire.crew import Crew
from tests.torture.fire.designs import PRODUCT
from tests.torture.fire.judge import judge
from tests.torture.fire.orders import KILLED, News, Order
from tests.torture.fire.points import POINTS, RANDOM
from tests.torture.sources import STRIPE, Source, free_slots

BAD_DAY = dict.fromkeys(
    ("rate_limited", "server_error", "truncated", "html", "disconnected", "slow"), 0.037
)
"""Of each request, together: one in five fails."""
PLENTY = {"maximum": 100_000, "restored": 100_000}
"""Points of Shopify's bucket: what a test may ask for is not what is tested."""
LATEST_MOMENT = 1.2  # seconds from the fork; a first sync takes longer
MOST_ESCAPES = 20
_RUN_OUT = text(
    "UPDATE jobs SET lease_until = now() - interval '1 s'"
    " WHERE id = :job AND status IN ('pending', 'running')"
)


@contextmanager
def small_shop(seed: int) -> Iterator[Sandbox]:
    """A provider that has a bad day."""
    with serve(days=6, orders_per_day=8, seed=7) as sandbox:
        sandbox.limits({"shopify": PLENTY})
        sandbox.faults({"seed": seed, "rates": BAD_DAY, "slow_seconds": 0.03})
        yield sandbox


@dataclass
class Tally:
    """What happened to workers and jobs, over all trials of a suite."""

    kills: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    asked: int = 0
    retried: int = 0
    judged: int = 0

    def __str__(self) -> str:
        kills = "; ".join(f"{name}: {n}" for name, n in self.kills.items())
        ends = ", ".join(f"{n} {state}" for state, n in sorted(self.ends.items()))
        return (
            f"{self.kills.total()} kills ({kills}); {self.asked} syncs asked for, and"
            f" {self.retried} dead ones retried; {ends}; {self.judged} workspaces judged"
        )


@dataclass
class Trial:
    """A workspace, its one connection, and the sync that is under way.

    ``days_pass`` after each sync, so that the next one has something to fetch; for all who use
    the same shop.
    """

    crew: Crew
    shop: Sandbox
    engine: Engine
    chance: random.Random
    tally: Tally
    design: str = PRODUCT
    source: Source = STRIPE
    days_pass: bool = True
    workspace: Workspace = field(default_factory=make_workspace)
    day: int = 0
    job_id: UUID | None = None

    def __post_init__(self) -> None:
        self.shop.set_clock(0)
        self.stored = Stored(self.engine, self.workspace.ctx.tenant)
        self.connection = self.source.connect(self.workspace, self.shop, self.engine)

    def kill(self, points: list[str], *, early: int | None = None) -> None:
        """Kill a worker at each of ``points``, one after the other, in whatever job it does.

        ``early``: within so many passings since the worker began.
        """
        for point in points:
            self._kill_at(point, early)
            self.tally.kills[point] += 1

    def _kill_at(self, point: str, early: int | None) -> None:
        for number in self.passings(point, early):
            at_random = {"after": self.chance.uniform(0.02, LATEST_MOMENT)}
            blow = at_random if point == RANDOM else {"point": point, "number": number}
            if self.do(**blow).state == KILLED:
                return

    def passings(self, point: str, early: int | None = None) -> Iterator[int]:
        """At which passing of ``point`` to strike; an earlier one whenever no sync came so far.

        Fails after many tries.
        """
        number = early or (1 if point == RANDOM else POINTS[point].passes)
        for _ in range(MOST_ESCAPES):
            number = self.chance.randint(1, number)
            yield number
        raise AssertionError(f"no sync comes by: {point}")

    def finish(self) -> None:
        """Let the job that is under way end in peace; retry it should it be dead."""
        while self.status() != "completed":
            self.do()

    def verdict(self) -> str:
        """What is wrong with the workspace after its last sync; empty if nothing is."""
        self.tally.judged += 1
        wrong = judge(self.source, self.engine, self.workspace, self.shop, self._sync_again)
        ends = self.stored.rows("SELECT status FROM jobs WHERE tenant_id = :tenant")
        self.tally.ends.update(status for (status,) in ends)
        return wrong

    def _sync_again(self) -> None:
        self.job_id = self._begin()
        self.finish()

    def do(self, **blow: Any) -> News:
        """How one worker fared with the job; its lease is over afterwards."""
        news = self.crew.do(self.order(**blow))
        assert news.outcome in ("", "completed", "put_back", "not_taken"), news
        self.run_out()
        return news

    def order(self, **blow: Any) -> Order:
        """To do the job that is under way, or a new one: the next day's, or the dead one again."""
        status = self.status()
        if status == "completed" and self.days_pass:
            self.day += 1
            self.shop.set_clock(self.day)
        if status not in ("pending", "running"):
            self.job_id = self._retry() if status == "dead" else self._begin()
        assert self.job_id is not None
        return Order(self.workspace.ctx.tenant, self.job_id, self.design, **blow)

    def status(self) -> str:
        """Of the job that was begun last; empty before the first."""
        if self.job_id is None:
            return ""
        return str(self.stored.one("SELECT status FROM jobs WHERE id = :job", job=self.job_id))

    def run_out(self) -> None:
        """Have the job's lease end now, and what its worker has left at the provider."""
        free_slots()
        with self.engine.begin() as connection:
            connection.execute(_RUN_OUT, {"job": self.job_id})

    def _begin(self) -> UUID:
        self.tally.asked += 1
        return begin_sync(self.workspace.ctx, self.connection)

    def _retry(self) -> UUID:
        assert self.job_id is not None
        self.tally.retried += 1
        runtime.run(self.workspace.ctx, retry_sync, RetryJob(self.job_id))
        query = "SELECT id FROM jobs WHERE retry_of = :job"
        made: UUID = self.stored.one(query, job=self.job_id)
        return made
