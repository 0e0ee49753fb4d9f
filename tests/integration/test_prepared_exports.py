"""Files prepared in the background: whole or not there, their person's alone, gone after a week."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, text
from sqlmodel import Session

from ecomops import runtime
from ecomops.domains.exports.queries import list_exports
from ecomops.domains.exports.schemas import (
    ExportStarted,
    ExportView,
    ListExports,
    RemoveExport,
    RetryExport,
)
from ecomops.domains.exports.service import (
    MOST_AT_ONCE,
    open_download,
    remove_export,
    retry_export,
    start_export,
)
from ecomops.domains.jobs import lifecycle
from ecomops.domains.jobs.errors import LeaseLostError
from ecomops.domains.jobs.schemas import CancelJob, Claim, Lease
from ecomops.domains.jobs.service import cancel_job
from ecomops.domains.tables.export import write_pieces
from ecomops.domains.tables.schemas import Export, TableQuery
from ecomops.kit.context import Actor, Context, Plan
from ecomops.kit.errors import (
    ConflictError,
    EntitlementDeniedError,
    NotFoundError,
    PermissionDeniedError,
)
from ecomops.kit.ids import new_correlation_id
from ecomops.kit.settings import get_settings
from ecomops.operations import prepare_export as preparing
from ecomops.operations.export_expiry import delete_export, remove_expired
from ecomops.operations.file_store import FileStoreError, FolderStore, file_store
from ecomops.operations.heartbeat import Heartbeat
from ecomops.operations.prepare_export import prepare_export
from ecomops.operations.run_job import Ending
from tests.conftest import Workspace
from tests.integration.provider import Stored, connect, job, work
from tests.integration.rows import KEY, START, add_payments

StoredOf = Callable[[Workspace], Stored]
PAYMENTS = Export(TableQuery("payments", status=("completed",), date_from=date(2026, 10, 1)))
EXCEL = replace(PAYMENTS, format="xlsx")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: object) -> Iterator[Path]:
    """A data directory of the test's own; where its exports are."""
    monkeypatch.setenv("ECOMOPS_DATA_DIR", str(tmp_path))
    get_settings.cache_clear()
    yield tmp_path / "exports"
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.fixture
def pro(workspace: Workspace) -> Workspace:
    """A workspace on Pro with twelve payments."""
    return replace(workspace, ctx=replace(workspace.ctx, plan=Plan("pro")))


@pytest.fixture
def twelve(pro: Workspace, admin_engine: Engine) -> Workspace:
    add_payments(admin_engine, pro, connect(pro.ctx, KEY), [START] * 12)
    return pro


def start(ctx: Context, export: Export = PAYMENTS) -> ExportStarted:
    return runtime.run(ctx, start_export, export)


def prepared(ctx: Context, export: Export = PAYMENTS) -> ExportStarted:
    started = start(ctx, export)
    assert work(ctx, started.job_id) == "completed"
    return started


def shown(ctx: Context) -> list[ExportView]:
    return list(runtime.run(ctx, list_exports, ListExports()))


def fetched(ctx: Context, export_id: UUID) -> bytes:
    file = runtime.run(ctx, open_download, export_id)
    return b"".join(file_store(get_settings()).read(file.key))


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def somebody_else(workspace: Workspace, role: str = "admin") -> Context:
    """Another person of the same workspace."""
    return replace(workspace.as_role(role), actor=Actor(uuid4(), "bo@example.com"))


def test_a_prepared_file_holds_the_rows_and_is_told_with_its_digest(
    twelve: Workspace, folder: Path, stored: StoredOf
) -> None:
    started = prepared(twelve.ctx)
    data = fetched(twelve.ctx, started.export_id)
    assert len(list(csv.DictReader(io.StringIO(data.decode(), newline="")))) == 12
    (view,) = shown(twelve.ctx)
    assert (view.status, view.rows, view.size, view.mine) == ("ready", 12, len(data), True)
    assert view.export == PAYMENTS
    assert view.file_name.startswith("payments_20")
    assert view.file_name.endswith(".csv")
    assert job(twelve.ctx, started.job_id).rows_done == 12
    events = stored(twelve).rows(
        "SELECT action, payload ->> 'format', (payload ->> 'row_count')::int, payload ->> 'sha256'"
        " FROM audit_events WHERE tenant_id = :tenant AND category = 'table' ORDER BY xid, id"
    )
    digest = hashlib.sha256(data).hexdigest()
    assert events == [
        ("table_export_started", "csv", None, None),
        ("table_exported", "csv", 12, digest),
        ("export_downloaded", "csv", 12, digest),
    ]


