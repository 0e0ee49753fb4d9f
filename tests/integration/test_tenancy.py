"""Two workspaces: neither sees, changes or refers to anything of the other's."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session

from ecomops import runtime
from ecomops.domains.audit.service import Event, record
from ecomops.domains.connections.queries import get_onboarding
from ecomops.domains.connections.schemas import ListConnections, Onboarding, RecordTest
from ecomops.domains.connections.service import (
    list_connections,
    open_connection,
    open_for_test,
    record_health,
    record_test,
)
from ecomops.domains.identity.queries import get_shell
from ecomops.domains.jobs import lifecycle
from ecomops.domains.jobs.errors import LeaseLostError
from ecomops.domains.jobs.queries import list_jobs
from ecomops.domains.jobs.schemas import CancelJob, Claim, Enqueue, Failure, ListJobs, Phase
from ecomops.domains.jobs.service import cancel_job, enqueue
from ecomops.domains.plans.service import set_plan
from ecomops.domains.sync.links import link_late_parents
from ecomops.domains.sync.queries import (
    find_cursor,
    find_first_day,
    list_open,
    list_rejects,
    list_returned_refunds,
    list_unread_payouts,
)
from ecomops.domains.sync.schemas import ListRejects, StartSync, StorePage, Target
from ecomops.domains.sync.service import start_sync
from ecomops.domains.sync.store import store_page
from ecomops.domains.tables.catalog import TABLES
from ecomops.domains.tables.export import export_csv
from ecomops.domains.tables.queries import count_rows, list_rows, table_counts
from ecomops.domains.tables.schemas import Count, TableQuery
from ecomops.kit.context import Actor, Context
from ecomops.kit.database import bind_tenant, make_engine
from ecomops.kit.errors import NotFoundError
from ecomops.kit.settings import Settings
from ecomops.models import GLOBAL_TABLES, metadata
from ecomops.operations.connection_check import check_connection
from tests.conftest import Workspace, make_workspace
from tests.integration.provider import Sandbox, Stored, connect, lead_to, sync
from tests.integration.test_jobs import claimed, page, waiting

TENANT_TABLES = sorted(set(metadata.tables) - GLOBAL_TABLES)
StoredOf = Callable[[Workspace], Stored]


@pytest.fixture(scope="module")
def theirs(sandbox_server: Sandbox, runtime_started: None) -> tuple[Workspace, UUID, UUID]:
    """Somebody else's workspace with a connection, a finished sync and all its rows."""
    lead_to(sandbox_server)
    workspace = make_workspace()
    connection = connect(workspace.ctx, sandbox_server.api_key)
    done = sync(workspace.ctx, connection)
    assert done.status == "completed"
    return workspace, connection, done.id


Theirs = tuple[Workspace, UUID, UUID]


def test_lists_are_empty_next_door(theirs: Theirs, workspace: Workspace) -> None:
    ctx = workspace.ctx
    assert runtime.run(ctx, list_connections, ListConnections(include_revoked=True)) == ()
    assert runtime.run(ctx, list_jobs, ListJobs()) == ()
    assert runtime.run(ctx, list_rejects, ListRejects()) == ()
    assert runtime.run(ctx, get_onboarding) == Onboarding(False, False, False)
    assert set(runtime.run(ctx, table_counts).values()) == {Count(0, False)}
    assert runtime.run(theirs[0].ctx, get_onboarding).data


@pytest.mark.parametrize("table", sorted(TABLES))
def test_tables_and_files_are_empty_next_door(
    theirs: Theirs, workspace: Workspace, table: str
) -> None:
    query = TableQuery(table)
    assert runtime.run(workspace.ctx, list_rows, query).rows == ()
    assert runtime.run(workspace.ctx, count_rows, query) == Count(0, False)
    assert b"".join(runtime.stream(workspace.ctx, export_csv, query)).count(b"\n") == 1
    if table not in ("orders", "netsuite_transactions"):
        assert runtime.run(theirs[0].ctx, list_rows, query).rows


def test_a_cursor_of_theirs_leads_to_nothing(theirs: Theirs, workspace: Workspace) -> None:
    first = runtime.run(theirs[0].ctx, list_rows, TableQuery("payments", page_size=2))
    query = TableQuery("payments", cursor=first.next_cursor)
    assert runtime.run(theirs[0].ctx, list_rows, query).rows
    assert runtime.run(workspace.ctx, list_rows, query).rows == ()


def test_the_shell_names_ones_own_workspace(theirs: Theirs, workspace: Workspace) -> None:
    assert runtime.run(workspace.ctx, get_shell).workspace_slug == workspace.slug


def test_what_a_sync_reads_stays_in_its_workspace(theirs: Theirs, workspace: Workspace) -> None:
    _, connection, _ = theirs
    place = (connection, "charges")
    assert runtime.run(workspace.ctx, find_cursor, place) is None
    assert runtime.run(workspace.ctx, list_open, (connection, "payouts")) == []
    assert runtime.run(workspace.ctx, list_unread_payouts, connection) == []
    assert runtime.run(workspace.ctx, list_returned_refunds, connection) == []
    assert runtime.run(workspace.ctx, find_first_day, connection) is None
    assert runtime.run(theirs[0].ctx, find_cursor, place) is not None
    assert runtime.run(workspace.ctx, link_late_parents) == 0


