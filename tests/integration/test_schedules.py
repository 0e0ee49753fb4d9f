"""Schedules and regular checks: who may set them, and that each slot is used exactly once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, text

from ecomops import runtime
from ecomops.domains.access.rules import ROLES
from ecomops.domains.connections.changes import revoke_connection
from ecomops.domains.connections.schemas import RecordTest
from ecomops.domains.connections.service import record_check
from ecomops.domains.due.service import Due, list_due
from ecomops.domains.freshness.due import take_due
from ecomops.domains.freshness.schedules import list_freshness, preview_schedule, set_schedule
from ecomops.domains.freshness.schemas import PreviewSchedule, SetSchedule
from ecomops.domains.plans.service import set_plan
from ecomops.kit.context import Context, Plan
from ecomops.kit.errors import (
    ConflictError,
    EntitlementDeniedError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
)
from ecomops.kit.ids import new_correlation_id
from ecomops.operations.connection_check import check_health
from tests.conftest import Workspace
from tests.integration.provider import Sandbox, Stored, connect

StoredOf = Callable[[Workspace], Stored]
Audit = Callable[[Workspace], list[tuple[str, str]]]
KEY = SecretStr("sk_test_0123456789abcdef")
SCHEDULERS = 4


@pytest.fixture
def pro(workspace: Workspace) -> Workspace:
    runtime.run(workspace.ctx, set_plan, "pro")
    return replace(workspace, ctx=replace(workspace.ctx, plan=Plan("pro")))


def worker(tenant_id: UUID | None = None) -> Context:
    return Context(new_correlation_id(), "worker", tenant_id)


def make_due(engine: Engine, connection: UUID, kind: str, hours: float = 1) -> None:
    with engine.begin() as admin:
        admin.execute(
            text("UPDATE due_times SET due_at = now() - :ago WHERE connection_id = :it"
                 " AND kind = :kind"),
            {"it": connection, "kind": kind, "ago": timedelta(hours=hours)},
        )  # fmt: skip


def due_of(connection: UUID, *kinds: str) -> list[Due]:
    wanted = kinds or ("sync", "health", "completeness")
    found = runtime.run(worker(), list_due, wanted)
    return [it for it in found if it.connection_id == connection]


def times(stored: Stored, connection: UUID) -> dict[str, datetime]:
    query = "SELECT kind, due_at FROM due_times WHERE connection_id = :it"
    return dict(stored.rows(query, it=connection))


@pytest.mark.parametrize("role", ROLES)
def test_admins_and_ops_set_schedules(pro: Workspace, role: str) -> None:
    connection = connect(pro.ctx, KEY)
    command = SetSchedule(connection, "0 6 * * *")
    ctx = replace(pro.as_role(role), plan=Plan("pro"))
    if role in ("admin", "ops"):
        runtime.run(ctx, set_schedule, command)
        return
    with pytest.raises(PermissionDeniedError):
        runtime.run(ctx, set_schedule, command)


def test_a_trial_has_no_schedules(workspace: Workspace, audit: Audit) -> None:
    connection = connect(workspace.ctx, KEY)
    with pytest.raises(EntitlementDeniedError, match="Pro"):
        runtime.run(workspace.ctx, set_schedule, SetSchedule(connection, "0 6 * * *"))
    assert ("entitlement_denied", "denied") in audit(workspace)
    runtime.run(workspace.ctx, set_schedule, SetSchedule(connection, None))


def test_what_cannot_be_scheduled(pro: Workspace, other_workspace: Workspace) -> None:
    connection = connect(pro.ctx, KEY)
    with pytest.raises(InvalidInputError, match="five fields"):
        runtime.run(pro.ctx, set_schedule, SetSchedule(connection, "daily"))
    theirs = connect(other_workspace.ctx, KEY)
    with pytest.raises(NotFoundError):
        runtime.run(pro.ctx, set_schedule, SetSchedule(theirs, "0 6 * * *"))
    runtime.run(pro.ctx, revoke_connection, connection)
    with pytest.raises(ConflictError, match="revoked"):
        runtime.run(pro.ctx, set_schedule, SetSchedule(connection, "0 6 * * *"))


def test_a_schedule_is_shown_in_the_workspaces_time(
    pro: Workspace, admin_engine: Engine, stored: StoredOf, audit: Audit
) -> None:
    with admin_engine.begin() as admin:
        admin.execute(
            text("UPDATE tenant_configs SET timezone = 'Asia/Tokyo' WHERE tenant_id = :t"),
            {"t": pro.ctx.tenant},
        )
    preview = runtime.run(pro.ctx, preview_schedule, PreviewSchedule("0 6 * * *"))
    assert (preview.words, preview.timezone, preview.problem) == ("At 06:00", "Asia/Tokyo", "")
    assert [run.hour for run in preview.next_runs] == [21, 21, 21]
    connection = connect(pro.ctx, KEY)
    runtime.run(pro.ctx, set_schedule, SetSchedule(connection, " 0  6 * * * "))
    (shown,) = runtime.run(pro.ctx, list_freshness)
    assert (shown.cron, shown.words, shown.state) == ("0 6 * * *", "At 06:00", "never")
    assert shown.next_run_at == preview.next_runs[0]
    assert times(stored(pro), connection)["sync"] == preview.next_runs[0]
    assert ("schedule_updated", "success") in audit(pro)


def test_taking_a_schedule_away(pro: Workspace, stored: StoredOf) -> None:
    connection = connect(pro.ctx, KEY)
    runtime.run(pro.ctx, set_schedule, SetSchedule(connection, "0 6 * * *"))
    runtime.run(pro.ctx, set_schedule, SetSchedule(connection, "0 7 * * *"))
    runtime.run(pro.ctx, set_schedule, SetSchedule(connection, None))
    assert set(times(stored(pro), connection)) == {"health", "completeness"}
    (shown,) = runtime.run(pro.ctx, list_freshness)
    assert (shown.cron, shown.next_run_at) == ("", None)


def test_each_slot_makes_one_sync_however_many_schedulers_there_are(
    pro: Workspace, admin_engine: Engine, stored: StoredOf
) -> None:
    connection = connect(pro.ctx, KEY)
    runtime.run(pro.ctx, set_schedule, SetSchedule(connection, "0 6 * * *"))
    make_due(admin_engine, connection, "sync", hours=50)
    (due,) = due_of(connection, "sync")
    start = Barrier(SCHEDULERS)

    def scheduler(_: int) -> bool:
        start.wait()
        return runtime.run(worker(pro.ctx.tenant), take_due, due)

    with ThreadPoolExecutor(SCHEDULERS) as pool:
        took = list(pool.map(scheduler, range(SCHEDULERS)))
    assert sorted(took) == [False, False, False, True]
    rows = stored(pro).rows("SELECT kind, requested_by_label FROM jobs WHERE tenant_id = :tenant")
    assert rows == [("sync", "schedule")]
    assert times(stored(pro), connection)["sync"] > datetime.now(UTC)
    assert due_of(connection) == []


def test_a_schedule_of_a_plan_that_ended_is_passed_over(
    pro: Workspace, admin_engine: Engine, stored: StoredOf
) -> None:
    connection = connect(pro.ctx, KEY)
    runtime.run(pro.ctx, set_schedule, SetSchedule(connection, "0 6 * * *"))
    runtime.run(pro.ctx, set_plan, "trial")
    make_due(admin_engine, connection, "sync")
    (due,) = due_of(connection, "sync")
    assert not runtime.run(worker(pro.ctx.tenant), take_due, due)
    assert stored(pro).one("SELECT count(*) FROM jobs WHERE tenant_id = :tenant") == 0
    assert times(stored(pro), connection)["sync"] > datetime.now(UTC)


def test_a_revoked_connection_is_looked_after_no_more(
    pro: Workspace, admin_engine: Engine, stored: StoredOf
) -> None:
    connection = connect(pro.ctx, KEY)
    runtime.run(pro.ctx, set_schedule, SetSchedule(connection, "0 6 * * *"))
    runtime.run(pro.ctx, revoke_connection, connection)
    assert times(stored(pro), connection) == {}
    counted = "SELECT (SELECT count(*) FROM schedules WHERE tenant_id = :tenant) + (SELECT count(*)"
    assert stored(pro).one(f"{counted} FROM webhook_routes WHERE tenant_id = :tenant)") == 0


def test_a_comparison_is_made_daily_once_there_is_something(
    pro: Workspace, admin_engine: Engine, stored: StoredOf
) -> None:
    connection = connect(pro.ctx, KEY)
    for synced, jobs in ((False, 0), (True, 1)):
        with admin_engine.begin() as admin:
            admin.execute(
                text("UPDATE connections SET last_sync_at = CASE WHEN :synced THEN now() END"
                     " WHERE id = :it"),
                {"it": connection, "synced": synced},
            )  # fmt: skip
        make_due(admin_engine, connection, "completeness")
        (due,) = due_of(connection, "completeness")
        runtime.run(worker(pro.ctx.tenant), take_due, due)
        query = "SELECT count(*) FROM jobs WHERE tenant_id = :tenant AND kind = 'completeness'"
        assert stored(pro).one(query) == jobs


def test_a_check_keeps_what_it_learned(
    workspace: Workspace, sandbox: Sandbox, stored: StoredOf, audit: Audit
) -> None:
    connection = connect(workspace.ctx, sandbox.api_key)
    assert check_health(worker(workspace.ctx.tenant), connection)
    query = "SELECT status, account_name, detail ->> 'default_currency' FROM connections"
    ((status, name, currency),) = stored(workspace).rows(f"{query} WHERE tenant_id = :tenant")
    assert (status, currency) == ("active", "USD")
    assert name
    assert "connection_health_changed" not in dict(audit(workspace))


def test_a_broken_connection_is_asked_later_and_later(
    workspace: Workspace, stored: StoredOf, audit: Audit
) -> None:
    connection, ctx = connect(workspace.ctx, KEY), worker(workspace.ctx.tenant)
    waits = []
    for _ in range(8):
        failed = RecordTest(connection, "The key has expired.", "provider_auth")
        runtime.run(ctx, record_check, failed)
        wait = times(stored(workspace), connection)["health"] - datetime.now(UTC)
        waits.append(round(wait / timedelta(minutes=15)))
    assert waits == [2, 4, 8, 16, 32, 32, 32, 32]
    assert audit(workspace).count(("connection_health_changed", "success")) == 1
    runtime.run(ctx, record_check, RecordTest(connection, None))
    wait = times(stored(workspace), connection)["health"] - datetime.now(UTC)
    assert round(wait / timedelta(minutes=15)) == 1


def test_a_passing_failure_says_nothing_of_the_connection(
    workspace: Workspace, stored: StoredOf
) -> None:
    connection = connect(workspace.ctx, KEY)
    failed = RecordTest(connection, "Stripe had a problem.", "provider_unavailable")
    runtime.run(worker(workspace.ctx.tenant), record_check, failed)
    query = "SELECT status FROM connections WHERE tenant_id = :tenant"
    assert stored(workspace).one(query) == "active"
    assert times(stored(workspace), connection)["health"] > datetime.now(UTC) + timedelta(
        minutes=20
    )
