"""Failed sign-ins, counted by keyed hashes."""

from alembic import op

revision = "0003"
down_revision = "0002"

TABLE = """
CREATE TABLE sign_in_failures (
    key_hash BYTEA NOT NULL,
    failures INTEGER NOT NULL,
    since TIMESTAMP WITH TIME ZONE NOT NULL,
    locked_until TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_sign_in_failures PRIMARY KEY (key_hash)
)
"""


def upgrade() -> None:
    op.execute(TABLE)
    op.execute("CREATE INDEX ix_sign_in_failures_since ON sign_in_failures (since)")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_failures TO ecomops_app")


def downgrade() -> None:
    op.execute("DROP TABLE sign_in_failures")
