import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from ecomops.sandbox.server import build_app
from ecomops.sandbox.world.calendar import Plan
from ecomops.sandbox.world.ledger import Ledger
from tests.ports import own_port

UNTIL = date(2026, 11, 20)


class Api:
    """The sandbox in this process, asked with the right key unless told otherwise."""

    def __init__(self, **plan: Any) -> None:
        self.app: Starlette = build_app(until=UNTIL, **plan)
        self.keys: dict[str, str] = self.ask("GET", "/credentials.json").json()["stripe"]

    def ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        """One request to any address."""

        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as http:
                return await http.request(method, path, **how)

        return asyncio.run(asked())

    def get(self, path: str, *, key: str | None = None, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        bearer = {"Authorization": f"Bearer {key or self.keys['api_key']}"}
        return self.ask("GET", f"/stripe/v1/{path}", headers={**bearer, **named})

    def json(self, path: str) -> dict[str, Any]:
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def error(self, path: str, status: int = 400) -> dict[str, Any]:
        """The error of a request that must be refused with a status."""
        answer = self.get(path)
        assert answer.status_code == status, answer.text
        told: dict[str, Any] = answer.json()["error"]
        return told

    def all(self, stream: str, query: str = "") -> list[dict[str, Any]]:
        """Every object of a list, newest first."""
        found: list[dict[str, Any]] = []
        more = True
        while more:
            after = f"&starting_after={found[-1]['id']}" if found else ""
            page = self.json(f"{stream}?limit=100{query}{after}")
            found += page["data"]
            more = page["has_more"]
        return found

    def set_clock(self, offset_days: int, offset_seconds: int = 0) -> None:
        wanted = {"offset_days": offset_days, "offset_seconds": offset_seconds}
        assert self.ask("PUT", "/clock", json=wanted).status_code == 200

    def oracle(self) -> dict[str, Any]:
        told: dict[str, Any] = self.ask("GET", "/oracle.json").json()["stripe"]
        return told


@pytest.fixture(scope="session")
def default_ledger() -> Ledger:
    """The world that is served when nothing is said about it."""
    return Ledger(Plan(until=UNTIL))


@pytest.fixture(scope="session")
def _shared_api() -> Api:
    return Api(days=45, orders_per_day=12)


@pytest.fixture
def api(_shared_api: Api) -> Iterator[Api]:
    """A month and a half of a small shop, the clock at its end."""
    yield _shared_api
    _shared_api.set_clock(0)
    _shared_api.ask("PUT", "/faults", json={})


@dataclass
class Running:
    base: str
    process: subprocess.Popen[str]

    def json(self, path: str) -> Any:
        return httpx.get(self.base + path, timeout=60).json()

    @property
    def api_key(self) -> str:
        key: str = self.json("/credentials.json")["stripe"]["api_key"]
        return key


def start(*flags: str, port: int | None = None) -> Running:
    """The sandbox as its own process; returns when it answers."""
    port = port or own_port()
    command = [sys.executable, "-m", "ecomops.sandbox", "--port", str(port), *flags]
    process = subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    running = Running(f"http://127.0.0.1:{port}", process)
    for _ in range(200):
        if process.poll() is not None:
            raise AssertionError(process.communicate()[1])
        try:
            httpx.get(running.base + "/healthz")
            return running
        except httpx.TransportError:
            time.sleep(0.05)
    stop(running)
    raise AssertionError("The sandbox did not answer within ten seconds.")


def stop(running: Running) -> int:
    """Asks the process to end; its exit code."""
    if running.process.poll() is None:
        os.kill(running.process.pid, signal.SIGTERM)
    running.process.communicate(timeout=10)
    return running.process.returncode


@pytest.fixture(scope="session")
def served() -> Iterator[Running]:
    """The default world, served over real HTTP."""
    running = start("--until", UNTIL.isoformat())
    yield running
    assert stop(running) == 0
