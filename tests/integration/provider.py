"""The sandbox as a process of its own, and what people do with it: connect, sync, compare."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from pydantic import SecretStr
from sqlalchemy import Engine, text

from ecomops import runtime
from ecomops.core.money import from_decimal
from ecomops.domains.connections.schemas import CreateConnection
from ecomops.domains.connections.service import create_connection
from ecomops.domains.jobs.queries import list_jobs
from ecomops.domains.jobs.schemas import JobView, ListJobs
from ecomops.domains.sync.schemas import StartSync
from ecomops.domains.sync.service import start_sync
from ecomops.kit.context import Context
from ecomops.kit.ids import new_correlation_id
from ecomops.kit.settings import get_settings
from ecomops.local.children import spawn
from ecomops.operations.run_job import run_job
from tests.ports import own_port

ROOT = Path(__file__).parents[2]
Json = dict[str, Any]


@dataclass
class Sandbox:
    """A running sandbox and its own addresses."""

    base: str
    port: int

    def json(self, path: str) -> Any:
        return httpx.get(self.base + path, timeout=600).raise_for_status().json()

    @property
    def api_key(self) -> SecretStr:
        return SecretStr(self.json("/credentials.json")["stripe"]["api_key"])

    def oracle(self) -> Json:
        """The answer key at the clock's instant."""
        told: Json = self.json("/oracle.json?only=stripe")["stripe"]
        return told

    def set_clock(self, days: int, seconds: int = 0) -> None:
        wanted = {"offset_days": days, "offset_seconds": seconds}
        httpx.put(self.base + "/clock", json=wanted).raise_for_status()

    def faults(self, plan: Json) -> None:
        httpx.put(self.base + "/faults", json=plan).raise_for_status()

    def limits(self, plan: Json) -> None:
        httpx.put(self.base + "/limits", json=plan).raise_for_status()

    def reset(self) -> None:
        self.set_clock(0)
        self.faults({})


def serve(*, days: int, orders_per_day: int, seed: int = 7) -> AbstractContextManager[Sandbox]:
    """A sandbox on a free port, whose history ends today."""
    return _serve("--seed", seed, "--days", days, "--orders-per-day", orders_per_day)


def serve_scale(lines: int) -> AbstractContextManager[Sandbox]:
    """The same, whose history has about so many of Stripe's lines."""
    return _serve("--scale", lines)


def lead_to(sandbox: Sandbox) -> None:
    """From now on sandbox connections of this process lead here."""
    os.environ["ECOMOPS_SANDBOX_PORT"] = str(sandbox.port)
    get_settings.cache_clear()


