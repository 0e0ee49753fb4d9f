"""One running product with its demo workspace, and files downloaded from it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.browser.stack import Stack, database, running_stack

LONGEST = 240  # seconds, for the first sync of the demo workspace
collect_ignore_glob = [] if os.environ.get("ECOMOPS_INTEROP") else ["test_*.py"]


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The product, with all of the demo workspace's data."""
    with running_stack() as running:
        deadline = time.monotonic() + LONGEST
        while _syncing(running):
            assert time.monotonic() < deadline, "the demo workspace is still syncing"
            time.sleep(1)
        yield running


def _syncing(stack: Stack) -> bool:
    unfinished = "SELECT count(*) FROM jobs WHERE status IN ('pending', 'running')"
    with database(stack, "demo") as connection:
        row = connection.execute(unfinished).fetchone()
    assert row is not None
    return bool(row[0])


@pytest.fixture(scope="session")
def controller(stack: Stack) -> Iterator[httpx.Client]:
    """The admin of the demo workspace, signed in."""
    person = stack.demo_controller()
    with httpx.Client(base_url=stack.url, headers={"Origin": stack.url}, timeout=120) as client:
        form = {"email": person.email, "password": person.password}
        answer = client.post("/auth/login", data=form)
        assert answer.headers["location"] == "/dashboard"
        yield client


@pytest.fixture(scope="session")
def downloads(controller: httpx.Client, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """CSV and workbook of every table with money that was filled."""
    folder = tmp_path_factory.mktemp("downloads")
    for table in TABLES:
        for suffix, query in (("csv", ""), ("bom.csv", "?bom=1"), ("xlsx", "")):
            address = f"/tables/{table}/export.{suffix.removeprefix('bom.')}{query}"
            answer = controller.get(address).raise_for_status()
            (folder / f"{table}.{suffix}").write_bytes(answer.content)
    return folder


TABLES = ("payments", "payouts", "payout_lines", "fees", "refunds", "netsuite_transactions")
