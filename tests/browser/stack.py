"""The whole product, started and stopped as a person does it: ``up``, and Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psutil
import psycopg

from ecomops.local.children import spawn, stop_process, tail
from ecomops.local.ports import LOOPBACK, is_free
from ecomops.local.project import ROOT, own_command
from ecomops.local.readiness import answers
from ecomops.local.sign_ins import SignIn, kept_sign_ins
from tests.ports import own_port

UP_SECONDS = 180.0
STOP_SECONDS = 30.0
# Whatever would lead the stack to servers or data that are not its own.
NOT_OURS = ("ECOMOPS_", "DATABASE_", "REDIS_", "REFLEX_", "__REFLEX_", "STRIPE_API_BASE")

Database = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True)
class Stack:
    """A running product with data of its own."""

    port: int
    sandbox_port: int
    data_dir: Path

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def sandbox(self) -> str:
        return f"http://{LOOPBACK}:{self.sandbox_port}"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(NOT_OURS)}
        return kept | {
            "ECOMOPS_ENV": "test",
            "ECOMOPS_DATA_DIR": str(self.data_dir),
            "ECOMOPS_PORT": str(self.port),
            "ECOMOPS_SANDBOX_PORT": str(self.sandbox_port),
            "PYTHONUNBUFFERED": "1",
        }

    @property
    def stripe_key(self) -> str:
        """The key that the sandbox takes."""
        key: str = httpx.get(f"{self.sandbox}/credentials.json").json()["stripe"]["api_key"]
        return key

    def oracle(self, provider: str = "stripe") -> dict[str, Any]:
        """What the sandbox's account at a provider holds, by table."""
        told: dict[str, Any] = httpx.get(
            f"{self.sandbox}/oracle.json", params={"only": provider}, timeout=60
        ).json()
        return dict(told[provider])

    def command(self, *arguments: str) -> str:
        """What one of our commands says. Raises CalledProcessError when it fails."""
        done = subprocess.run(
            own_command(*arguments),
            env=self.environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def demo_controller(self) -> SignIn:
        """The admin of the demo workspace."""
        return next(
            person for person in kept_sign_ins(self.data_dir) if person.role == "controller"
        )

    def credentials(self, provider: str) -> dict[str, str]:
        """What the sandbox takes for a provider, by the name of the field."""
        told: dict[str, str] = httpx.get(f"{self.sandbox}/credentials.json").json()[provider]
        return told

    @contextmanager
    def later(self, days: int) -> Iterator[None]:
        """Have the sandbox's world go on by some days, and back again."""
        self._clock(days)
        try:
            yield
        finally:
            self._clock(0)

    @contextmanager
    def slow_stripe(self, path: str, seconds: float, times: int) -> Iterator[None]:
        """Have the sandbox take its time for the next ``times`` answers below a path."""
        script = {"fault": "slow", "path": path, "times": times}
        self._faults({"scripts": [script], "slow_seconds": seconds})
        try:
            yield
        finally:
            self._faults({})

    def _clock(self, days: int) -> None:
        httpx.put(f"{self.sandbox}/clock", json={"offset_days": days}).raise_for_status()

    def _faults(self, plan: dict[str, Any]) -> None:
        httpx.put(f"{self.sandbox}/faults", json=plan).raise_for_status()


@contextmanager
def running_stack() -> Iterator[Stack]:
    """Everything up, the demo workspace made. At the end all of it must be gone."""
    with tempfile.TemporaryDirectory(prefix="ecomops-browser-") as folder:
        data_dir = Path(folder)
        data_dir.chmod(0o711)  # as root the servers run as another account
        stack = Stack(own_port(), own_port(), data_dir)
        log = data_dir / "up.log"
        process = spawn(own_command("up"), log=log, env=stack.environment, cwd=ROOT)
        try:
            _await(lambda: "Ctrl-C" in log.read_text(), process, log)
            assert answers(stack.port, "/readyz")
            yield stack
        except BaseException:
            stop_process(process, signal.SIGINT, seconds=STOP_SECONDS)
            raise
        _stop_and_leave_nothing(stack, process)


@contextmanager
def database(stack: Stack, slug: str | None = None) -> Iterator[Database]:
    """The database as the application sees it: the rows of one workspace, or of none."""
    with psycopg.connect(_database_url(stack), autocommit=True) as connection:
        if slug is not None:
            tenant = _tenant(connection, slug)
            connection.execute("SELECT set_config('app.current_tenant_id', %s, false)", [tenant])
        yield connection


@cache
def _database_url(stack: Stack) -> str:
    return stack.command("db", "url")


def _tenant(connection: Database, slug: str) -> str:
    row = connection.execute("SELECT id FROM tenants WHERE slug = %s", [slug]).fetchone()
    assert row is not None, f"there is no workspace {slug}"
    tenant: UUID = row[0]
    return str(tenant)


def _await(there: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + UP_SECONDS
    while not there():
        assert process.poll() is None, f"The stack did not start:\n{tail(log, lines=40)}"
        assert time.monotonic() < deadline, f"The stack takes too long:\n{tail(log, lines=40)}"
        time.sleep(0.2)


def _stop_and_leave_nothing(stack: Stack, process: subprocess.Popen[bytes]) -> None:
    parent = psutil.Process(process.pid)
    family = [parent, *parent.children(recursive=True)]
    process.send_signal(signal.SIGINT)
    assert process.wait(STOP_SECONDS) == 0
    left = [child for child in family if _is_alive(child)]
    assert left == [], f"These outlived Ctrl-C: {left}"
    assert is_free(stack.port)
    assert is_free(stack.sandbox_port)


def _is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
