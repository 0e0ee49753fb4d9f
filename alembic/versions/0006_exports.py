"""Files that are prepared in the background and kept for a while."""

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"

APP = "ecomops_app"
TENANT_IS_CURRENT = (
    "tenant_id = (SELECT nullif(current_setting('app.current_tenant_id', true), '')::uuid)"
)


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text())
    op.execute("ALTER TABLE exports ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE exports FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON exports"
        f" USING ({TENANT_IS_CURRENT}) WITH CHECK ({TENANT_IS_CURRENT})"
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON exports TO {APP}")


def downgrade() -> None:
    op.execute("DROP TABLE exports")
