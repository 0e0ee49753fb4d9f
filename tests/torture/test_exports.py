"""T29: a file of any size in little memory; and exports whose worker is killed at any moment."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, text

from ecomops import runtime
from ecomops.domains.exports.service import open_download, start_export
from ecomops.domains.tables.schemas import Export, Format, TableQuery
from ecomops.kit.context import Context, Plan
from ecomops.kit.errors import NotFoundError
from ecomops.kit.settings import Settings, get_settings
from ecomops.operations.file_store import DRAFTS, file_store, folder_of
from tests.conftest import Workspace, make_workspace
from tests.integration.provider import ROOT, connect, job
from tests.integration.rows import KEY
from tests.torture import lone_export, lone_worker
from tests.torture.report import SEED, reported, times

MIB = 50
KILLED_ROWS = 12_000
FORMATS: tuple[Format, ...] = ("csv", "xlsx")
MANY = text(
    "INSERT INTO payments (tenant_id, connection_id, source, source_id, dedupe_key, source_status,"
    " currency, created_at, content_hash, status, amount, kind, gateway, charge_ref,"
    " customer_email, description)"
    " SELECT :tenant, :connection, 'stripe', id, 'stripe:' || id, 'succeeded',"
    " (ARRAY['USD', 'USD', 'EUR', 'JPY', 'KWD'])[1 + n % 5],"
    " timestamptz '2025-01-01 00:00Z' + n * interval '20 seconds', sha256(id::bytea), 'completed',"
    " (n % 40000 + 1000)::bigint * 10000, 'sale', 'stripe', id, 'c' || n || '@example.com',"
    " CASE WHEN n % 50 = 0 THEN '=' ELSE '' END || 'Order #' || n"
    " FROM generate_series(1, :count) n, concat('ch_3Q', lpad(n::text, 22, '0')) id"
)

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("exports")]


def with_payments(engine: Engine, count: int) -> Workspace:
    """A workspace on Pro with so many payments."""
    workspace = make_workspace()
    values = {"tenant": workspace.ctx.tenant, "connection": connect(workspace.ctx, KEY)}
    with engine.begin() as connection:
        connection.execute(MANY, {**values, "count": count})
    return replace(workspace, ctx=replace(workspace.ctx, plan=Plan("pro")))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[Path]:
    """Where the exports of this test are, workers' included."""
    monkeypatch.setenv("ECOMOPS_DATA_DIR", str(tmp_path))
    get_settings.cache_clear()
    yield folder_of(get_settings())
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_file_of_any_size_takes_little_memory(
    runtime_started: None, admin_engine: Engine, file_format: str
) -> None:
    rows = times(full=1_000_000, short=60_000)
    workspace = with_payments(admin_engine, rows)
    with reported(f"T29 memory {file_format}") as figures:
        cost = lone_export.hire(workspace.ctx.tenant, file_format)
        figures.count, figures.failed = rows, cost.growth >= MIB
        print(f"{rows} rows as {file_format}: {cost}")
        assert cost.size > rows * 20
        assert cost.growth < MIB


def test_a_killed_workers_export_is_taken_up_again_and_no_half_file_is_seen(
    runtime_started: None, admin_engine: Engine, folder: Path
) -> None:
    chance = random.Random(SEED)
    workspace = with_payments(admin_engine, KILLED_ROWS)
    with reported("T29 kills") as figures:
        for number in range(times(full=30, short=2)):
            wanted = Export(TableQuery("payments"), FORMATS[number % 2])
            wrong = what_is_wrong(workspace.ctx, wanted, folder, chance, admin_engine)
            figures.count, figures.failed = number + 1, figures.failed + bool(wrong)
            assert wrong == ""


def what_is_wrong(
    ctx: Context, export: Export, folder: Path, chance: random.Random, engine: Engine
) -> str:
    """Kill the export's worker at some moment, hire another; what does not hold afterwards."""
    started = runtime.run(ctx, start_export, export)
    kept = set(whole(folder))
    killed = kill_at_work(ctx, started.job_id, folder, chance.uniform(0, 0.8))
    if killed:
        try:
            runtime.run(ctx, open_download, started.export_id)
            return "a file is there before its job is done"
        except NotFoundError:
            let_go(engine, started.job_id)
        if lone_worker.hire(ctx.tenant, started.job_id).outcome != "completed":
            return "nobody took it up"
    file = runtime.run(ctx, open_download, started.export_id)
    path = folder / file.key
    if set(whole(folder)) - kept != {path}:
        return "a half file is left among the whole ones"
    if job(ctx, started.job_id).rows_done != KILLED_ROWS:
        return "rows are counted twice"
    return "" if rows_in(path, export, file_store(get_settings()).read(file.key)) else "rows lack"


def kill_at_work(ctx: Context, job_id: UUID, folder: Path, after: float) -> bool:
    """SIGKILL a worker some seconds after it began to write; False if it was done before."""
    command = [sys.executable, "-m", "tests.torture.lone_worker", str(ctx.tenant), str(job_id)]
    drafts = set(begun(folder))
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as worker:
        while worker.poll() is None and set(begun(folder)) <= drafts:
            time.sleep(0.005)
        time.sleep(after)
        worker.kill()
    return job(ctx, job_id).status == "running"


def begun(folder: Path) -> list[Path]:
    return list((folder / DRAFTS).glob("*/*"))


def whole(folder: Path) -> list[Path]:
    return [one for one in folder.rglob("*") if one.is_file() and DRAFTS not in one.parts]


def let_go(engine: Engine, job_id: UUID) -> None:
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE jobs SET lease_until = now() - interval '1 s' WHERE id = :job"),
            {"job": job_id},
        )


def rows_in(path: Path, export: Export, data: Iterator[bytes]) -> bool:
    """Whether the file is a whole one with all rows."""
    if export.format == "csv":
        return b"".join(data).count(b"\r\n") == KILLED_ROWS + 1
    sheet = load_workbook(path.open("rb"), read_only=True).worksheets[0]
    return sum(1 for _ in sheet.iter_rows()) == KILLED_ROWS + 1
