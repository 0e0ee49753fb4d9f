"""People who are invited, their one-time links, and what a workspace may choose."""

from pathlib import Path

from alembic import op

revision = "0008"
down_revision = "0007"

APP = "ecomops_app"
TENANT_IS_CURRENT = (
    "tenant_id = (SELECT nullif(current_setting('app.current_tenant_id', true), '')::uuid)"
)


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text())
    op.execute("ALTER TABLE invitations ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE invitations FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY tenant ON invitations"
        f" USING ({TENANT_IS_CURRENT}) WITH CHECK ({TENANT_IS_CURRENT})"
    )
    for table in ("invitations", "one_time_links"):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {APP}")


def downgrade() -> None:
    op.execute("DROP TABLE one_time_links")
    op.execute("DROP TABLE invitations")
    op.execute("ALTER TABLE memberships DROP COLUMN last_seen_at")
    op.execute("ALTER TABLE tenant_configs DROP COLUMN fiscal_year_start")
