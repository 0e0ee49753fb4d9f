"""Canonical tables: what the providers said."""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"

APP = "ecomops_app"
TABLES = (
    "orders", "payments", "refunds", "payouts",
    "disputes", "payout_lines", "fees", "netsuite_transactions",
)  # fmt: skip
TENANT_IS_CURRENT = (
    "tenant_id = (SELECT nullif(current_setting('app.current_tenant_id', true), '')::uuid)"
)


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text())
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table}"
            f" USING ({TENANT_IS_CURRENT}) WITH CHECK ({TENANT_IS_CURRENT})"
        )
        # MAINTAIN lets a sync refresh the planner's statistics after it has filled a table.
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE, MAINTAIN ON {table} TO {APP}")
        # No tenant is typical: a new one is none of the known values, and must not be taken for
        # a handful of rows. A fifth of the table is never far wrong in a way that hurts.
        op.execute(f"ALTER TABLE {table} ALTER COLUMN tenant_id SET (n_distinct = 5)")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table} CASCADE")