def test_a_workbook_is_prepared_as_well(twelve: Workspace) -> None:
    data = fetched(twelve.ctx, prepared(twelve.ctx, EXCEL).export_id)
    sheet = load_workbook(io.BytesIO(data)).active
    assert sheet is not None
    assert sheet.max_row == 13


def test_the_file_is_our_accounts_alone_under_a_name_nobody_guesses(
    twelve: Workspace, folder: Path
) -> None:
    names = set()
    for _ in range(3):
        prepared(twelve.ctx)
    for path in files(folder):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert path.parent == folder / str(twelve.ctx.tenant)
        assert len(path.name) >= 40
        names.add(path.name)
    assert len(names) == 3


def test_a_file_is_for_the_person_who_asked_for_it_alone(
    twelve: Workspace, other_workspace: Workspace, audit: Any
) -> None:
    export_id = prepared(twelve.ctx).export_id
    before = audit(twelve)
    for stranger in (somebody_else(twelve), somebody_else(twelve, "finance"), other_workspace.ctx):
        with pytest.raises(NotFoundError):
            runtime.run(stranger, open_download, export_id)
        with pytest.raises(NotFoundError):
            runtime.run(stranger, retry_export, RetryExport(export_id))
    assert audit(twelve) == before
    assert [view.mine for view in shown(somebody_else(twelve))] == [False]
    assert shown(other_workspace.ctx) == []


def test_who_may_delete_an_export_is_its_person_or_an_admin(
    twelve: Workspace, other_workspace: Workspace, folder: Path, audit: Any
) -> None:
    first, second = prepared(twelve.ctx).export_id, prepared(twelve.ctx).export_id
    for stranger in (somebody_else(twelve, "finance"), other_workspace.ctx):
        with pytest.raises(NotFoundError):
            delete_export(stranger, first)
    assert len(files(folder)) == 2
    delete_export(twelve.ctx, first)
    delete_export(somebody_else(twelve, "admin"), second)
    assert files(folder) == []
    assert shown(twelve.ctx) == []
    assert audit(twelve)[-2:] == [("export_deleted", "success")] * 2
    with pytest.raises(NotFoundError):
        runtime.run(twelve.ctx, open_download, first)


def test_files_go_after_their_week_and_their_rows_stay(
    twelve: Workspace, folder: Path, admin_engine: Engine, audit: Any
) -> None:
    export_id = prepared(twelve.ctx).export_id
    (view,) = shown(twelve.ctx)
    assert 6.9 < (view.expires_at - view.created_at).total_seconds() / 86_400 < 7.1
    assert remove_expired(_worker(twelve)) == 0
    _expire(admin_engine, export_id)
    with pytest.raises(NotFoundError):
        runtime.run(twelve.ctx, open_download, export_id)
    assert remove_expired(_worker(twelve)) == 1
    assert remove_expired(_worker(twelve)) == 0
    assert files(folder) == []
    assert [view.status for view in shown(twelve.ctx)] == ["expired"]
    assert audit(twelve)[-1] == ("export_expired", "success")


def test_while_the_store_is_away_a_file_waits_to_be_removed(
    twelve: Workspace, folder: Path, admin_engine: Engine
) -> None:
    export_id = prepared(twelve.ctx).export_id
    _expire(admin_engine, export_id)
    (path,) = files(folder)
    kept = path.rename(folder / "elsewhere")
    path.mkdir()  # what is no file cannot be removed as one
    assert remove_expired(_worker(twelve)) == 0
    path.rmdir()
    kept.rename(path)
    assert remove_expired(_worker(twelve)) == 1
    assert files(folder) == []


def test_the_regular_task_looks_into_every_workspace(
    twelve: Workspace, other_workspace: Workspace, folder: Path, admin_engine: Engine
) -> None:
    from workers.tasks.exports import expire

    theirs = prepared(other_workspace.ctx).export_id
    for export_id in (prepared(twelve.ctx).export_id, theirs):
        _expire(admin_engine, export_id)
    expire()
    assert files(folder) == []


