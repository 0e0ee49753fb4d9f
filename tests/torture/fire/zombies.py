"""A worker that falls asleep over a job, loses it to a rival, and wakes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, text

from tests.integration.provider import Stored
from tests.torture.fire.crew import PATIENCE, Crew, wake
from tests.torture.fire.orders import ASLEEP, KILLED, News, Order
from tests.torture.fire.points import COMMITTED
from tests.torture.fire.services import until
from tests.torture.fire.trial import Trial
from tests.torture.sources import SOURCES

WRITTEN = (
    *dict.fromkeys(table for source in SOURCES for table in source.tables),
    "ingest_rejects", "cursor_states", "jobs", "audit_events", "connections",
)  # fmt: skip
_LEASE_IS_OVER = "SELECT lease_until < clock_timestamp() FROM jobs WHERE id = :job"
_HELD_UP = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND cardinality(pg_blocking_pids(pid)) > 0"
)
_OPEN = text(
    "SELECT backend_xid::text FROM pg_stat_activity"
    " WHERE datname = current_database() AND backend_xid IS NOT NULL"
)


@dataclass
class Zombie:
    """``taken``: a rival had the job while it slept; ``writes``: what it wrote after it woke."""

    trial: Trial
    crew: Crew
    point: str
    pid: int = 0
    taken: bool = False
    outcome: str = ""
    writes: int = 0
    held_locks: bool = False

    def fall_asleep(self) -> None:
        """Take the workspace's job and stop at the point."""
        for number in self.trial.passings(self.point):
            self.crew.begin(self.trial.order(point=self.point, number=number, blow=ASLEEP))
            news = self.crew.hear()
            if news.state == ASLEEP:
                self.pid = news.pid
                return
            self.trial.run_out()

    def lose_the_job(self, rival: Crew) -> None:
        """Wait until the lease is over; a rival finishes the job, or dies some pages on. Wake."""
        until(lambda: self._stored.one(_LEASE_IS_OVER, job=self.trial.job_id), "the lease holds")
        asleep_in = open_transactions(self.trial.engine)
        rival.begin(self._takes_over())
        news = self._heard_unless_held_up(rival)
        if news is None:
            # The zombie's transaction holds what the rival needs: nothing moves before it wakes.
            self.held_locks = True
            self._wake()
            news = rival.hear()
            self.writes = rows_of(self._stored, asleep_in)
        else:
            before = traces(self._stored)
            self._wake()
            self.writes = len(traces(self._stored) - before)
        self.taken = news.state == KILLED or news.outcome == "completed"
        self.trial.run_out()

    def _takes_over(self) -> Order:
        dies = self.trial.chance.random() < 0.5
        return self.trial.order(point=COMMITTED, number=2) if dies else self.trial.order()

    def _heard_unless_held_up(self, rival: Crew) -> News | None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if rival.has_news(0.05):
                return rival.hear()
            if held_up(self.trial.engine):
                return None
        raise AssertionError("nothing was heard of the rival")

    def _wake(self) -> None:
        wake(self.pid)
        self.outcome = self.crew.hear().outcome

    @property
    def _stored(self) -> Stored:
        return self.trial.stored


def held_up(engine: Engine) -> bool:
    """Whether somebody waits for a lock."""
    with engine.connect() as connection:
        return bool(connection.scalar(_HELD_UP))


def open_transactions(engine: Engine) -> list[str]:
    """Ids of the transactions that have written something and are not over."""
    with engine.connect() as connection:
        return list(connection.scalars(_OPEN))


def rows_of(stored: Stored, transactions: list[str]) -> int:
    """How many rows these transactions wrote, for all to see."""
    return sum(
        stored.one(
            f"SELECT count(*) FROM {table} WHERE tenant_id = :tenant AND xmin::text = ANY(:them)",
            them=transactions,
        )
        for table in WRITTEN
    )


def traces(stored: Stored) -> set[tuple[Any, ...]]:
    """Where every row of the workspace lies, and which transaction wrote it."""
    return {
        (table, *row)
        for table in WRITTEN
        for row in stored.rows(
            f"SELECT ctid::text, xmin::text FROM {table} WHERE tenant_id = :tenant"
        )
    }