@contextmanager
def _serve(*flags: str | int) -> Iterator[Sandbox]:
    port = own_port()
    command = [sys.executable, "-m", "ecomops.sandbox", "--port", str(port), *map(str, flags)]
    process = spawn(command, log=Path(os.devnull), cwd=ROOT)
    sandbox = Sandbox(f"http://127.0.0.1:{port}", port)
    try:
        _wait_for(sandbox, process)
        yield sandbox
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(sandbox: Sandbox, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, "the sandbox ended"
        try:
            sandbox.json("/healthz")
        except httpx.HTTPError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the sandbox does not answer")


def connect(ctx: Context, key: SecretStr, label: str = "Main store") -> UUID:
    """A sandbox connection of the workspace; its id."""
    command = CreateConnection("stripe", label, "sandbox", {"api_key": key})
    return runtime.run(ctx, create_connection, command).id


def begin_sync(ctx: Context, connection_id: UUID) -> UUID:
    """Ask for a sync, as the button does; the job's id."""
    asked = Context(
        new_correlation_id(), "web", ctx.tenant_id, ctx.actor, ctx.role, ctx.permissions, ctx.plan
    )
    started = runtime.run(asked, start_sync, StartSync(connection_id))
    assert started.started == 1
    return runtime.run(ctx, list_jobs, ListJobs(1))[0].id


def work(ctx: Context, job_id: UUID) -> str:
    """What a worker does when the bell rings."""
    return run_job(Context(new_correlation_id(), "worker", ctx.tenant_id), job_id)


def sync(ctx: Context, connection_id: UUID) -> JobView:
    """A whole sync in this process; how it ended."""
    job_id = begin_sync(ctx, connection_id)
    work(ctx, job_id)
    return job(ctx, job_id)


def job(ctx: Context, job_id: UUID) -> JobView:
    return next(view for view in runtime.run(ctx, list_jobs, ListJobs(200)) if view.id == job_id)


def assert_equals_the_oracle(engine: Engine, tenant_id: UUID, oracle: Json) -> None:
    """Counts and sums of every table, status, category and payout, in exact units."""
    stored = Stored(engine, tenant_id)
    for table in ("payments", "refunds", "disputes", "payouts"):
        assert stored.by(table, "status", "amount") == units(oracle[table]["by_status"]), table
    measures = ("gross", "fee", "net")
    lines = oracle["payout_lines"]
    assert stored.by("payout_lines", "status", *measures) == units(lines["by_status"])
    categories = stored.by("payout_lines", "reporting_category", *measures)
    assert categories == units(lines["by_reporting_category"])
    assert stored.by("fees", "kind", "amount") == units(oracle["fees"]["by_kind"])
    assert stored.by("fees", "status", "amount") == units(oracle["fees"]["by_status"])
    assert stored.payouts() == told_payouts(oracle)


class Stored:
    """What is in the database of one workspace, read past row-level security."""

    def __init__(self, engine: Engine, tenant_id: UUID) -> None:
        self._engine, self._tenant = engine, tenant_id

    def rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        with self._engine.connect() as connection:
            found = connection.execute(text(statement), {"tenant": self._tenant, **values})
            return [tuple(row) for row in found]

    def one(self, statement: str, **values: Any) -> Any:
        """The single value of the single row."""
        ((value,),) = self.rows(statement, **values)
        return value

    def by(self, table: str, key: str, *measures: str) -> Json:
        """{key: {currency: {"count", measures in units}}}, as the answer key has it."""
        sums = "".join(f", sum({name})::bigint" for name in measures)
        told: Json = {}
        for name, currency, count, *amounts in self.rows(
            f"SELECT {key}, currency, count(*){sums} FROM {table} WHERE tenant_id = :tenant"
            " GROUP BY 1, 2"
        ):
            row = {"count": count, **dict(zip(measures, amounts, strict=True))}
            told.setdefault(name, {})[currency] = row
        return told

    def payouts(self) -> Json:
        """Each payout by id; those whose contents were read with their lines' count and sums."""
        rows = self.rows(
            "SELECT p.source_id, p.amount, p.currency, p.status, p.kind, p.itemizable,"
            " p.contents_read_at IS NOT NULL, p.fee_total, count(l.id), sum(l.fee)::bigint,"
            " sum(l.net)::bigint FROM payouts p LEFT JOIN payout_lines l"
            " ON l.tenant_id = p.tenant_id AND l.payout_id = p.id WHERE p.tenant_id = :tenant"
            " GROUP BY p.tenant_id, p.id"
        )
        return {row[0]: _payout(row) for row in rows}

    def fingerprint(self) -> dict[str, dict[Any, tuple[str, str]]]:
        """Where every canonical row lies and which transaction wrote it: equal if untouched."""
        tables = ("payments", "refunds", "disputes", "payouts", "payout_lines", "fees")
        return {
            table: {
                row_id: (ctid, xmin)
                for row_id, ctid, xmin in self.rows(
                    f"SELECT id, ctid::text, xmin::text FROM {table} WHERE tenant_id = :tenant"
                )
            }
            for table in tables
        }


def _payout(row: tuple[Any, ...]) -> Json:
    _, amount, currency, status, kind, itemizable, read, fee_total, count, fee, net = row
    told = {"amount": amount, "currency": currency, "status": status, "kind": kind,
            "itemizable": itemizable}  # fmt: skip
    if read:
        assert fee_total == (fee or 0)
        told |= {"line_count": count, "fee": fee_total, "net": net or 0}
    return told


def told_payouts(oracle: Json) -> Json:
    """The answer key's list of payouts; contents only where they are told."""
    wanted = ("amount", "currency", "status", "kind", "itemizable")
    told = {}
    for row in oracle["payouts"]["list"]:
        kept = {name: row[name] for name in wanted}
        if row["itemizable"] and "line_count" in row:
            kept |= {name: row[name] for name in ("line_count", "fee", "net")}
        told[row["id"]] = {name: _units_of(name, value) for name, value in kept.items()}
    return told


def _units_of(name: str, value: Any) -> Any:
    return from_decimal(Decimal(value)) if name in ("amount", "fee", "net", "gross") else value


def units(told: Any) -> Any:
    """The answer key with its decimal texts in units."""
    if isinstance(told, dict):
        return {name: units(value) for name, value in told.items()}
    return from_decimal(Decimal(told)) if isinstance(told, str) else told
