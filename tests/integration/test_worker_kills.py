"""A real worker, killed again and again in the middle of its work."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import psutil
import pytest
import redis
from sqlalchemy import Engine, text

from ecomops.kit.settings import get_settings
from ecomops.local.children import spawn
from tests.conftest import Workspace
from tests.integration.provider import (
    ROOT,
    Sandbox,
    Stored,
    assert_equals_the_oracle,
    begin_sync,
    connect,
    job,
    serve,
    sync,
)

KILLS = 30
SEED = 20261120
PATIENCE = 40.0
LEASE = "2"
LIVES = (1.0, 1.0, 5.0)
"""Seconds that a worker gets, at most, between taking a job and its death: a draw of these."""

pytestmark = pytest.mark.slow


@dataclass
class Part:
    """``python -m ecomops …`` as a process group of its own."""

    command: tuple[str, ...]
    folder: Path
    process: subprocess.Popen[bytes] | None = None
    family: list[psutil.Process] = field(default_factory=list)

    def start(self) -> None:
        self.process = spawn(
            [sys.executable, "-m", "ecomops", *self.command],
            log=self.folder / f"{self.command[0]}.log",
            env=self._environment(),
            cwd=ROOT,
        )

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "ECOMOPS_JOB_LEASE_SECONDS": LEASE, "COLUMNS": "80",
                "ECOMOPS_DATA_DIR": str(self.folder)}  # fmt: skip

    def kill(self) -> None:
        """SIGKILL for the process and all that it started, at once."""
        assert self.process is not None
        with contextlib.suppress(psutil.NoSuchProcess):
            self.family = psutil.Process(self.process.pid).children(recursive=True)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        _, left = psutil.wait_procs(self.family, timeout=2)
        alive = [one for one in left if _works(one)]
        assert alive == [], "a child outlived the SIGKILL of its group"

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()


def _works(process: psutil.Process) -> bool:
    """Whether it runs; a dead one may wait for long to be reaped by whoever is pid 1 here."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def slow_sandbox(settings: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A provider that takes its time, so that there is a middle to be killed in."""
    with serve(days=30, orders_per_day=12, seed=3) as sandbox:
        sandbox.faults({"rates": {"slow": 1}, "slow_seconds": 0.03})
        monkeypatch.setenv("ECOMOPS_SANDBOX_PORT", str(sandbox.port))
        get_settings.cache_clear()
        yield sandbox
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.fixture
def parts(settings: object, admin_engine: Engine, tmp_path: Path) -> Iterator[tuple[Part, Part]]:
    """Worker and beat; what other tests left in the queues is not theirs."""
    with admin_engine.begin() as connection:
        connection.execute(text("DELETE FROM outbox"))
    with redis.Redis.from_url(get_settings().redis_url.get_secret_value()) as client:
        client.flushdb()
    worker, beat = Part(("worker", "--concurrency", "1"), tmp_path), Part(("beat",), tmp_path)
    yield worker, beat
    worker.stop()
    beat.stop()


@dataclass
class Tally:
    """What happened to the workers and the jobs."""

    kills: int = 0
    kills_in_phases: dict[str, int] = field(default_factory=dict)
    syncs: int = 0
    completed: int = 0
    dead: int = 0

    def __str__(self) -> str:
        phases = ", ".join(f"{name}: {n}" for name, n in sorted(self.kills_in_phases.items()))
        return (
            f"{self.kills} SIGKILLs of the worker ({phases}); {self.syncs} syncs asked for,"
            f" {self.completed} completed, {self.dead} dead after too many kills"
        )


def test_thirty_kills_lose_nothing_and_double_nothing(
    slow_sandbox: Sandbox, workspace: Workspace, parts: tuple[Part, Part], admin_engine: Engine,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    worker, beat = parts
    connection, tally = connect(workspace.ctx, slow_sandbox.api_key), Tally()
    chance, day = random.Random(SEED), 0
    beat.start()
    worker.start()
    job_id = _ask(workspace, connection, tally)
    fence = 0
    while tally.kills < KILLS:
        state, fence = _next_hold(admin_engine, job_id, fence)
        if state == "running":
            time.sleep(chance.uniform(0.0, chance.choice(LIVES)))
            phase = job(workspace.ctx, job_id).phase or "claimed"
            worker.kill()
            worker.start()
            tally.kills += 1
            tally.kills_in_phases[phase] = tally.kills_in_phases.get(phase, 0) + 1
            continue
        _count_end(tally, state)
        if state == "completed":  # a few days on, there is something new to fetch
            day += 2
            slow_sandbox.set_clock(day)
        job_id, fence = _ask(workspace, connection, tally), 0
    _finish(workspace, connection, tally, admin_engine, job_id)

    with capsys.disabled():
        print(f"\n{tally}")
    stored = Stored(admin_engine, workspace.ctx.tenant)
    assert_equals_the_oracle(admin_engine, workspace.ctx.tenant, slow_sandbox.oracle())
    assert_nothing_doubled(stored)
    worker.stop()
    before = stored.fingerprint()
    again = sync(workspace.ctx, connection)
    assert (again.status, again.inserted, again.updated) == ("completed", 0, 0)
    assert stored.fingerprint() == before


def _ask(workspace: Workspace, connection: UUID, tally: Tally) -> UUID:
    tally.syncs += 1
    return begin_sync(workspace.ctx, connection)


def _next_hold(engine: Engine, job_id: UUID, fence: int) -> tuple[str, int]:
    """Wait until a worker has taken the job anew, or it is over; how it stands, and its fence."""
    deadline = time.monotonic() + PATIENCE
    query = text("SELECT status, fence FROM jobs WHERE id = :job")
    while time.monotonic() < deadline:
        with engine.connect() as connection:
            status, now = connection.execute(query, {"job": job_id}).one()
        if status not in ("pending", "running") or (status == "running" and now > fence):
            return status, now
        time.sleep(0.02)
    raise AssertionError(f"Nobody has taken the job up for {PATIENCE} seconds.")


def _count_end(tally: Tally, state: str) -> None:
    assert state in ("completed", "dead"), state
    tally.completed += state == "completed"
    tally.dead += state == "dead"


def _finish(
    workspace: Workspace, connection: UUID, tally: Tally, engine: Engine, job_id: UUID
) -> None:
    """Let the last job end in peace; ask again if the kills had been too many for it."""
    while True:
        state, fence = "running", -1
        while state == "running":
            state, fence = _next_hold(engine, job_id, fence)
        _count_end(tally, state)
        if state == "completed":
            return
        job_id = _ask(workspace, connection, tally)


def assert_nothing_doubled(stored: Stored) -> None:
    for table in ("payments", "refunds", "disputes", "payouts", "payout_lines", "fees"):
        ((rows, different),) = stored.rows(
            f"SELECT count(*), count(DISTINCT source_id) FROM {table} WHERE tenant_id = :tenant"
        )
        assert rows == different > 0, table