def test_a_worker_that_died_leaves_no_half_file_and_another_takes_it_up(
    twelve: Workspace, folder: Path, admin_engine: Engine
) -> None:
    started = start(twelve.ctx)
    working, lease, ending = _die_at_the_end(twelve, started.job_id)
    (left,) = files(folder)
    assert [view.status for view in shown(twelve.ctx)] == ["preparing"]
    with pytest.raises(NotFoundError):
        runtime.run(twelve.ctx, open_download, started.export_id)
    _let_go(admin_engine, started.job_id)
    assert work(twelve.ctx, started.job_id) == "completed"
    (path,) = files(folder)
    assert path != left, "what the dead one left is gone, and nobody knows its name"
    assert job(twelve.ctx, started.job_id).rows_done == 12, "rows are not counted twice"

    def complete(session: Session, ctx: Context, command: None) -> None:
        ending(session, ctx)
        lifecycle.complete(session, ctx, lease)

    with pytest.raises(LeaseLostError):
        runtime.run(working, complete)
    assert len(fetched(twelve.ctx, started.export_id)) == path.stat().st_size


def test_what_a_dead_worker_left_is_known_while_the_store_is_away(
    twelve: Workspace, folder: Path, admin_engine: Engine
) -> None:
    started = start(twelve.ctx)
    _die_at_the_end(twelve, started.job_id)
    (left,) = files(folder)
    kept = left.rename(folder / "elsewhere")
    left.mkdir()  # what is no file cannot be removed as one
    _let_go(admin_engine, started.job_id)
    assert work(twelve.ctx, started.job_id) == "put_back"
    left.rmdir()
    kept.rename(left)
    _let_go(admin_engine, started.job_id)
    assert work(twelve.ctx, started.job_id) == "completed"
    (path,) = files(folder)
    assert path != left


