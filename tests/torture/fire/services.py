"""Real workers and beats on servers of their own, which may be struck too."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
import redis
from sqlalchemy import Engine, create_engine

from ecomops import runtime
from ecomops.kit.settings import get_settings
from ecomops.local.children import spawn
from ecomops.local.databases import create_databases
from ecomops.local.migrations import migrate
from ecomops.local.postgres import EmbeddedPostgres
from ecomops.local.redis_server import EmbeddedRedis
from ecomops.runtime import outbox
from tests.integration.provider import ROOT, Sandbox

LEASE_SECONDS = 2
OWNER, APP = "owner-password", "app-password"


@dataclass
class Part:
    """``python -m ecomops …`` as a process group of its own."""

    name: str
    command: tuple[str, ...]
    folder: Path
    process: subprocess.Popen[bytes] | None = None
    orphaned: list[int] = field(default_factory=list)

    def start(self) -> None:
        self.process = spawn(
            [sys.executable, "-m", "ecomops", *self.command],
            log=self.folder / f"{self.name}.log",
            env={**os.environ, "COLUMNS": "80", "ECOMOPS_DATA_DIR": str(self.folder / self.name)},
            cwd=ROOT,
        )

    @property
    def log(self) -> str:
        return (self.folder / f"{self.name}.log").read_text()

    def kill(self) -> None:
        """SIGKILL for the process and all that it started, at once."""
        family = self.family()
        for group in (self._pid, *self.orphaned):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
        assert self.process is not None
        self.process.wait()
        until(lambda: not any(map(works, family)), "a child outlives the SIGKILL of its group")

    def kill_parent(self) -> None:
        """SIGKILL for the process alone; what it started must find out by itself."""
        assert self.process is not None
        self.orphaned.append(self._pid)
        self.process.kill()
        self.process.wait()

    def family(self) -> list[psutil.Process]:
        """What it has started."""
        try:
            return list(psutil.Process(self._pid).children(recursive=True))
        except psutil.NoSuchProcess:
            return []

    def stop(self) -> None:
        if self.process is not None:
            self.kill()

    @property
    def _pid(self) -> int:
        assert self.process is not None
        return self.process.pid


def until(condition: Callable[[], object], otherwise: str, seconds: float = 120.0) -> None:
    """Wait for it; fail with ``otherwise`` when it does not happen."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.05)


def works(process: psutil.Process) -> bool:
    """Whether it runs; a dead one may wait for long to be reaped by whoever is pid 1 here."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@dataclass
class Services:
    """PostgreSQL and Redis, a worker, a beat, and another beat for who wants two."""

    postgres: EmbeddedPostgres
    redis: EmbeddedRedis
    engine: Engine
    worker: Part
    beat: Part
    second_beat: Part

    def flush_redis(self) -> None:
        with redis.Redis.from_url(self.redis.url) as client:
            client.flushall()

    def push(self, queue: str, message: str | bytes) -> None:
        with redis.Redis.from_url(self.redis.url) as client:
            client.lpush(queue, message)

    def waiting(self, queue: str) -> int:
        """Messages that nobody has taken yet."""
        with redis.Redis.from_url(self.redis.url) as client:
            return int(client.llen(queue))

    def restart_postgres(self) -> None:
        self.postgres.stop()
        self.postgres.start()

    def crash_postgres(self) -> None:
        """SIGKILL, and recovery from its log."""
        assert self.postgres.process is not None
        self.postgres.process.kill()
        self.postgres.process.wait()
        self.postgres.start()

    def kill_worker(self) -> None:
        self.worker.kill()
        self.worker.start()

    def kill_parent_of_worker(self) -> None:
        self.worker.kill_parent()
        self.worker.start()

    def kill_beat(self) -> None:
        self.beat.kill()
        self.beat.start()

    def stop(self) -> None:
        for part in (self.worker, self.beat, self.second_beat):
            part.stop()


@contextmanager
def services(shop: Sandbox) -> Iterator[Services]:
    """Everything started but the second beat; this process is on those servers too."""
    folder = Path(tempfile.mkdtemp(prefix="ecomops-fire-"))
    folder.chmod(0o711)
    try:
        with (
            EmbeddedPostgres(folder / "postgres") as postgres,
            EmbeddedRedis(folder / "redis", durable=False) as redis_server,
            _this_process_on(postgres, redis_server, shop),
            _admin(postgres) as engine,
        ):
            parts = [
                Part("worker", ("worker", "--concurrency", "2"), folder),
                Part("beat", ("beat",), folder),
                Part("beat2", ("beat",), folder),
            ]
            for part in parts:
                (folder / part.name).mkdir()
            made = Services(postgres, redis_server, engine, *parts)
            try:
                made.worker.start()
                made.beat.start()
                yield made
            finally:
                made.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _this_process_on(
    postgres: EmbeddedPostgres, redis_server: EmbeddedRedis, shop: Sandbox
) -> Iterator[None]:
    """Settings and pools of this process; those of the session are back afterwards."""
    create_databases(postgres.admin_url, "ecomops", OWNER, APP)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", postgres.url("ecomops_app", APP, "ecomops"))
        patch.setenv("DATABASE_OWNER_URL", postgres.url("ecomops_owner", OWNER, "ecomops"))
        patch.setenv("REDIS_URL", redis_server.url)
        patch.setenv("ECOMOPS_SANDBOX_PORT", str(shop.port))
        patch.setenv("ECOMOPS_JOB_LEASE_SECONDS", str(LEASE_SECONDS))
        patch.setattr(outbox._Process, "celery", None)
        get_settings.cache_clear()
        migrate(get_settings())
        runtime.start(get_settings())
        try:
            yield
        finally:
            patch.undo()
            get_settings.cache_clear()
            runtime.start(get_settings())


@contextmanager
def _admin(postgres: EmbeddedPostgres) -> Iterator[Engine]:
    """A superuser, who sees the rows of all tenants, and finds a restarted server again."""
    url = postgres.url("postgres", postgres.password, "ecomops")
    url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(url, pool_pre_ping=True)
    yield engine
    engine.dispose()
