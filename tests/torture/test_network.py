"""T24: connections between the parts break in every way; nothing is lost, doubled or stuck."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID, uuid4

import pytest
import redis
from pydantic import SecretStr
from sqlalchemy import Engine, text

from ecomops import runtime
from ecomops.kit.context import Context
from ecomops.kit.errors import EcomopsError, OperationalError
from ecomops.kit.ids import new_correlation_id
from ecomops.kit.settings import Settings, get_settings
from ecomops.local.postgres import EmbeddedPostgres
from ecomops.local.redis_server import EmbeddedRedis
from ecomops.runtime import outbox
from ecomops.runtime.outbox import ring_due
from tests.conftest import Workspace, make_workspace
from tests.integration import conftest as shared
from tests.integration.provider import (
    Sandbox,
    Stored,
    begin_sync,
    connect,
    job,
    sync,
    work,
)
from tests.torture.fire.judge import judge
from tests.torture.fire.services import Part
from tests.torture.fire.trial import PLENTY
from tests.torture.proxy import KINDS, Plan, Proxy, proxied
from tests.torture.report import FULL, SEED, reported, times
from tests.torture.sources import SOURCES, Source

sandbox, sandbox_server = shared.sandbox, shared.sandbox_server

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("network")]

SHOPS = times(full=5, short=2)
RINGS = 5
WORKERS_PATIENCE = 90.0
"""Seconds in which one attempt at a job ends, whatever its connections do."""


@dataclass
class Wires:
    """The three connections of the application, each through a proxy of its own."""

    database: Proxy
    queue: Proxy
    provider: Proxy

    def tear(self, seed: int) -> None:
        """From now on connections break."""
        self.database.plan = Plan(seed, rate=0.7, farthest=100_000, silence=0.5)
        self.queue.plan = Plan(seed + 1, rate=0.9, farthest=1_200, silence=1.0)
        self.provider.plan = Plan(seed + 2, rate=0.6, farthest=300_000, silence=0.5)

    def mend(self) -> None:
        for proxy in self.all:
            proxy.plan = None

    @property
    def all(self) -> tuple[Proxy, ...]:
        return self.database, self.queue, self.provider

    @property
    def hits(self) -> list[int]:
        return [proxy.hits.total() for proxy in self.all]


@pytest.fixture
def wires(
    settings: Settings, servers: tuple[EmbeddedPostgres, EmbeddedRedis], sandbox: Sandbox,
    runtime_started: None,
) -> Iterator[Wires]:  # fmt: skip
    """This process as the application, all of whose connections lead through proxies."""
    postgres, queues = servers
    with (
        proxied(postgres.port) as database,
        proxied(queues.port) as queue,
        proxied(sandbox.port) as provider,
        led_through(Wires(database, queue, provider), settings) as wires,
    ):
        sandbox.limits({"shopify": PLENTY})
        yield wires
        sandbox.limits({"shopify": {}})


@contextmanager
def led_through(wires: Wires, settings: Settings) -> Iterator[Wires]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", _moved(os.environ["DATABASE_URL"], wires.database.port))
        patch.setenv("REDIS_URL", _moved(os.environ["REDIS_URL"], wires.queue.port))
        patch.setenv("ECOMOPS_SANDBOX_PORT", str(wires.provider.port))
        patch.setattr(outbox._Process, "celery", None)
        get_settings.cache_clear()
        runtime.start(get_settings(), pool_size=3)
        yield wires
        wires.mend()
        runtime.stop()
    get_settings.cache_clear()
    runtime.start(settings)


def _moved(url: str, port: int) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{parts.netloc.rpartition(':')[0]}:{port}"))


@pytest.fixture
def thread_errors(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What any thread died of: nothing may end one."""
    found: list[str] = []

    def note(died: threading.ExceptHookArgs) -> None:
        found.append(f"{died.thread and died.thread.name}: {died.exc_value!r}")

    monkeypatch.setattr(threading, "excepthook", note)
    return found