def test_a_worker_that_lost_its_job_while_the_file_was_kept_leaves_none(
    twelve: Workspace, folder: Path, admin_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, real = start(twelve.ctx), FolderStore.keep

    def keep(self: FolderStore, key: str, draft: Path) -> None:
        monkeypatch.setattr(FolderStore, "keep", real)
        _let_go(admin_engine, started.job_id)
        assert work(twelve.ctx, started.job_id) == "completed"
        real(self, key, draft)

    monkeypatch.setattr(FolderStore, "keep", keep)
    assert work(twelve.ctx, started.job_id) == "lease_lost"
    (path,) = files(folder)
    assert len(fetched(twelve.ctx, started.export_id)) == path.stat().st_size


def test_cancel_is_heard_while_the_file_is_kept(
    twelve: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, real = start(twelve.ctx), FolderStore.keep

    def keep(self: FolderStore, key: str, draft: Path) -> None:
        runtime.run(twelve.ctx, cancel_job, CancelJob(started.job_id))
        real(self, key, draft)

    monkeypatch.setattr(FolderStore, "keep", keep)
    assert work(twelve.ctx, started.job_id) == "canceled"
    assert files(folder) == []


def test_an_expired_export_that_is_made_again_has_its_week(
    twelve: Workspace, folder: Path, admin_engine: Engine
) -> None:
    started = start(twelve.ctx)
    runtime.run(twelve.ctx, cancel_job, CancelJob(started.job_id))
    _expire(admin_engine, started.export_id)
    assert remove_expired(_worker(twelve)) == 1
    again = runtime.run(twelve.ctx, retry_export, RetryExport(started.export_id))
    assert work(twelve.ctx, again.job_id) == "completed"
    assert len(files(folder)) == 1
    _expire(admin_engine, started.export_id)
    assert remove_expired(_worker(twelve)) == 1
    assert files(folder) == []


def test_an_export_that_is_canceled_leaves_nothing_and_can_be_made_again(
    twelve: Workspace, folder: Path
) -> None:
    started = start(twelve.ctx)
    runtime.run(twelve.ctx, cancel_job, CancelJob(started.job_id))
    assert work(twelve.ctx, started.job_id) == "not_taken"
    assert [view.status for view in shown(twelve.ctx)] == ["canceled"]
    assert files(folder) == []
    again = runtime.run(twelve.ctx, retry_export, RetryExport(started.export_id))
    assert again.export_id == started.export_id
    assert work(twelve.ctx, again.job_id) == "completed"
    assert [view.status for view in shown(twelve.ctx)] == ["ready"]
    with pytest.raises(ConflictError):
        runtime.run(twelve.ctx, retry_export, RetryExport(started.export_id))


def test_cancel_is_heard_while_rows_are_written(
    twelve: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = start(twelve.ctx)
    monkeypatch.setattr(preparing, "NOTED_EVERY", 0.0)

    def and_cancel(session: Any, ctx: Context, command: Any) -> Iterator[Any]:
        for piece in write_pieces(session, ctx, command):
            runtime.run(twelve.ctx, cancel_job, CancelJob(started.job_id))
            yield piece

    monkeypatch.setattr(preparing, "write_pieces", and_cancel)
    assert work(twelve.ctx, started.job_id) == "canceled"
    assert files(folder) == []
    assert runtime.engine().pool.checkedout() == 0  # type: ignore[attr-defined]  # a queue pool


def test_an_export_that_is_deleted_while_it_is_prepared_is_stopped(
    twelve: Workspace, folder: Path
) -> None:
    started = start(twelve.ctx)
    delete_export(twelve.ctx, started.export_id)
    assert job(twelve.ctx, started.job_id).status == "canceled"
    assert shown(twelve.ctx) == []


def test_a_store_that_is_away_puts_the_job_back_and_says_why(
    twelve: Workspace, folder: Path
) -> None:
    folder.write_text("no folder")
    started = start(twelve.ctx)
    assert work(twelve.ctx, started.job_id) == "put_back"
    told = job(twelve.ctx, started.job_id)
    assert told.error_code == FileStoreError.code
    assert "no room" in (told.error_message or "")


def test_drafts_of_killed_workers_are_removed_once_nobody_writes_them(
    twelve: Workspace, folder: Path
) -> None:
    for name, age in (("old", 25 * 3600), ("young", 60)):
        draft = folder / "drafts" / name
        draft.mkdir(parents=True)
        (draft / "export").write_text("half")
        past = draft.stat().st_mtime - age
        os.utime(draft, (past, past))
    prepared(twelve.ctx)
    assert [path.name for path in (folder / "drafts").iterdir()] == ["young"]


@pytest.mark.parametrize("export", [PAYMENTS, EXCEL], ids=["csv", "xlsx"])
def test_nobody_has_more_than_a_few_prepared_at_a_time(pro: Workspace, export: Export) -> None:
    for _ in range(MOST_AT_ONCE):
        start(pro.ctx, export)
    with pytest.raises(ConflictError):
        start(pro.ctx, export)
    assert len(shown(pro.ctx)) == MOST_AT_ONCE
    start(somebody_else(pro), export)


def test_excel_is_for_plans_that_have_it_at_every_step(twelve: Workspace, audit: Any) -> None:
    export_id = prepared(twelve.ctx, EXCEL).export_id
    trial = replace(twelve.ctx, plan=Plan("trial"))
    for use_case, command in ((start_export, EXCEL), (open_download, export_id)):
        before = audit(twelve)
        with pytest.raises(EntitlementDeniedError):
            runtime.run(trial, use_case, command)  # type: ignore[arg-type]  # of two kinds
        assert audit(twelve) == [*before, ("entitlement_denied", "denied")]
    assert len(shown(trial)) == 1


def test_a_role_without_the_permission_gets_nothing(twelve: Workspace, audit: Any) -> None:
    export_id = prepared(twelve.ctx).export_id
    nobody = replace(twelve.ctx, role="", permissions=frozenset())
    for use_case, command in (
        (start_export, PAYMENTS), (open_download, export_id), (list_exports, ListExports()),
        (remove_export, RemoveExport(export_id)), (retry_export, RetryExport(export_id)),
    ):  # fmt: skip
        before = audit(twelve)
        with pytest.raises((PermissionDeniedError, NotFoundError)):
            runtime.run(nobody, use_case, command)  # type: ignore[arg-type]  # of many kinds
        assert audit(twelve) == [*before, ("permission_denied", "denied")]
    assert [view.status for view in shown(twelve.ctx)] == ["ready"]


def _die_at_the_end(workspace: Workspace, job_id: UUID) -> tuple[Context, Lease, Ending]:
    """What is left of a worker that died between the store and the job's end."""
    lease = runtime.run(_worker(workspace), lifecycle.claim, Claim(job_id))
    assert lease is not None
    working = lifecycle.working_on(_worker(workspace), lease)
    return working, lease, prepare_export(working, lease, Heartbeat(working, lease))


def _worker(workspace: Workspace) -> Context:
    return Context(new_correlation_id(), "worker", workspace.ctx.tenant)


def _expire(engine: Engine, export_id: UUID) -> None:
    _change(engine, "UPDATE exports SET expires_at = now() - interval '1 s' WHERE id = :id",
            export_id)  # fmt: skip


def _let_go(engine: Engine, job_id: UUID) -> None:
    _change(engine, "UPDATE jobs SET lease_until = now() - interval '1 s' WHERE id = :id", job_id)


def _change(engine: Engine, statement: str, row_id: UUID) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement), {"id": row_id})
