"""System tables: workspaces, people, sessions, connections, jobs, rejects, audit."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None

APP = "ecomops_app"
GLOBAL = ("tenants", "users", "sessions", "outbox")
TENANT = (
    "tenant_configs", "memberships", "connections", "cursor_states",
    "jobs", "ingest_rejects", "audit_events",
)  # fmt: skip

TENANT_IS_CURRENT = (
    "tenant_id = (SELECT nullif(current_setting('app.current_tenant_id', true), '')::uuid)"
)
PERSON_IS_CURRENT = (
    "user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid)"
)

REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit events are append-only' USING ERRCODE = 'insufficient_privilege';
END $$
"""
NO_ROW_CHANGES = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_events
FOR EACH ROW EXECUTE FUNCTION refuse_change()
"""
NO_TRUNCATE = """
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON audit_events
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""
AUDIT_INSERT = (
    "tenant_id, id, category, action, actor_id, actor, channel, resource_type, resource_id,"
    " status, correlation_id, address, payload"
)


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text())
    for table in GLOBAL:
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {APP}")
    # /readyz compares it with the newest migration of the code.
    op.execute(f"GRANT SELECT ON alembic_version TO {APP}")
    for table in TENANT:
        _secure(table)
    op.execute(f"CREATE POLICY own_rows ON memberships FOR SELECT USING ({PERSON_IS_CURRENT})")
    _make_audit_append_only()


def _secure(table: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY tenant ON {table}"
        f" USING ({TENANT_IS_CURRENT}) WITH CHECK ({TENANT_IS_CURRENT})"
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {APP}")


def _make_audit_append_only() -> None:
    """By grant and by trigger; time and transaction id cannot be chosen by the application."""
    op.execute(f"REVOKE ALL ON audit_events FROM {APP}")
    op.execute(f"GRANT SELECT, INSERT ({AUDIT_INSERT}) ON audit_events TO {APP}")
    for statement in (REFUSE_CHANGE, NO_ROW_CHANGES, NO_TRUNCATE):
        op.execute(statement)


def downgrade() -> None:
    for table in (*reversed(TENANT), "outbox", "sessions", "users", "tenants"):
        op.execute(f"DROP TABLE {table} CASCADE")
    op.execute("DROP FUNCTION refuse_change()")
