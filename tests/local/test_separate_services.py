"""Production's shape: every part a process of its own, on servers that none of them started.

The commands are those of docker-compose.yml; what stands between people and the two web servers
there, a proxy, is played by sending the public host name to both.
"""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import psutil
import pytest
import simple_websocket
from cryptography.fernet import Fernet
from pydantic import SecretStr
from sqlalchemy import Engine, create_engine

from ecomops import runtime
from ecomops.core.audit_log import new_signing_key
from ecomops.domains.identity.schemas import Resolve
from ecomops.domains.identity.service import resolve
from ecomops.kit.context import Context
from ecomops.kit.settings import Settings, get_settings
from ecomops.local.frontend import BUILT_PAGE
from ecomops.local.postgres import EmbeddedPostgres
from ecomops.local.project import ROOT, own_command
from ecomops.local.readiness import answers
from ecomops.local.redis_server import EmbeddedRedis
from ecomops.runtime.sessions import cookie_name
from tests.api.people import Person
from tests.conftest import anonymous
from tests.integration.provider import (
    Sandbox,
    Stored,
    assert_equals_the_oracle,
    begin_sync,
    connect,
    job,
)
from tests.ports import own_port
from tests.ui.tabs import EVENTS, HYDRATE, LOAD_SHELL

WEB = (own_port(), own_port())
SANDBOX = own_port()
PUBLIC = "http://localhost"  # what people type, and a proxy passes on
ORGANIZATION = "Nordwind Trading"
WORKERS = {"first": "default,recon,posting", "second": "sync,export", "third": "sync,default"}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("services"),
    pytest.mark.skipif(not (ROOT / BUILT_PAGE).exists(), reason="the front end is not built"),
]


def eventually(condition: Callable[[], object], what: str, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}: it did not happen"
        time.sleep(0.1)


