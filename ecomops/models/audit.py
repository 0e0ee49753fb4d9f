"""Who did what: written with the change, never altered."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.types import UserDefinedType
from sqlmodel import Field

from ecomops.models.base import TenantRow, document, one_of, per_tenant, to_tenant, utc_now

CATEGORIES = (
    "auth", "connection", "job", "table", "recon",
    "journal", "config", "billing", "entitlement", "security",
)  # fmt: skip


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id: tells which events no open transaction can precede."""

    cache_ok = True

    def get_col_spec(self, **_kw: Any) -> str:
        return "XID8"


class AuditEvent(TenantRow, table=True):
    """One event. The application may insert and read, nothing else; a trigger says so too."""

    __tablename__ = "audit_events"
    __table_args__ = (
        to_tenant(),
        per_tenant("ix_audit_events_occurred", "occurred_at", "id"),
        per_tenant("ix_audit_events_correlation", "correlation_id", "occurred_at"),
        per_tenant("ix_audit_events_resource", "resource_type", "resource_id", "occurred_at"),
        per_tenant("ix_audit_events_xid", "xid"),
        one_of("category", *CATEGORIES),
        one_of("status", "success", "error", "denied"),
    )

    occurred_at: datetime = utc_now()
    category: str
    action: str = Field(max_length=80)
    actor_id: UUID | None = None
    actor: str
    channel: str
    resource_type: str = ""
    resource_id: str = ""
    status: str
    correlation_id: str
    address: str = ""
    payload: dict[str, Any] = document()
    xid: int = Field(
        default=None,
        sa_type=Xid8,
        nullable=False,
        sa_column_kwargs={"server_default": text("pg_current_xact_id()")},
    )
