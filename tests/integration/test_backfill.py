"""Backfills and comparisons: a stretch of the past, beside the cursor and never moving it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from ecomops import runtime
from ecomops.connectors.base import Connector, Cursor, Page, Window
from ecomops.domains.freshness.backfills import StartBackfill, start_backfill
from ecomops.domains.freshness.completeness import CheckView, list_checks
from ecomops.domains.jobs.lifecycle import claim, complete
from ecomops.domains.jobs.schemas import Claim, Enqueue, Lease
from ecomops.domains.jobs.service import enqueue
from ecomops.kit.context import Context, Plan
from ecomops.kit.errors import (
    ConflictError,
    EntitlementDeniedError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
    ProviderTransientError,
)
from ecomops.kit.ids import new_correlation_id
from ecomops.operations import run_job as worker
from ecomops.operations.backfill import estimate_backfill
from ecomops.operations.provider import connector_for
from tests.conftest import Workspace
from tests.integration.provider import Sandbox, Stored, begin_sync, connect, job, sync, work

StoredOf = Callable[[Workspace], Stored]
Audit = Callable[[Workspace], list[tuple[str, str]]]
STREAMS = ("payments", "refunds", "disputes", "payouts", "payout_lines")


def days_ago(days: int) -> date:
    return datetime.now(UTC).date() - timedelta(days=days)


def cursors(stored: Stored) -> dict[str, Any]:
    rows = stored.rows(
        "SELECT stream, cursor FROM cursor_states WHERE tenant_id = :tenant AND stream !~ '@'"
    )
    return dict(rows)


def test_nobody_learns_the_size_of_what_they_may_not_read_again(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    connection = connect(workspace.ctx, sandbox.api_key)
    asked = StartBackfill(connection, days_ago(9), days_ago(2))
    assert estimate_backfill(workspace.ctx, asked) == {}, "Stripe does not count"
    with pytest.raises(PermissionDeniedError):
        estimate_backfill(workspace.as_role("readonly"), asked)
    with pytest.raises(InvalidInputError):
        estimate_backfill(workspace.ctx, replace(asked, last=days_ago(20)))


def lose(engine: Engine, workspace: Workspace, condition: str) -> int:
    """Payments that were missed, somehow; what referred to them knows them no more."""
    values = {"tenant": workspace.ctx.tenant}
    lost = f"SELECT id FROM payments WHERE tenant_id = :tenant AND ({condition})"
    with engine.begin() as admin:
        for table in ("refunds", "disputes", "payout_lines"):
            admin.execute(
                text(f"UPDATE {table} SET payment_id = NULL WHERE payment_id IN ({lost})"), values
            )
        gone = admin.execute(text(f"DELETE FROM payments WHERE id IN ({lost})"), values)
        return int(gone.rowcount)


def test_a_backfill_brings_what_was_missed_and_moves_no_cursor(
    workspace: Workspace, sandbox: Sandbox, stored: StoredOf, admin_engine: Engine, audit: Audit
) -> None:
    connection, held = connect(workspace.ctx, sandbox.api_key), stored(workspace)
    sync(workspace.ctx, connection)
    whole, before = held.fingerprint(), cursors(held)
    count = "SELECT count(*) FROM payments WHERE tenant_id = :tenant"
    payments = held.one(count)
    missed = lose(admin_engine, workspace, "created_at BETWEEN now() - interval '12 days'"
                  " AND now() - interval '8 days'")  # fmt: skip
    assert missed > 5
    assert held.one(count) == payments - missed
    command = StartBackfill(connection, days_ago(14), days_ago(6))
    job_id = runtime.run(workspace.ctx, start_backfill, command)
    assert work(workspace.ctx, job_id) == "completed"
    done = job(workspace.ctx, job_id)
    assert (done.kind, done.inserted, done.updated) == ("backfill", missed, 0)
    assert done.unchanged > 0
    assert held.one(count) == payments
    assert cursors(held) == before
    unlinked = "SELECT count(*) FROM refunds WHERE tenant_id = :tenant AND payment_id IS NULL"
    assert held.one(unlinked) == 0
    for table in set(STREAMS) - {"payments", "refunds", "disputes", "payout_lines"}:
        assert held.fingerprint()[table] == whole[table]
    assert ("backfill_requested", "success") in audit(workspace)


class BreaksDown:
    """A provider's client that fails at its third page."""

    def __init__(self, real: Connector, pages: list[tuple[str, Cursor | None]]) -> None:
        self._real, self._pages = real, pages

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def pages(
        self, stream: str, cursor: Cursor | None, window: Window | None = None
    ) -> Iterator[Page]:
        self._pages.append((stream, cursor))
        if len(self._pages) == 3:
            raise ProviderTransientError("Stripe had a problem.")
        yield from self._real.pages(stream, cursor, window)