@dataclass
class Shop:
    """A workspace that syncs while its connections break. What it learns of jobs, it learns aside.

    ``said``: what people and workers were told, by code.
    """

    source: Source
    workspace: Workspace
    connection: UUID
    aside: Engine
    said: Counter[str] = field(default_factory=Counter)
    longest: float = 0.0

    def sync(self) -> None:
        """Ask for a sync and work at it until it is done, however often that takes."""
        while True:
            job_id = self._ask()
            while (status := self._status(job_id)) in ("pending", "running"):
                self._attempt(job_id)
            assert status in ("completed", "dead"), self._ended(job_id)
            assert status == "completed" or self._ended(job_id), "It does not say why it ended."
            self.said[f"job {status}"] += 1
            if status == "completed":
                return

    def _ask(self) -> UUID:
        """As a person does: who is told that it may not have been done looks, and asks again."""
        while (job_id := self._active()) is None:
            try:
                begin_sync(self.workspace.ctx, self.connection)
            except EcomopsError as error:
                self.said[error.code] += 1
        return job_id

    def _attempt(self, job_id: UUID) -> None:
        """As the worker that the bell wakes when the time of the job has come."""
        self._pass_time(job_id)
        began = time.monotonic()
        try:
            self.said[work(self.workspace.ctx, job_id)] += 1
        except EcomopsError as error:  # The task ends; the bell rings again.
            self.said[error.code] += 1
        self.longest = max(self.longest, time.monotonic() - began)

    def _pass_time(self, job_id: UUID) -> None:
        self._execute(
            "UPDATE jobs SET lease_until = now() - interval '1 s' WHERE id = :job", job_id
        )

    def _execute(self, statement: str, job_id: UUID) -> None:
        with self.aside.begin() as connection:
            connection.execute(text(statement), {"job": job_id})

    def _active(self) -> UUID | None:
        query = "SELECT id FROM jobs WHERE tenant_id = :tenant AND status IN ('pending', 'running')"
        found = Stored(self.aside, self.workspace.ctx.tenant).rows(query)
        return found[0][0] if found else None

    def _status(self, job_id: UUID) -> str:
        stored = Stored(self.aside, self.workspace.ctx.tenant)
        return str(stored.one("SELECT status FROM jobs WHERE id = :job", job=job_id))

    def _ended(self, job_id: UUID) -> str:
        stored = Stored(self.aside, self.workspace.ctx.tenant)
        query = "SELECT concat_ws(' ', error_code, error_message) FROM jobs WHERE id = :job"
        return str(stored.one(query, job=job_id))


class Bell(threading.Thread):
    """Rings for everything, again and again, as beat does; measures how long that takes."""

    def __init__(self, aside: Engine) -> None:
        super().__init__(name="bell")
        self._aside = aside
        self._over = threading.Event()
        self.longest = 0.0

    def run(self) -> None:
        while not self._over.wait(0.02):
            with self._aside.begin() as connection:
                connection.execute(text("UPDATE outbox SET ring_at = now()"))
            began = time.monotonic()
            with suppress(EcomopsError):
                runtime.run(Context(new_correlation_id(), "worker"), ring_due)
            # The database decides how often the above gets to Redis; this gets there always.
            for _ in range(RINGS):
                outbox._ring(uuid4(), uuid4(), "default")
            self.longest = max(self.longest, time.monotonic() - began)

    def stop(self) -> None:
        self._over.set()
        self.join(WORKERS_PATIENCE)
        assert not self.is_alive(), "The bell hangs."


def one_round(
    source: Source, wires: Wires, sandbox: Sandbox, aside: Engine, seed: int
) -> list[Shop]:
    """New shops sync while everything breaks; then in peace, where nothing may be left to write."""
    wires.mend()
    shops = []
    for _ in range(SHOPS):
        workspace = make_workspace()
        connection = source.connect(workspace, sandbox, aside)
        shops.append(Shop(source, workspace, connection, aside))
    wires.tear(seed)
    bell = Bell(aside)
    bell.start()
    with ThreadPoolExecutor(SHOPS) as pool:
        for _ in pool.map(Shop.sync, shops):
            """Raise what a shop raised."""
    bell.stop()
    wires.mend()
    assert bell.longest < WORKERS_PATIENCE
    for shop in shops:
        assert_all_is_there(shop, sandbox, aside)
    return shops


