"""Who did what: written with the change, never altered; and the seals that would show it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import UserDefinedType
from sqlmodel import Field, SQLModel

from ecomops.models.base import (
    TenantRow,
    counter,
    one_of,
    per_tenant,
    to_parent,
    to_tenant,
    utc,
    utc_now,
)

CATEGORIES = (
    "auth", "connection", "job", "table", "recon",
    "journal", "config", "billing", "entitlement", "security",
)  # fmt: skip
STATUSES = ("success", "error", "denied")
STREAM_STATUSES = ("active", "paused")


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id: tells which events were written together."""

    cache_ok = True

    def get_col_spec(self, **_kw: Any) -> str:
        return "XID8"


class AuditEvent(TenantRow, table=True):
    """One event. The application may insert and read, nothing else; a trigger says so too.

    Address, payload and salt go when the workspace's time for them is over; nothing else ever does.
    """

    __tablename__ = "audit_events"
    __table_args__ = (
        to_tenant(),
        per_tenant("ix_audit_events_occurred", "occurred_at", "id"),
        per_tenant("ix_audit_events_category", "category", "occurred_at", "id"),
        per_tenant("ix_audit_events_action", "action", "occurred_at", "id"),
        per_tenant("ix_audit_events_actor", "actor", "occurred_at", "id"),
        per_tenant("ix_audit_events_correlation", "correlation_id", "occurred_at", "id"),
        per_tenant("ix_audit_events_resource_type", "resource_type", "occurred_at", "id"),
        per_tenant("ix_audit_events_resource", "resource_id", "occurred_at", "id"),
        # Nearly all that happens succeeds: to find that, the log itself is walked.
        per_tenant("ix_audit_events_status", "status", "occurred_at", "id",
                   where="status <> 'success'"),
        one_of("category", *CATEGORIES),
        one_of("status", *STATUSES),
    )  # fmt: skip

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
    payload: dict[str, Any] | None = Field(default=None, sa_type=JSONB, nullable=True)
    xid: int = Field(
        default=None,
        sa_type=Xid8,
        nullable=False,
        sa_column_kwargs={"server_default": text("pg_current_xact_id()")},
    )
    salt: UUID | None = Field(
        default=None, nullable=True, sa_column_kwargs={"server_default": text("gen_random_uuid()")}
    )


class SealQueueEntry(SQLModel, table=True):
    """An event that waits for its seal; a trigger puts it here. Global: ids only."""

    __tablename__ = "seal_queue"

    tenant_id: UUID = Field(primary_key=True, nullable=False)
    event_id: UUID = Field(primary_key=True, nullable=False)


class AuditSeal(TenantRow, table=True):
    """A batch of events, sealed: chained to the one before by its hash, and signed. Append-only."""

    __tablename__ = "audit_seals"
    __table_args__ = (
        to_tenant(),
        per_tenant("uq_audit_seals_number", "number", unique=True),
    )

    number: int
    count: int
    total: int = Field(sa_type=BigInteger)
    root: bytes
    previous: bytes
    hash: bytes
    signature: bytes
    key_id: str
    sealed_at: datetime = utc()


class AuditLeaf(TenantRow, table=True):
    """Where an event, by its id, stands in the sealed log. Append-only.

    ``private_hash`` stands for address and payload, which may be removed.
    """

    __tablename__ = "audit_leaves"
    __table_args__ = (
        to_parent("id", "audit_events"),
        per_tenant("uq_audit_leaves_place", "batch", "position", unique=True),
    )

    batch: int
    position: int
    leaf_hash: bytes
    private_hash: bytes


class AuditStream(TenantRow, table=True):
    """Where a workspace's sealed events are sent to; one each.

    ``batch`` and ``position`` are of the next event to be sent. ``secret`` is ciphertext.
    """

    __tablename__ = "audit_streams"
    __table_args__ = (
        to_tenant(),
        per_tenant("uq_audit_streams_tenant", unique=True),
        one_of("status", *STREAM_STATUSES),
    )

    url: str = Field(max_length=2000)
    secret: bytes
    key_version: str
    status: str = "active"
    batch: int = 1
    position: int = counter()
    delivered: int = Field(default=0, sa_type=BigInteger)
    failures: int = counter()
    last_error: str | None = None
    last_tried_at: datetime | None = utc(default=None)
    last_delivered_at: datetime | None = utc(default=None)
    created_at: datetime = utc_now()