def test_a_backfill_goes_on_where_it_stopped(
    workspace: Workspace, sandbox: Sandbox, admin_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = connect(workspace.ctx, sandbox.api_key)
    asked: list[tuple[str, Cursor | None]] = []
    monkeypatch.setattr(
        worker, "connector_for", lambda *given: BreaksDown(connector_for(*given), asked)
    )
    command = StartBackfill(connection, days_ago(20), days_ago(0))
    job_id = runtime.run(workspace.ctx, start_backfill, command)
    assert work(workspace.ctx, job_id) == "put_back"
    first = [stream for stream, _ in asked]
    with admin_engine.begin() as admin:
        admin.execute(text("UPDATE jobs SET lease_until = NULL WHERE id = :id"), {"id": job_id})
    assert work(workspace.ctx, job_id) == "completed"
    again = [stream for stream, _ in asked[len(first) :]]
    assert len(first) == 3
    assert again[0] == first[2]
    assert set(again).isdisjoint(first[:2])


@pytest.mark.parametrize(
    ("first", "last", "field"), [(-1, -3, "first"), (5, 6, "last"), (9_000, 5, "first")]
)
def test_what_is_no_stretch(workspace: Workspace, sandbox: Sandbox, first: int, last: int,
                            field: str) -> None:  # fmt: skip
    connection = connect(workspace.ctx, sandbox.api_key)
    command = StartBackfill(connection, days_ago(first), days_ago(last))
    with pytest.raises(InvalidInputError) as caught:
        runtime.run(workspace.ctx, start_backfill, command)
    assert set(caught.value.fields) == {field}


def test_who_may_not(workspace: Workspace, other_workspace: Workspace, sandbox: Sandbox) -> None:
    connection = connect(workspace.ctx, sandbox.api_key)
    command = StartBackfill(connection, days_ago(3), days_ago(1))
    with pytest.raises(PermissionDeniedError):
        runtime.run(workspace.as_role("readonly"), start_backfill, command)
    with pytest.raises(NotFoundError):
        runtime.run(other_workspace.ctx, start_backfill, command)
    expired = replace(workspace.ctx, plan=Plan("trial", datetime.now(UTC) - timedelta(days=1)))
    with pytest.raises(EntitlementDeniedError):
        runtime.run(expired, start_backfill, command)
    runtime.run(workspace.ctx, start_backfill, command)
    with pytest.raises(ConflictError, match="under way"):
        runtime.run(workspace.ctx, start_backfill, command)


def hold(workspace: Workspace, job_id: UUID) -> Lease | None:
    ctx = Context(new_correlation_id(), "worker", workspace.ctx.tenant)
    return runtime.run(ctx, claim, Claim(job_id))


def test_one_job_at_a_time_reads_a_connection(
    workspace: Workspace, sandbox: Sandbox, stored: StoredOf
) -> None:
    connection = connect(workspace.ctx, sandbox.api_key)
    other = begin_sync(workspace.ctx, connection)
    command = StartBackfill(connection, days_ago(3), days_ago(1))
    waiting = runtime.run(workspace.ctx, start_backfill, command)
    lease = hold(workspace, waiting)
    assert lease is not None
    assert work(workspace.ctx, other) == "not_taken"
    runtime.run(Context(lease.correlation_id, "worker", workspace.ctx.tenant), complete, lease)
    due = "SELECT ring_at <= now() FROM outbox WHERE job_id = :job"
    assert stored(workspace).one(due, job=other)
    assert work(workspace.ctx, other) == "completed"


def compare(workspace: Workspace, connection: UUID) -> dict[str, CheckView]:
    ctx = Context(new_correlation_id(), "worker", workspace.ctx.tenant)
    made = runtime.run(ctx, ask, connection)
    assert work(workspace.ctx, made) == "completed"
    return {it.stream: it for it in runtime.run(workspace.ctx, list_checks, connection)}


def ask(session: Any, ctx: Context, connection: UUID) -> UUID:
    made = enqueue(session, ctx, Enqueue("completeness", "sync", connection))
    assert made is not None
    return made.id


def test_a_comparison_finds_and_stores_what_was_missed(
    workspace: Workspace, sandbox: Sandbox, stored: StoredOf, admin_engine: Engine
) -> None:
    connection, held = connect(workspace.ctx, sandbox.api_key), stored(workspace)
    sync(workspace.ctx, connection)
    clean = compare(workspace, connection)
    assert {"charges", "payouts", "balance_transactions"} <= set(clean)
    for stream, check in clean.items():
        assert (check.missing, check.vanished, check.different) == ((), (), ()), stream
        assert check.provider_count == check.stored_count
        assert all(theirs == ours for theirs, ours in check.sums.values()), stream
    ((lost, currency),) = held.rows(
        "SELECT source_id, currency FROM payments WHERE tenant_id = :tenant AND source_id ~ '^ch_'"
        " AND status = 'completed' AND created_at < now() - interval '2 days' LIMIT 1"
    )
    lose(admin_engine, workspace, f"source_id = '{lost}'")
    found = compare(workspace, connection)["charges"]
    assert found.missing == (lost,)
    assert found.provider_count == found.stored_count + 1
    assert found.sums[currency][0] != found.sums[currency][1]
    assert compare(workspace, connection)["charges"].missing == ()


def test_a_comparison_lists_what_vanished_and_what_differs(
    workspace: Workspace, sandbox: Sandbox, stored: StoredOf, admin_engine: Engine
) -> None:
    connection, held = connect(workspace.ctx, sandbox.api_key), stored(workspace)
    sync(workspace.ctx, connection)
    ((first, second),) = held.rows(
        "SELECT min(source_id), max(source_id) FROM payments WHERE tenant_id = :tenant"
        " AND created_at < now() - interval '2 days'"
    )
    with admin_engine.begin() as admin:
        mine = "tenant_id = :tenant AND source_id"
        values = {"tenant": workspace.ctx.tenant, "first": first, "second": second}
        admin.execute(
            text("UPDATE payments SET source_id = 'ch_gone', dedupe_key = 'stripe:ch_gone'"
                 f" WHERE {mine} = :first"), values)  # fmt: skip
        admin.execute(text("UPDATE payments SET amount = amount + 100, content_hash = '\\x00'"
                           f" WHERE {mine} = :second"), values)  # fmt: skip
    found = compare(workspace, connection)["charges"]
    assert (found.missing, found.vanished, found.different) == ((first,), ("ch_gone",), (second,))
    again = compare(workspace, connection)["charges"]
    assert (again.missing, again.vanished, again.different) == ((), ("ch_gone",), ())
