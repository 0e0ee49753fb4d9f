"""What an order's total holds for customs, which only its payload told until now."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    # The next sync finds the amounts: an order with another content is stored anew.
    op.execute("ALTER TABLE orders ADD COLUMN duties BIGINT DEFAULT 0 NOT NULL")
    op.execute("ALTER TABLE orders ALTER COLUMN duties DROP DEFAULT")


def downgrade() -> None:
    op.execute("ALTER TABLE orders DROP COLUMN duties")
