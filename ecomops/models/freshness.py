"""What keeps a connection's rows fresh: schedules, what is due, deliveries, completeness checks."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from ecomops.kit.ids import new_id
from ecomops.models.base import (
    TenantRow,
    counter,
    document,
    one_of,
    per_tenant,
    to_parent,
    to_tenant,
    utc,
    utc_now,
)

DUE_KINDS = ("sync", "health", "completeness", "audit_stream")
DELIVERY_STATUSES = ("waiting", "done", "kept", "failed")


class Schedule(TenantRow, table=True):
    """When a connection is synced: ``cron`` has five fields, in the workspace's time zone."""

    __tablename__ = "schedules"
    __table_args__ = (
        to_parent("connection_id", "connections"),
        per_tenant("uq_schedules_connection", "connection_id", unique=True),
    )

    connection_id: UUID
    cron: str = Field(max_length=100)
    active: bool = True
    created_by: UUID | None = None
    updated_at: datetime = utc_now()


class DueTime(SQLModel, table=True):
    """What is to be done for a connection at ``due_at``. Global: ids and times only.

    A workspace's audit stream stands here too, by its own id.
    Whoever moves ``due_at`` on, comparing it with what they saw, does it: nobody else will.
    """

    __tablename__ = "due_times"
    __table_args__ = (
        Index("uq_due_times_connection_id_kind", "connection_id", "kind", unique=True),
        Index("ix_due_times_due_at", "due_at"),
        one_of("kind", *DUE_KINDS),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    tenant_id: UUID = Field(foreign_key="tenants.id")
    connection_id: UUID
    kind: str
    due_at: datetime = utc()
    failures: int = counter()


class WebhookRoute(SQLModel, table=True):
    """Which workspace a webhook's address belongs to. Global: ids only."""

    __tablename__ = "webhook_routes"

    connection_id: UUID = Field(primary_key=True)
    tenant_id: UUID = Field(foreign_key="tenants.id")


class WebhookDelivery(TenantRow, table=True):
    """What a provider told us, once. ``kept``: nothing here follows from it.

    ``object_stream`` and ``object_ref`` name the record that is fetched because of it.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        to_parent("connection_id", "connections"),
        per_tenant("uq_webhook_deliveries_delivery", "connection_id", "delivery_ref", unique=True),
        per_tenant("ix_webhook_deliveries_waiting", "connection_id", "received_at",
                   where="status = 'waiting'"),
        per_tenant("ix_webhook_deliveries_received", "received_at"),
        one_of("status", *DELIVERY_STATUSES),
    )  # fmt: skip

    connection_id: UUID
    delivery_ref: str = Field(max_length=255)
    topic: str = Field(max_length=255)
    status: str = "waiting"
    object_stream: str | None = None
    object_ref: str | None = None
    payload: dict[str, Any] = document()
    received_at: datetime = utc_now()
    handled_at: datetime | None = utc(default=None)


class CompletenessCheck(TenantRow, table=True):
    """One stream of the provider compared with our rows, over a stretch of the provider's time.

    ``sums`` is {currency: {"provider": text, "stored": text}} in exact decimals;
    ``differences`` lists ids: missing here, vanished there, different in amount.
    """

    __tablename__ = "completeness_checks"
    __table_args__ = (
        to_tenant(),
        to_parent("connection_id", "connections"),
        to_parent("job_id", "jobs"),
        per_tenant("ix_completeness_checks_created", "connection_id", "created_at"),
    )

    connection_id: UUID
    job_id: UUID
    stream: str
    window_start: datetime = utc()
    window_end: datetime = utc()
    provider_count: int
    stored_count: int
    missing_count: int
    vanished_count: int
    different_count: int
    sums: dict[str, Any] = document()
    differences: dict[str, Any] = document()
    created_at: datetime = utc_now()


class OAuthAttempt(TenantRow, table=True):
    """A person's way to a provider's consent page and back; used once, within minutes.

    ``draft`` is ciphertext: the connection to be made, its app's secrets and the PKCE verifier.
    """

    __tablename__ = "oauth_attempts"
    __table_args__ = (
        to_tenant(),
        per_tenant("uq_oauth_attempts_state", "state_hash", unique=True),
    )

    state_hash: bytes
    provider: str
    user_id: UUID
    draft: bytes
    expires_at: datetime = utc()
    used_at: datetime | None = utc(default=None)
    created_at: datetime = utc_now()
