"""The audit log sealed: batches chained and signed, what waits for them, who they are sent to."""

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0005"

APP = "ecomops_app"
SEALED = ("audit_seals", "audit_leaves")
TENANT = (*SEALED, "audit_streams")
INDEXES = ("category", "action", "actor", "correlation", "resource_type", "resource", "status")
REMOVE = "remove_audit_payloads(integer)"
TENANT_IS_CURRENT = (
    "tenant_id = (SELECT nullif(current_setting('app.current_tenant_id', true), '')::uuid)"
)
BACK = """
DELETE FROM due_times WHERE kind = 'audit_stream';
ALTER TABLE due_times DROP CONSTRAINT ck_due_times_kind;
ALTER TABLE due_times ADD CONSTRAINT ck_due_times_kind
    CHECK (kind IN ('sync', 'health', 'completeness'));
ALTER TABLE audit_events DROP COLUMN salt, ALTER COLUMN payload SET NOT NULL,
    ALTER COLUMN tenant_id RESET (n_distinct);
CREATE INDEX ix_audit_events_correlation ON audit_events (tenant_id, correlation_id, occurred_at);
CREATE INDEX ix_audit_events_resource
    ON audit_events (tenant_id, resource_type, resource_id, occurred_at);
CREATE INDEX ix_audit_events_xid ON audit_events (tenant_id, xid);
ALTER TABLE tenant_configs DROP COLUMN audit_payload_days;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_events
FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text())
    op.execute(f"GRANT SELECT, INSERT, DELETE ON seal_queue TO {APP}")
    for table in SEALED:
        _secure(table, "SELECT, INSERT")
        _make_append_only(table)
    _secure("audit_streams", "SELECT, INSERT, UPDATE, DELETE")
    for table in ("audit_events", *SEALED):
        # Never one row, whatever the number of workspaces: as for the canonical tables.
        op.execute(f"ALTER TABLE {table} ALTER COLUMN tenant_id SET (n_distinct = 5)")
    op.execute(f"REVOKE ALL ON FUNCTION {REMOVE} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {REMOVE} TO {APP}")


def _secure(table: str, rights: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY tenant ON {table}"
        f" USING ({TENANT_IS_CURRENT}) WITH CHECK ({TENANT_IS_CURRENT})"
    )
    op.execute(f"GRANT {rights} ON {table} TO {APP}")


def _make_append_only(table: str) -> None:
    for name, when in (
        ("append_only", "UPDATE OR DELETE ON {} FOR EACH ROW"),
        ("append_only_truncate", "TRUNCATE ON {} FOR EACH STATEMENT"),
    ):
        trigger = f"CREATE TRIGGER {name} BEFORE {when.format(table)}"
        op.execute(f"{trigger} EXECUTE FUNCTION refuse_change()")


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {REMOVE}")
    for trigger in ("append_only", "append_only_update", "queue_for_sealing"):
        op.execute(f"DROP TRIGGER {trigger} ON audit_events")
    for function in ("refuse_change_but_removal", "queue_for_sealing"):
        op.execute(f"DROP FUNCTION {function}()")
    for table in (*reversed(TENANT), "seal_queue"):
        op.execute(f"DROP TABLE {table}")
    for name in INDEXES:
        op.execute(f"DROP INDEX ix_audit_events_{name}")
    op.execute(BACK)
