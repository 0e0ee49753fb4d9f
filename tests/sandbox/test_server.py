"""The server starts at any scale, answers at once from anywhere, and stops when told."""

import os
import signal
import socket
import subprocess
import sys
import time
from datetime import date

import httpx
import pytest

from ecomops.sandbox.server import make_plan
from ecomops.sandbox.world.ledger import Ledger
from tests.sandbox.conftest import Running, start, stop

DAY = 86_400


def test_it_stops_in_the_middle_of_a_slow_answer() -> None:
    running = start("--days", "3")
    httpx.put(running.base + "/faults", json={"rates": {"slow": 1}, "slow_seconds": 60})
    with socket.create_connection(("127.0.0.1", int(running.base.rpartition(":")[2]))) as waiting:
        waiting.sendall(b"GET /stripe/v1/charges HTTP/1.1\r\nHost: sandbox\r\n\r\n")
        while not httpx.get(running.base + "/faults").json()["injected"]:
            time.sleep(0.01)
        assert stop(running) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_when_told_even_with_an_open_connection(number: signal.Signals) -> None:
    running = start("--days", "3")
    with httpx.Client() as http:
        http.get(running.base + "/healthz")
        os.kill(running.process.pid, number)
        assert running.process.wait(timeout=10) == 0
    stop(running)


def test_a_taken_port_is_told_and_is_an_error(served: Running) -> None:
    port = served.base.rpartition(":")[2]
    command = [sys.executable, "-m", "ecomops.sandbox", "--port", port]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert ended.returncode == 1
    assert "in use" in ended.stderr


def test_a_plan_that_cannot_be_is_refused() -> None:
    command = [sys.executable, "-m", "ecomops.sandbox", "--days", "0"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert ended.returncode == 1
    assert "days must be between" in ended.stderr


def test_credentials_come_from_the_seed(served: Running) -> None:
    keys = served.json("/credentials.json")["stripe"]
    assert keys["api_key"].startswith("sk_test_")
    assert keys["restricted_api_key"].startswith("rk_test_")


@pytest.mark.parametrize("wanted", [3_000, 20_000])
def test_scale_is_about_the_number_of_lines(wanted: int) -> None:
    plan = make_plan(7, 60, 40, wanted, date(2026, 11, 20))
    ledger = Ledger(plan)
    lines = sum(len(ledger.lines(day)) for day in range(60))
    assert wanted * 0.9 < lines < wanted * 1.1


def test_a_million_lines_are_served_from_both_ends_and_the_middle() -> None:
    running = start("--scale", "1000000", "--until", "2026-11-20")
    try:
        http = httpx.Client(
            base_url=running.base + "/stripe/v1",
            headers={"Authorization": f"Bearer {running.api_key}"},
            timeout=60,
        )
        newest = page(http)
        opened = newest[0]["created"] // DAY * DAY - 89 * DAY
        middle = page(http, **{"created[lt]": opened + 45 * DAY})
        oldest = page(http, **{"created[lt]": opened + 3_600})
        assert middle[0]["created"] < opened + 45 * DAY <= middle[0]["created"] + 600
        assert opened <= oldest[-1]["created"] < oldest[0]["created"] < opened + 3_600
        after = page(http, starting_after=middle[-1]["id"])
        assert page(http, ending_before=after[0]["id"]) == middle
    finally:
        assert stop(running) == 0


def page(http: httpx.Client, **query: str | int) -> list[dict[str, int]]:
    answer = http.get("/balance_transactions", params={"limit": 100, **query})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, int]] = answer.json()["data"]
    assert len(found) == 100
    return found