@pytest.mark.parametrize(
    ("use_case", "command"),
    [
        (open_connection, lambda connection, job: connection),
        (open_for_test, lambda connection, job: connection),
        (record_test, lambda connection, job: RecordTest(connection, "broken")),
        (record_health, lambda connection, job: RecordTest(connection, "broken")),
        (start_sync, lambda connection, job: StartSync(connection)),
        (cancel_job, lambda connection, job: CancelJob(job)),
    ],
)
def test_what_is_named_by_id_is_not_found_next_door(
    theirs: Theirs, workspace: Workspace, stored: StoredOf, use_case: Any, command: Any
) -> None:
    owner, connection, job_id = theirs
    before = _whole(stored(owner))
    with pytest.raises(NotFoundError):
        runtime.run(workspace.ctx, use_case, command(connection, job_id))
    assert _whole(stored(owner)) == before


def test_a_connection_is_not_tested_from_next_door(theirs: Theirs, workspace: Workspace) -> None:
    with pytest.raises(NotFoundError):
        check_connection(workspace.ctx, theirs[1])


def test_a_sync_of_everything_starts_nothing_next_door(
    theirs: Theirs, workspace: Workspace, stored: StoredOf
) -> None:
    connect(workspace.ctx, SecretStr("sk_test_0123456789abcdef"))
    before = _whole(stored(theirs[0]))
    assert runtime.run(workspace.ctx, start_sync, StartSync()).started == 1
    assert _whole(stored(theirs[0])) == before


def test_a_plan_is_changed_at_home_only(theirs: Theirs, workspace: Workspace) -> None:
    runtime.run(workspace.ctx, set_plan, "enterprise")
    assert runtime.run(theirs[0].ctx, get_shell).plan_name == "trial"


def test_a_job_is_worked_on_at_home_only(
    other_workspace: Workspace, workspace: Workspace, stored: StoredOf
) -> None:
    job_id = waiting(other_workspace)
    assert runtime.run(workspace.ctx, lifecycle.claim, Claim(job_id)) is None
    lease = claimed(other_workspace, job_id)
    assert lease.connection_id is not None
    before = _whole(stored(other_workspace))
    stolen: list[tuple[Any, Any]] = [
        (lifecycle.renew, lease),
        (lifecycle.enter_phase, (lease, Phase("Charges", 1, 1))),
        (lifecycle.complete, lease),
        (lifecycle.cancel, lease),
        (lifecycle.fail, (lease, Failure("x", "y", again=False))),
    ]
    for use_case, command in stolen:
        with pytest.raises(LeaseLostError):
            runtime.run(workspace.ctx, use_case, command)
    target = Target(lease.connection_id, "stripe", lease)
    # The foreign key of the row to its connection speaks before the fence does.
    with pytest.raises(Exception, match=r"went wrong|taken this job over"):
        runtime.run(workspace.ctx, store_page, StorePage(target, page("ch_1")))
    assert _whole(stored(other_workspace)) == before
    assert stored(workspace).one("SELECT count(*) FROM payments WHERE tenant_id = :tenant") == 0


def test_a_job_for_a_connection_next_door_cannot_be_made(
    theirs: Theirs, workspace: Workspace
) -> None:
    with pytest.raises(Exception, match="went wrong"):
        runtime.run(workspace.ctx, enqueue, Enqueue("sync", "sync", theirs[1]))


def test_an_audit_event_cannot_be_left_next_door(
    workspace: Workspace, other_workspace: Workspace
) -> None:
    foreign = Context("c" * 8, "web", other_workspace.ctx.tenant, Actor(None, "x"))

    def write(session: Session, ctx: Context, command: None) -> None:
        record(session, foreign, Event("auth", "user_login"))

    with pytest.raises(Exception, match="went wrong"):
        runtime.run(workspace.ctx, write)


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_every_table_hides_their_rows_and_refuses_ours_in_their_name(
    theirs: Theirs, workspace: Workspace, table: str
) -> None:
    """The policy itself, without the help of any service."""
    them = theirs[0].ctx.tenant

    def touch(session: Session, ctx: Context, command: None) -> None:
        assert (
            session.scalar(
                text(f"SELECT count(*) FROM {table} WHERE tenant_id = :them"), {"them": them}
            )
            == 0
        )
        if table not in ("audit_events", "audit_seals", "audit_leaves"):
            for change in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
                done: Any = session.execute(text(f"{change} WHERE tenant_id = :them"),
                                            {"them": them})  # fmt: skip
                assert done.rowcount == 0
        with pytest.raises(DBAPIError, match="row-level security policy"):
            session.execute(text(f"INSERT INTO {table} (tenant_id) VALUES (:t)"), {"t": them})
        session.rollback()

    runtime.run(workspace.ctx, touch)


