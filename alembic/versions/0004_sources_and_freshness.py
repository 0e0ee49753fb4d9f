"""Shopify and NetSuite beside Stripe, and what keeps their rows fresh."""

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"

APP = "ecomops_app"
GLOBAL = ("due_times", "webhook_routes")
LEDGER = ("gl_accounts", "subsidiaries", "accounting_periods", "ledger_segments")
TENANT = (*LEDGER, "schedules", "webhook_deliveries", "completeness_checks", "oauth_attempts")
ADDED = (
    ("orders", "presentment_amount"),
    ("orders", "presentment_currency"),
    ("payments", "presentment_amount"),
    ("payments", "presentment_currency"),
    ("refunds", "order_ref"),
    ("payout_lines", "order_ref"),
    ("connections", "settings"),
    ("connections", "detail"),
)
INDEXES = (
    "ix_netsuite_transactions_internal",
    "ix_payments_order",
    "ix_payments_unlinked",
    "uq_jobs_active_other",
)
TENANT_IS_CURRENT = (
    "tenant_id = (SELECT nullif(current_setting('app.current_tenant_id', true), '')::uuid)"
)


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text())
    for table in GLOBAL:
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {APP}")
    for table in TENANT:
        _secure(table)
    for table in LEDGER:
        # A sync refreshes the planner's statistics after it has filled a table.
        op.execute(f"GRANT MAINTAIN ON {table} TO {APP}")
        op.execute(f"ALTER TABLE {table} ALTER COLUMN tenant_id SET (n_distinct = 5)")


def _secure(table: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY tenant ON {table}"
        f" USING ({TENANT_IS_CURRENT}) WITH CHECK ({TENANT_IS_CURRENT})"
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {APP}")


def downgrade() -> None:
    for index in INDEXES:
        op.execute(f"DROP INDEX {index}")
    for table in (*reversed(TENANT), *GLOBAL):
        op.execute(f"DROP TABLE {table}")
    for table, column in ADDED:
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
