"""Long work: the row is the truth, the queue only rings."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

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

QUEUES = ("default", "sync", "recon", "posting", "export")
STATUSES = ("pending", "running", "completed", "failed", "canceled", "dead")
JOB_NEWS = "job_news"
"""The channel on which the workspace is named whose jobs changed."""
ACTIVE = "status IN ('pending', 'running')"


class Job(TenantRow, table=True):
    """One piece of long work.

    Whoever holds ``fence`` before ``lease_until`` works on it; a write with an older fence is
    refused. ``phase_fraction`` is in thousandths of the phase.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        to_tenant(),
        to_parent("connection_id", "connections"),
        per_tenant("ix_jobs_created", "created_at"),
        per_tenant("ix_jobs_connection", "connection_id", "created_at"),
        per_tenant("uq_jobs_active_sync", "connection_id", unique=True,
                   where=f"kind = 'sync' AND {ACTIVE}"),
        per_tenant("uq_jobs_active_other", "connection_id", "kind", unique=True,
                   where=f"kind IN ('backfill', 'completeness', 'health') AND {ACTIVE}"),
        one_of("queue", *QUEUES),
        one_of("status", *STATUSES),
    )  # fmt: skip

    kind: str
    queue: str
    status: str = "pending"
    connection_id: UUID | None = None
    arguments: dict[str, Any] = document()
    correlation_id: str
    requested_by: UUID | None = None
    requested_by_label: str = "system"
    retry_of: UUID | None = None

    attempts: int = counter()
    max_attempts: int = 5
    fence: int = counter()
    lease_until: datetime | None = utc(default=None)
    cancel_requested: bool = False

    phase: str = ""
    phase_number: int = counter()
    phase_count: int = counter()
    phase_fraction: int = counter()
    phase_started_at: datetime | None = utc(default=None)
    rows_done: int = counter()
    inserted: int = counter()
    updated: int = counter()
    unchanged: int = counter()
    rejected: int = counter()
    ignored: int = counter()
    error_code: str | None = None
    error_message: str | None = None

    created_at: datetime = utc_now()
    started_at: datetime | None = utc(default=None)
    finished_at: datetime | None = utc(default=None)


class OutboxEntry(SQLModel, table=True):
    """A job that is to be rung for at ``ring_at``, until it is over. Global: ids and times only."""

    __tablename__ = "outbox"

    job_id: UUID = Field(primary_key=True)
    tenant_id: UUID = Field(foreign_key="tenants.id")
    queue: str
    ring_at: datetime = utc_now(index=True)
    rung: int = counter()
