"""What the table explorer filters, sorts and searches by, and the views that people keep."""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"

APP = "ecomops_app"
TENANT = ("saved_views", "default_views")
TABLES = (
    "orders", "payments", "refunds", "payouts",
    "disputes", "payout_lines", "fees", "netsuite_transactions",
)  # fmt: skip
OF_EACH_TABLE = ("connection", "currency")
INDEXES = (
    "ix_orders_customer_email",
    "ix_orders_order_number",
    "ix_payments_charge_ref",
    "ix_payments_customer_email",
    "ix_refunds_order_ref",
    "ix_refunds_payment_ref",
    "ix_payouts_trace_id",
    "ix_disputes_payment_ref",
    "ix_payout_lines_order_ref",
    "ix_payout_lines_unpaid",
    "ix_netsuite_transactions_tran_date",
    "ix_netsuite_transactions_tran_id",
)
TENANT_IS_CURRENT = (
    "tenant_id = (SELECT nullif(current_setting('app.current_tenant_id', true), '')::uuid)"
)
INTERNAL_AS_BEFORE = (
    "CREATE INDEX ix_netsuite_transactions_internal"
    " ON netsuite_transactions (tenant_id, connection_id, internal_id)"
)


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text())
    for table in TENANT:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table}"
            f" USING ({TENANT_IS_CURRENT}) WITH CHECK ({TENANT_IS_CURRENT})"
        )
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {APP}")


def downgrade() -> None:
    op.execute("DROP INDEX ix_netsuite_transactions_internal")
    op.execute(INTERNAL_AS_BEFORE)
    for index in (*INDEXES, *(f"ix_{table}_{what}" for table in TABLES for what in OF_EACH_TABLE)):
        op.execute(f"DROP INDEX {index}")
    for table in reversed(TENANT):
        op.execute(f"DROP TABLE {table}")
