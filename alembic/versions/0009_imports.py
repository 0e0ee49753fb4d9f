"""Files that people bring: bank statements and payout reports."""

from pathlib import Path

from alembic import op

revision = "0009"
down_revision = "0008"

APP = "ecomops_app"
TABLES = ("bank_accounts", "imports", "bank_lines", "import_drafts", "import_mappings")
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
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {APP}")
    # An import refreshes the planner's statistics after it has filled the table.
    op.execute(f"GRANT MAINTAIN ON bank_lines TO {APP}")
    op.execute("ALTER TABLE bank_lines ALTER COLUMN tenant_id SET (n_distinct = 5)")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")
    op.execute("ALTER TABLE connections DROP CONSTRAINT ck_connections_environment")
    op.execute(
        "ALTER TABLE connections ADD CONSTRAINT ck_connections_environment"
        " CHECK (environment IN ('provider', 'sandbox')) NOT VALID"
    )
