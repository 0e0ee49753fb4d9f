"""Files of tables that are prepared in the background and kept for a while."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, text
from sqlmodel import Field

from ecomops.models.base import (
    TenantRow,
    one_of,
    per_tenant,
    to_parent,
    to_tenant,
    utc,
    utc_now,
)

FORMATS = ("csv", "xlsx")


class ExportFile(TenantRow, table=True):
    """One file. How far it is, its job says; it is there once its job is completed.

    ``query`` is what was asked for, as the query of an address. ``file_key`` names the file in the
    store, from before it is put there until ``removed_at``. ``hidden``: a person deleted it.
    """

    __tablename__ = "exports"
    __table_args__ = (
        to_tenant(),
        to_parent("job_id", "jobs"),
        per_tenant("ix_exports_created", "created_at"),
        per_tenant("ix_exports_kept", "expires_at", where="removed_at IS NULL"),
        per_tenant("uq_exports_job", "job_id", unique=True),
        one_of("format", *FORMATS),
    )

    job_id: UUID
    requested_by: UUID
    requested_by_label: str
    table_name: str
    format: str
    query: str
    file_name: str
    file_key: str | None = None
    row_count: int | None = Field(default=None, sa_type=BigInteger)
    size: int | None = Field(default=None, sa_type=BigInteger)
    sha256: str | None = Field(default=None, max_length=64)
    hidden: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    created_at: datetime = utc_now()
    expires_at: datetime = utc()
    removed_at: datetime | None = utc(default=None)
