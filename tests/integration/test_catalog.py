"""The database as it is, beside what the design says of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from ecomops import runtime
from ecomops.domains.audit.sealing import seal_batch
from ecomops.domains.identity.schemas import Resolve
from ecomops.domains.identity.service import resolve
from ecomops.kit.settings import Settings
from ecomops.local.postgres import EmbeddedPostgres
from ecomops.local.redis_server import EmbeddedRedis
from ecomops.models import GLOBAL_TABLES, metadata
from ecomops.models.drift import security_drift
from ecomops.models.row_security import Policy, policies_of
from ecomops.runtime import lookups
from ecomops.runtime.roles import RoleTooStrongError
from tests.conftest import Workspace, anonymous
from tests.integration.databases import alembic, differences, throw_away

TENANT_TABLES = sorted(set(metadata.tables) - GLOBAL_TABLES)
CANONICAL = sorted(name for name, table in metadata.tables.items() if "dedupe_key" in table.c)


@pytest.fixture
def ask(admin_engine: Engine) -> Iterator[Any]:
    """Rows of a catalog query."""
    with admin_engine.connect() as connection:
        yield lambda query, **values: connection.execute(text(query), values).all()


def test_the_only_tables_without_a_tenant_are_the_listed_ones(ask: Any) -> None:
    tables = ask(
        "SELECT c.relname, EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid"
        " AND a.attname = 'tenant_id' AND a.attnotnull) AND c.relrowsecurity"
        " FROM pg_class c WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
    )
    assert {name for name, of_tenant in tables if not of_tenant} == GLOBAL_TABLES
    assert {name for name, of_tenant in tables if of_tenant} == set(TENANT_TABLES)
    assert len(TENANT_TABLES) >= 15


def test_nothing_else_lies_in_the_schema(ask: Any) -> None:
    kinds = ask(
        "SELECT relname, relkind::text FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind NOT IN ('r', 'p', 'i')"
    )
    assert kinds == []
    functions = ask(
        "SELECT proname, prosecdef FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
    )
    assert dict(map(tuple, functions)) == {
        "refuse_change": False,
        "refuse_change_but_removal": False,
        "queue_for_sealing": False,
        "remove_audit_payloads": True,
    }


def test_what_runs_as_the_owner_is_for_the_application_and_held_to_its_workspace(ask: Any) -> None:
    (function,) = ask(
        "SELECT proowner::regrole::text, proconfig::text, array_agg(a.grantee::regrole::text"
        " ORDER BY a.grantee::regrole::text) FROM pg_proc, aclexplode(proacl) a WHERE prosecdef"
        " AND pronamespace = 'public'::regnamespace GROUP BY 1, 2"
    )
    assert tuple(function) == (
        "ecomops_owner",
        '{"search_path=pg_catalog, public, pg_temp"}',
        ["ecomops_app", "ecomops_owner"],
    )


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_the_key_of_a_tenant_table_is_tenant_and_id(ask: Any, table: str) -> None:
    key = ask(
        "SELECT a.attname FROM pg_index i, unnest(i.indkey) WITH ORDINALITY k (n, place)"
        " JOIN pg_attribute a ON a.attnum = k.n"
        " WHERE i.indrelid = cast(:table AS regclass) AND a.attrelid = i.indrelid"
        " AND i.indisprimary ORDER BY place",
        table=table,
    )
    assert [name for (name,) in key] == ["tenant_id", "id"]


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_every_unique_index_starts_with_the_tenant(ask: Any, table: str) -> None:
    first = ask(
        "SELECT i.indexrelid::regclass::text, a.attname FROM pg_index i JOIN pg_attribute a"
        " ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]"
        " WHERE i.indrelid = cast(:table AS regclass) AND i.indisunique",
        table=table,
    )
    assert first
    assert {column for _, column in first} == {"tenant_id"}, first


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_a_reference_to_a_tenant_table_names_the_tenant_first(ask: Any, table: str) -> None:
    references = ask(
        "SELECT c.conname, c.confrelid::regclass::text,"
        " (SELECT array_agg(a.attname::text ORDER BY place)"
        "  FROM unnest(c.conkey) WITH ORDINALITY k (n, place)"
        "  JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.n),"
        " (SELECT array_agg(a.attname::text ORDER BY place)"
        "  FROM unnest(c.confkey) WITH ORDINALITY k (n, place)"
        "  JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.n)"
        " FROM pg_constraint c WHERE c.contype = 'f' AND c.conrelid = cast(:table AS regclass)",
        table=table,
    )
    assert references, f"{table} refers to nothing, not even to its tenant"
    for name, parent, ours, theirs in references:
        if parent in GLOBAL_TABLES:
            assert len(ours) == 1, name
        else:
            assert (ours[0], theirs) == ("tenant_id", ["tenant_id", "id"]), name


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_row_level_security_is_on_forced_and_as_the_models_say(ask: Any, table: str) -> None:
    on = ask(
        "SELECT relrowsecurity, relforcerowsecurity FROM pg_class"
        " WHERE oid = cast(:table AS regclass)",
        table=table,
    )
    assert [tuple(row) for row in on] == [(True, True)]
    found = ask(
        "SELECT policyname, cmd, qual, with_check, permissive, roles::text FROM pg_policies"
        " WHERE tablename = :table",
        table=table,
    )
    policies = {
        Policy(name, command, " ".join(using.split()), " ".join(check.split()) if check else None)
        for name, command, using, check, _, _ in found
    }
    assert policies == set(policies_of(table))
    assert {(permissive, roles) for *_, permissive, roles in found} == {("PERMISSIVE", "{public}")}
    assert any(policy.check for policy in policies)


def test_every_policy_compares_the_tenant_with_a_stable_setting(ask: Any) -> None:
    for table in TENANT_TABLES:
        for policy in policies_of(table):
            assert "current_setting('app.current_" in policy.using
            assert policy.using.count("SELECT") == 1, "evaluated once, or indexes go unused"


def test_the_app_role_is_weak(ask: Any) -> None:
    (role,) = ask(
        "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication, rolcanlogin"
        " FROM pg_roles WHERE rolname = 'ecomops_app'"
    )
    assert tuple(role) == (False, False, False, False, False, True)
    assert ask("SELECT 1 FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member"
               " WHERE r.rolname = 'ecomops_app'") == []  # fmt: skip
    owned = ask(
        "SELECT relname FROM pg_class WHERE relowner = 'ecomops_app'::regrole"
        " AND relpersistence <> 't'"  # the staging tables of a sync last as long as a connection
        " UNION ALL SELECT nspname FROM pg_namespace WHERE nspowner = 'ecomops_app'::regrole"
    )
    assert owned == []
    (create,) = ask("SELECT has_schema_privilege('ecomops_app', 'public', 'CREATE')")
    assert create == (False,)


def test_the_app_role_is_granted_what_it_needs_and_no_more(ask: Any) -> None:
    found = ask(
        "SELECT c.relname, string_agg(DISTINCT a.privilege_type, ' ' ORDER BY a.privilege_type)"
        " FROM pg_class c, aclexplode(c.relacl) a WHERE a.grantee = 'ecomops_app'::regrole"
        " AND c.relnamespace = 'public'::regnamespace GROUP BY 1"
    )
    everything = "DELETE INSERT SELECT UPDATE"
    wanted = dict.fromkeys(metadata.tables, everything)
    wanted |= dict.fromkeys(CANONICAL, "DELETE INSERT MAINTAIN SELECT UPDATE")
    wanted |= {"audit_events": "SELECT", "alembic_version": "SELECT"}
    wanted |= dict.fromkeys(("audit_seals", "audit_leaves"), "INSERT SELECT")
    wanted |= {"seal_queue": "DELETE INSERT SELECT"}
    assert dict(map(tuple, found)) == wanted
    assert (
        ask(
            "SELECT c.relname FROM pg_class c, aclexplode(c.relacl) a WHERE a.grantee = 0"
            " AND c.relnamespace = 'public'::regnamespace"
        )
        == []
    ), "nothing is for PUBLIC"


def test_an_audit_event_is_inserted_without_choosing_its_time(ask: Any) -> None:
    columns = ask(
        "SELECT a.attname, string_agg(p.privilege_type, ' ') FROM pg_attribute a,"
        " aclexplode(a.attacl) p WHERE a.attrelid = 'audit_events'::regclass"
        " AND p.grantee = 'ecomops_app'::regrole GROUP BY 1"
    )
    ours = set(metadata.tables["audit_events"].c.keys()) - {"occurred_at", "xid", "salt"}
    assert dict(map(tuple, columns)) == dict.fromkeys(ours, "INSERT")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_events SET actor = 'nobody'",
        "UPDATE audit_events SET payload = NULL, address = '', salt = NULL",
        "DELETE FROM audit_events",
        "TRUNCATE audit_events CASCADE",
        "TRUNCATE tenants CASCADE",
    ],
)
def test_audit_events_are_append_only(
    workspace: Workspace, owner_engine: Engine, statement: str
) -> None:
    tenant = str(workspace.ctx.tenant)
    for engine in (runtime.engine(), owner_engine):
        with engine.connect() as connection:
            connection.execute(text("SELECT set_config('app.current_tenant_id', :t, true)"),
                               {"t": tenant})  # fmt: skip
            assert connection.scalar(text("SELECT count(*) FROM audit_events")) == 1
            with pytest.raises(ProgrammingError, match=r"append-only|permission denied"):
                connection.execute(text(statement))


@pytest.mark.parametrize("table", ["audit_seals", "audit_leaves"])
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
def test_seals_and_leaves_are_append_only(
    workspace: Workspace, owner_engine: Engine, table: str, statement: str
) -> None:
    assert runtime.run(workspace.ctx, seal_batch) == 1
    tenant = {"t": str(workspace.ctx.tenant)}
    for engine in (runtime.engine(), owner_engine):
        with engine.connect() as connection:
            connection.execute(text("SELECT set_config('app.current_tenant_id', :t, true)"), tenant)
            assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == 1
            with pytest.raises(ProgrammingError, match=r"append-only|permission denied"):
                connection.execute(text(statement.format(table)))


def test_not_even_the_owner_turns_the_trigger_off_unseen(owner_engine: Engine) -> None:
    with owner_engine.connect() as connection:
        triggers = connection.execute(
            text(
                "SELECT tgname, tgenabled::text FROM pg_trigger"
                " WHERE tgrelid = 'audit_events'::regclass AND NOT tgisinternal ORDER BY 1"
            )
        ).all()
    assert [tuple(row) for row in triggers] == [
        ("append_only", "O"),
        ("append_only_truncate", "O"),
        ("append_only_update", "O"),
        ("queue_for_sealing", "O"),
    ]


Servers = tuple[EmbeddedPostgres, EmbeddedRedis]


@pytest.fixture
def scratch(servers: Servers, settings: Settings) -> Iterator[str]:
    """A migrated database that may be ruined, as its owner."""
    with throw_away(servers[0]) as url:
        alembic(url, "upgrade", "head")
        yield url


def test_models_and_migrations_are_equal(scratch: str) -> None:
    assert differences(scratch) == ""


def test_the_way_back_and_forth(scratch: str) -> None:
    alembic(scratch, "downgrade", "base")
    with psycopg.connect(scratch) as connection:
        left = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'p') UNION ALL SELECT proname FROM pg_proc"
            " WHERE pronamespace = 'public'::regnamespace"
        ).fetchall()
    assert left == [("alembic_version",)]
    alembic(scratch, "upgrade", "head")
    assert differences(scratch) == ""


def test_events_of_before_wait_for_their_seal_too(scratch: str) -> None:
    alembic(scratch, "downgrade", "0004")
    with psycopg.connect(scratch) as connection:
        for number in (1, 2):
            tenant = str(UUID(int=number))
            connection.execute("INSERT INTO tenants (id, slug, name, plan) VALUES (%s, %s, '', "
                               "'pro')", [tenant, f"w{number}"])  # fmt: skip
            connection.execute("SELECT set_config('app.current_tenant_id', %s, true)", [tenant])
            connection.execute(
                "INSERT INTO audit_events (tenant_id, category, action, actor, channel,"
                " resource_type, resource_id, status, correlation_id, address, payload)"
                " SELECT %s, 'job', 'x', '', '', '', '', 'success', '', '', '{}'"
                " FROM generate_series(1, %s)",
                [tenant, number],
            )
    alembic(scratch, "upgrade", "head")
    with psycopg.connect(scratch) as connection:
        waiting = connection.execute("SELECT tenant_id, count(*) FROM seal_queue GROUP BY 1"
                                     " ORDER BY 1").fetchall()  # fmt: skip
    assert waiting == [(UUID(int=1), 1), (UUID(int=2), 2)]


@pytest.mark.parametrize(
    "change",
    [
        "DROP POLICY tenant ON payments",
        "ALTER POLICY tenant ON payments USING (true)",
        "ALTER POLICY tenant ON payments WITH CHECK (true)",
        "ALTER POLICY tenant ON payments TO ecomops_owner",
        "CREATE POLICY everybody ON payments USING (true)",
        "ALTER TABLE payments DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE payments NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE users ENABLE ROW LEVEL SECURITY",
        "DROP POLICY own_rows ON memberships",
        "ALTER TABLE payments DROP COLUMN gateway",
        "ALTER TABLE payments ADD COLUMN gross bigint",
        "ALTER TABLE payments ALTER COLUMN amount TYPE numeric",
        "DROP INDEX ix_payments_created_at",
    ],
)
def test_alembic_check_sees_when_they_differ(scratch: str, change: str) -> None:
    with psycopg.connect(scratch, autocommit=True) as connection:
        connection.execute(change)
    assert differences(scratch) != ""


def test_the_running_database_is_as_the_models_say(owner_engine: Engine) -> None:
    with owner_engine.connect() as connection:
        assert security_drift(connection) == []


@pytest.mark.parametrize(
    ("attribute", "reason"),
    [
        ("SUPERUSER", "is a superuser"),
        ("BYPASSRLS", "may bypass row-level security"),
        ("IN ROLE ecomops_owner", "owns tables"),
        ("IN ROLE postgres", "is a superuser"),
    ],
)
def test_the_app_does_not_start_as_a_stronger_role(
    servers: Servers, settings: Settings, attribute: str, reason: str
) -> None:
    role = f"strong_{attribute.replace(' ', '_').lower()}"
    with psycopg.connect(servers[0].admin_url, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'x' {attribute}")
        admin.execute(f"GRANT CONNECT ON DATABASE ecomops TO {role}")
    try:
        url = servers[0].url(role, "x", "ecomops")
        stronger = settings.model_copy(update={"database_url": type(settings.database_url)(url)})
        with pytest.raises(RoleTooStrongError, match=reason):
            runtime.start(stronger)
        with pytest.raises(RuntimeError, match="has not been called"):
            runtime.engine()
    finally:
        runtime.start(settings)
        with psycopg.connect(servers[0].admin_url, autocommit=True) as admin:
            admin.execute(f"REVOKE CONNECT ON DATABASE ecomops FROM {role}")
            admin.execute(f"DROP ROLE {role}")


def test_nothing_is_looked_up_as_a_stronger_role(settings: Settings) -> None:
    """Those connections are of their own making, and asked by themselves."""

    def look_up_as_the_owner() -> None:
        lookups.start(settings.database_owner_url.get_secret_value(), pool_size=1)
        runtime.look_up(anonymous(), resolve, Resolve(token=SecretStr("nobody's")))

    try:
        with pytest.raises(RoleTooStrongError, match="owns tables"):
            look_up_as_the_owner()
    finally:
        runtime.start(settings)


def test_nobody_but_our_roles_connects_to_the_database(settings: Settings) -> None:
    with psycopg.connect(settings.database_url.get_secret_value()) as connection:
        row = connection.execute(
            "SELECT has_database_privilege('public', current_database(), 'CONNECT'),"
            " has_database_privilege('public', current_database(), 'TEMPORARY')"
        ).fetchone()
    assert row == (False, False)


def test_the_app_starts_before_its_database_and_checks_it_later(settings: Settings) -> None:
    nowhere = type(settings.database_url)("postgresql://ecomops_app:x@127.0.0.1:9/ecomops")
    try:
        runtime.start(settings.model_copy(update={"database_url": nowhere}))
        assert runtime.engine() is not None
    finally:
        runtime.start(settings)