@pytest.mark.parametrize(
    ("child", "column", "parent"),
    sorted(
        (table.name, column, parent.name)
        for table in metadata.sorted_tables
        for key in table.foreign_key_constraints
        if (parent := key.referred_table).name not in GLOBAL_TABLES
        for column in key.column_keys[1:]
    ),
)
def test_no_row_refers_to_a_row_next_door(
    theirs: Theirs, other_workspace: Workspace, sandbox: Sandbox, admin_engine: Engine,
    child: str, column: str, parent: str,
) -> None:  # fmt: skip
    """Foreign keys do not ask row-level security, so they name the tenant themselves."""
    ours, them = other_workspace.ctx.tenant, theirs[0].ctx.tenant
    with admin_engine.connect() as connection:
        if child != parent:
            _borrow(connection, child, them, ours, column)
        foreign = connection.scalar(
            text(f"SELECT id FROM {parent} WHERE tenant_id = :them LIMIT 1"), {"them": them}
        )
        if foreign is None:
            foreign = uuid4()  # nobody has such rows yet: any other id must be refused too
        if connection.scalar(text(f"SELECT count(*) FROM {child} WHERE tenant_id = :ours"),
                             {"ours": ours}) == 0:  # fmt: skip
            pytest.skip(f"no rows of {child} yet: their connector is still to come")
        with pytest.raises(IntegrityError, match="foreign key"):
            connection.execute(
                text(f"UPDATE {child} SET {column} = :foreign WHERE tenant_id = :ours"),
                {"foreign": foreign, "ours": ours},
            )
        connection.rollback()


def _borrow(connection: Any, child: str, them: UUID, ours: UUID, column: str) -> None:
    """Copy one row of theirs into our workspace, its references left out while it is copied."""
    table = metadata.tables[child]
    kept = [c.name for c in table.columns
            if c.computed is None and c.name not in ("tenant_id", "id")]  # fmt: skip
    listed = ", ".join(kept)
    connection.execute(text("SET LOCAL session_replication_role = replica"))
    connection.execute(
        text(f"INSERT INTO {child} (tenant_id, {listed}) SELECT :ours, {listed} FROM {child}"
             " WHERE tenant_id = :them LIMIT 1"),
        {"ours": ours, "them": them},
    )  # fmt: skip
    connection.execute(text("SET LOCAL session_replication_role = origin"))


def test_without_a_workspace_nothing_is_seen(theirs: Theirs) -> None:
    with runtime.engine().connect() as connection:
        for table in TENANT_TABLES:
            assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == 0, table
    with Session(runtime.engine()) as session:
        bind_tenant(session, None, None)
        for table in TENANT_TABLES:
            assert session.scalar(text(f"SELECT count(*) FROM {table}")) == 0, table


def test_a_made_up_workspace_sees_nothing(theirs: Theirs) -> None:
    ctx = Context("c" * 8, "web", uuid4(), permissions=frozenset({"tables.view"}))
    assert runtime.run(ctx, list_rows, TableQuery("payments")).rows == ()


def test_a_person_sees_only_their_own_memberships_elsewhere(
    workspace: Workspace, other_workspace: Workspace
) -> None:
    def seen(session: Session, ctx: Context, command: None) -> set[UUID]:
        return set(session.scalars(text("SELECT tenant_id FROM memberships")))

    assert runtime.run(workspace.ctx, seen) == {workspace.ctx.tenant}
    nobody = Context("c" * 8, "web", actor=workspace.ctx.actor)
    assert runtime.run(nobody, seen) == {workspace.ctx.tenant}


def test_the_workspace_does_not_stay_in_the_pool(
    workspace: Workspace, other_workspace: Workspace, settings: Settings
) -> None:
    """Several hundred transactions of two workspaces and of nobody through two connections."""
    engine = make_engine(settings.database_url.get_secret_value(), pool_size=1)
    tenants = (workspace.ctx.tenant, other_workspace.ctx.tenant, None)

    def transactions(seed: int) -> int:
        chance, wrong = random.Random(seed), 0
        for _ in range(100):
            tenant = chance.choice(tenants)
            wrong += _seen(engine, tenant, chance.choice(("commit", "roll back", "fail"))) != (
                {tenant} - {None}
            )
        return wrong

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(transactions, range(6))) == 0
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM memberships")) == 0
    engine.dispose()


def _seen(engine: Engine, tenant: UUID | None, ending: str) -> set[UUID]:
    with Session(engine) as session:
        if tenant is not None:
            bind_tenant(session, tenant, None)
        seen = set(session.scalars(text("SELECT tenant_id FROM tenant_configs")))
        if ending == "commit":
            session.commit()
            seen |= set(session.scalars(text("SELECT tenant_id FROM tenant_configs")))
        elif ending == "fail":
            with pytest.raises(DBAPIError):
                session.execute(text("SELECT 1 / 0"))
    return seen


def _whole(of: Stored) -> Any:
    """Everything of a workspace that a service could change, but for reads of its own."""
    rows = {
        table: of.rows(f"SELECT id, ctid::text, xmin::text FROM {table} WHERE tenant_id = :tenant"
                       " ORDER BY id")
        for table in TENANT_TABLES
    }  # fmt: skip
    return rows | {"outbox": of.rows("SELECT job_id FROM outbox WHERE tenant_id = :tenant")}