@dataclass
class Services:
    """The running processes, each with a data directory of its own, as containers have."""

    folder: Path
    environment: dict[str, str]
    postgres: EmbeddedPostgres
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *command: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                own_command(*command), cwd=ROOT, env=self.environment_of(name),
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def environment_of(self, name: str) -> dict[str, str]:
        return self.environment | {"ECOMOPS_DATA_DIR": str(self.folder / name)}

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def run(self, *command: str, of: str = "tools", **more: str) -> str:
        done = subprocess.run(
            own_command(*command), cwd=ROOT, env=self.environment_of(of) | more,
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def kill(self, name: str) -> None:
        """SIGKILL for the process and all that it started."""
        process = self.running.pop(name)
        family = psutil.Process(process.pid).children(recursive=True)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert psutil.wait_procs(family, timeout=5)[1] == []

    def stop(self) -> None:
        for process in self.running.values():
            process.terminate()
        for name, process in list(self.running.items()):
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill(name)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """The two servers, and nothing else yet."""
    with EmbeddedPostgres.temporary() as postgres, EmbeddedRedis.temporary() as redis:
        environment = {
            "PATH": os.defpath,
            "ECOMOPS_ENV": "test",  # production refuses http
            "ECOMOPS_BASE_URL": PUBLIC,
            "ECOMOPS_SECRET_KEY": uuid4().hex * 2,
            "ECOMOPS_AUDIT_SIGNING_KEY": new_signing_key(),
            "ECOMOPS_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            "DATABASE_URL": postgres.url("ecomops_app", "app-password", "ecomops"),
            "REDIS_URL": redis.url,
            "ECOMOPS_SANDBOX_PORT": str(SANDBOX),
            "ECOMOPS_ARGON2_MEMORY_KIB": "8192",
            "ECOMOPS_JOB_LEASE_SECONDS": "5",
        }
        made = Services(tmp_path_factory.mktemp("services"), environment, postgres)
        yield made
        made.stop()


@pytest.fixture(scope="module")
def started(services: Services) -> Services:
    """Everything started, in the order of docker-compose.yml."""
    told = services.run(
        "migrate",
        DATABASE_ADMIN_URL=services.postgres.admin_url,
        DATABASE_OWNER_URL=services.postgres.url("ecomops_owner", "owner-password", "ecomops"),
    )
    assert told.startswith("schema at revision")
    world = ("--days", "15", "--orders-per-day", "6", "--port", str(SANDBOX))
    services.start("sandbox", "sandbox", *world)
    for number, port in enumerate(WEB, start=1):
        services.start(f"web{number}", "web", "--port", str(port))
    for name, queues in WORKERS.items():
        services.start(name, "worker", "--name", name, "--queues", queues, "--concurrency", "1")
    services.start("beat", "beat")
    for number, port in enumerate(WEB, start=1):
        eventually(partial(answers, port, "/readyz"), services.log(f"web{number}"))
    eventually(lambda: answers(SANDBOX, "/healthz"), "sandbox")
    return services


@pytest.fixture(scope="module")
def here(started: Services, settings: Settings) -> Iterator[Settings]:
    """This process on the same database, as the application's role; then on its own again."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in started.environment.items():
            patch.setenv(name, value)
        get_settings.cache_clear()
        runtime.start(get_settings())
        yield get_settings()
    get_settings.cache_clear()
    runtime.start(settings)


@pytest.fixture(scope="module")
def admin(started: Services) -> Iterator[Engine]:
    """Sees the rows of all tenants."""
    server = started.postgres
    url = server.url("postgres", server.password, "ecomops")
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    yield engine
    engine.dispose()


def web(number: int, cookie: str = "") -> httpx.Client:
    """A browser at one of the web servers, through a proxy that keeps the name it was asked for."""
    headers = {"host": PUBLIC.removeprefix("http://"), "origin": PUBLIC}
    if cookie:
        headers["cookie"] = cookie
    return httpx.Client(base_url=f"http://127.0.0.1:{WEB[number - 1]}", headers=headers, timeout=30)


@pytest.fixture(scope="module")
def token(started: Services, here: Settings) -> str:
    """The session of somebody who has registered on the first web server."""
    with web(1) as browser:
        answer = browser.post("/auth/register", data=Person().form())
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == "/dashboard"
    return answer.cookies[cookie_name(here)]


@pytest.fixture(scope="module")
def cookie(token: str, here: Settings) -> str:
    return f"{cookie_name(here)}={token}"


@pytest.fixture(scope="module")
def person(token: str) -> Context:
    """Who that session says they are."""
    found = runtime.run(anonymous(), resolve, Resolve(SecretStr(token)))
    assert found.tenant_id is not None
    return found


@pytest.fixture(scope="module")
def synced(started: Services, person: Context, admin: Engine) -> UUID:
    """The job of a sync that the workers have done."""
    sandbox = Sandbox(f"http://127.0.0.1:{SANDBOX}", SANDBOX)
    connection = connect(person, sandbox.api_key)
    job_id = begin_sync(person, connection)
    done = ("completed", "failed", "dead")
    eventually(lambda: job(person, job_id).status in done, "the sync", seconds=90)
    assert job(person, job_id).status == "completed", started.log("second")
    assert_equals_the_oracle(admin, person.tenant, sandbox.oracle())
    return job_id


def is_greeted(number: int, cookie: str, token: str) -> bool:
    """Whether a tab with this client token is told the workspace's name, in the end."""
    address = f"ws://localhost:{WEB[number - 1]}{EVENTS}/?EIO=4&transport=websocket&token={token}"
    socket = simple_websocket.Client(address, headers={"Origin": PUBLIC, "Cookie": cookie})
    try:
        socket.send(f"40{EVENTS},")
        for name in (HYDRATE, LOAD_SHELL):
            router = {"pathname": "/dashboard", "asPath": "/dashboard", "query": {}}
            event = {"name": name, "payload": {}, "router_data": router}
            socket.send(f"42{EVENTS},{json.dumps(['event', event])}")
        return any(ORGANIZATION in frame for frame in iter(partial(socket.receive, 10), None))
    finally:
        socket.close()


def test_a_session_of_one_web_server_is_one_of_the_other(cookie: str) -> None:
    with web(2, cookie) as browser, web(2) as stranger:
        assert browser.get("/tables/payments/export.csv").status_code == 200
        assert stranger.get("/tables/payments/export.csv").status_code in (303, 401)


def test_workers_sync_what_was_asked_for_and_the_other_web_server_exports_it(
    synced: UUID, cookie: str, person: Context, admin: Engine
) -> None:
    stored = Stored(admin, person.tenant).one(
        "SELECT count(*) FROM payments WHERE tenant_id = :tenant"
    )
    with web(2, cookie) as browser:
        answer = browser.get("/tables/payments/export.csv")
    assert answer.status_code == 200
    assert len(list(csv.DictReader(io.StringIO(answer.text)))) == stored > 30


def test_workers_and_beat_show_that_they_live(started: Services) -> None:
    for name in (*WORKERS, "beat"):
        assert started.run("alive", name, of=name) == f"{name}: alive\n"
    dead = subprocess.run(
        own_command("alive", "first"), cwd=ROOT, env=started.environment_of("nobody"),
        capture_output=True, text=True,
    )  # fmt: skip
    assert (dead.returncode, dead.stderr) == (1, "first: no sign of life\n")


def test_a_tab_goes_on_at_the_other_web_server(cookie: str, here: Settings) -> None:
    client = str(uuid4())
    for number in (1, 2, 1):
        assert is_greeted(number, cookie, client)


def test_one_web_server_is_killed_and_the_other_goes_on(
    started: Services, synced: UUID, cookie: str
) -> None:
    client = str(uuid4())
    assert is_greeted(1, cookie, client)
    with web(2, cookie) as browser:
        before = browser.get("/tables/payments/export.csv").text
        started.kill("web1")
        assert not answers(WEB[0], "/readyz")
        for _ in range(10):
            assert browser.get("/tables/payments/export.csv").text == before
        assert answers(WEB[1], "/readyz")
    assert is_greeted(2, cookie, client)
    started.start("web1", "web", "--port", str(WEB[0]))
    eventually(lambda: answers(WEB[0], "/readyz"), started.log("web1"))
    with web(1, cookie) as browser:
        assert browser.get("/tables/payments/export.csv").text == before


def test_a_killed_worker_is_replaced_by_the_other_one_on_its_queue(
    started: Services, synced: UUID, person: Context
) -> None:
    from ecomops.domains.connections.schemas import ListConnections
    from ecomops.domains.connections.service import list_connections

    (connection,) = runtime.run(person, list_connections, ListConnections())
    started.kill("second")
    job_id = begin_sync(person, connection.id)
    eventually(lambda: job(person, job_id).status == "completed", "the sync", seconds=90)