def assert_all_is_there(shop: Shop, sandbox: Sandbox, aside: Engine) -> None:
    def sync_again() -> None:
        again = sync(shop.workspace.ctx, shop.connection)
        assert (again.status, again.inserted, again.updated) == ("completed", 0, 0)

    assert judge(shop.source, aside, shop.workspace, sandbox, sync_again) == ""
    assert shop.longest < WORKERS_PATIENCE


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_broken_connections_lose_nothing_and_double_nothing(
    source: Source, wires: Wires, sandbox: Sandbox, admin_engine: Engine,
    thread_errors: list[str], capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    wanted, said, rounds = times(full=source.times(1_200, 200), short=30), Counter[str](), 0
    with reported(source.label("T24")) as figures:
        while sum(wires.hits) < wanted or min(wires.hits) < wanted / 24:
            for shop in one_round(source, wires, sandbox, admin_engine, SEED + 10 * rounds):
                said += shop.said
            rounds += 1
            figures.count = sum(wires.hits)
        figures.failed = len(thread_errors)
        assert thread_errors == []
    kinds = Counter[str]()
    for proxy in wires.all:
        kinds += proxy.hits
    assert set(kinds) == set(KINDS)
    with capsys.disabled():
        parts = dict(zip(("database", "queue", "provider"), wires.hits, strict=True))
        print(f"\n{sum(wires.hits)} faults {parts} {dict(kinds)} in {rounds} rounds: {dict(said)}")


@pytest.mark.parametrize("part", ["database", "queue"])
def test_a_part_that_says_nothing_keeps_nobody_waiting(
    wires: Wires, workspace: Workspace, part: str
) -> None:
    """New connections are taken and never answered: a person's click comes back all the same."""
    connection = connect(workspace.ctx, SecretStr("sk_test_0123456789abcdef"))
    runtime.start(get_settings(), pool_size=1)
    getattr(wires, part).plan = Plan(SEED, 1.0, ("black hole",), farthest=0, silence=3600)
    if part == "database":
        runtime.engine().dispose()
    began = time.monotonic()
    if part == "queue":
        begin_sync(workspace.ctx, connection)
    else:
        with pytest.raises(OperationalError):
            begin_sync(workspace.ctx, connection)
    assert time.monotonic() - began < 30


def test_a_peer_that_vanishes_is_noticed(wires: Wires) -> None:
    """No packet comes any more, not even a reset: the kernel gives up within half a minute."""
    import socket

    with runtime.engine().connect() as connection:
        driver = connection.connection.driver_connection
        plug = socket.socket(fileno=os.dup(driver.fileno()))  # type: ignore[union-attr]  # psycopg
        try:
            tcp, options = socket.IPPROTO_TCP, {}
            for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT", "TCP_USER_TIMEOUT"):
                options[name] = plug.getsockopt(tcp, getattr(socket, name))
            assert plug.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        finally:
            plug.close()
    silent = options["TCP_KEEPIDLE"] + options["TCP_KEEPINTVL"] * options["TCP_KEEPCNT"]
    assert silent <= 30
    assert options["TCP_USER_TIMEOUT"] <= 30_000


@pytest.mark.skipif(not FULL, reason="half a minute of silence: in the full form only")
def test_a_worker_and_beat_notice_that_redis_says_nothing(
    wires: Wires, sandbox: Sandbox, workspace: Workspace, admin_engine: Engine, tmp_path: Path
) -> None:
    """All their connections fall silent, without an end: they make new ones and go on."""
    with admin_engine.begin() as database:
        database.execute(text("DELETE FROM outbox"))
    with redis.Redis.from_url(get_settings().redis_url.get_secret_value()) as client:
        client.flushdb()
    connection = connect(workspace.ctx, sandbox.api_key)
    with working(
        Part("worker", ("worker", "--concurrency", "1"), tmp_path),
        Part("beat", ("beat",), tmp_path),
    ):
        for silent in (False, True):
            if silent:
                wires.queue.freeze()
            job_id, deadline = (
                begin_sync(workspace.ctx, connection),
                time.monotonic() + WORKERS_PATIENCE,
            )
            while job(workspace.ctx, job_id).status != "completed":
                assert time.monotonic() < deadline, (silent, job(workspace.ctx, job_id))
                time.sleep(0.2)


@contextmanager
def working(*parts: Part) -> Iterator[None]:
    try:
        for part in parts:
            part.start()
        yield
    finally:
        for part in parts:
            part.stop()
