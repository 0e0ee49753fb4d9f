"""What all tables share: naming, keys, column kinds."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from ecomops.kit.ids import new_id

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

UTC_TIME = DateTime(timezone=True)
GLOBAL_TABLES = frozenset(
    {
        "tenants",
        "users",
        "sessions",
        "sign_in_failures",
        "one_time_links",
        "outbox",
        "due_times",
        "seal_queue",
        "webhook_routes",
        "alembic_version",
    }
)
"""The only tables without a tenant: ids, times and hashes, and who a person is."""


def tenant_key() -> Any:
    return Field(primary_key=True, nullable=False)


def row_key() -> Any:
    return Field(
        default_factory=new_id,
        primary_key=True,
        sa_column_kwargs={"server_default": text("uuidv7()")},
    )


def utc(**kwargs: Any) -> Any:
    """A timestamp column in UTC."""
    return Field(sa_type=UTC_TIME, **kwargs)


def utc_now(**kwargs: Any) -> Any:
    """A timestamp column in UTC that the database fills in when the row is made."""
    return Field(default=None, sa_type=UTC_TIME, sa_column_kwargs={"server_default": text("now()")},
                 nullable=False, **kwargs)  # fmt: skip


def counter() -> Any:
    return Field(default=0, sa_column_kwargs={"server_default": text("0")})


def document(**kwargs: Any) -> Any:
    return Field(default_factory=dict, sa_type=JSONB, nullable=False, **kwargs)


def to_parent(column: str, parent: str) -> ForeignKeyConstraint:
    """A reference that cannot leave the tenant."""
    return ForeignKeyConstraint(["tenant_id", column], [f"{parent}.tenant_id", f"{parent}.id"])


def to_tenant() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant_id"], ["tenants.id"])


def one_of(column: str, *words: str) -> CheckConstraint:
    """Text limited to a set of words."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def per_tenant(name: str, *columns: Any, unique: bool = False, where: str = "") -> Index:
    """An index that starts with the tenant; ``where`` makes it partial."""
    condition = text(where) if where else None
    return Index(name, "tenant_id", *columns, unique=unique, postgresql_where=condition)


class TenantRow(SQLModel):
    """Key of every tenant table: (tenant_id, id)."""

    tenant_id: UUID = tenant_key()
    id: UUID = row_key()


__all__ = ["GLOBAL_TABLES", "UTC_TIME", "SQLModel", "TenantRow", "datetime"]
