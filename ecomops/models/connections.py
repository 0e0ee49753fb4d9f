"""Connections to providers, and where each stream of theirs stands."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Field

from ecomops.models.base import (
    TenantRow,
    document,
    one_of,
    per_tenant,
    to_parent,
    to_tenant,
    utc,
    utc_now,
)

PROVIDERS = ("stripe", "shopify", "netsuite")
FILES = "files"
"""The environment of a connection that nothing is read from: people upload its rows."""


class Connection(TenantRow, table=True):
    """One provider account. ``credentials`` is ciphertext bound to this row; wiped on revoke.

    ``settings`` is what people chose (the accounts to follow), ``detail`` what the last test
    learned: scopes, API version, clock skew, what cannot be seen.
    """

    __tablename__ = "connections"
    __table_args__ = (
        to_tenant(),
        per_tenant("ix_connections_created", "created_at"),
        one_of("provider", *PROVIDERS),
        one_of("status", "active", "error", "revoked"),
        one_of("environment", "provider", "sandbox", FILES),
    )

    provider: str
    label: str = Field(max_length=100)
    environment: str = "provider"
    status: str = "active"
    credentials: bytes | None = None
    key_version: str = ""
    account_id: str | None = None
    account_name: str | None = None
    settings: dict[str, Any] = document(sa_column_kwargs={"server_default": text("'{}'")})
    detail: dict[str, Any] = document(sa_column_kwargs={"server_default": text("'{}'")})
    last_error: str | None = None
    last_sync_at: datetime | None = utc(default=None)
    created_by: UUID | None = None
    created_at: datetime = utc_now()
    revoked_at: datetime | None = utc(default=None)


class CursorState(TenantRow, table=True):
    """Where one stream of a connection stands; moved in the transaction that stores its rows."""

    __tablename__ = "cursor_states"
    __table_args__ = (
        to_parent("connection_id", "connections"),
        per_tenant("uq_cursor_states_stream", "connection_id", "stream", unique=True),
    )

    connection_id: UUID
    stream: str
    cursor: dict[str, Any] = document()
    updated_at: datetime = utc_now()


class IngestReject(TenantRow, table=True):
    """A record that could not be read, whole, with the reason. In = stored + rejected."""

    __tablename__ = "ingest_rejects"
    __table_args__ = (
        to_parent("connection_id", "connections"),
        per_tenant("uq_ingest_rejects_payload", "connection_id", "stream", "payload_hash",
                   unique=True),
        per_tenant("ix_ingest_rejects_created", "created_at"),
    )  # fmt: skip

    connection_id: UUID
    job_id: UUID
    stream: str
    source_id: str | None = None
    reason_code: str
    message: str
    payload: str
    payload_hash: bytes
    times_seen: int = Field(default=1, sa_column_kwargs={"server_default": text("1")})
    created_at: datetime = utc_now()
    resolved_at: datetime | None = utc(default=None)
