"""What the general ledger is set up with: copies of NetSuite's lists, for mapping and posting.

Keys are those of the canonical tables; ``source_id`` is account:id, for ids repeat in every
NetSuite account.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from ecomops.models.base import TenantRow, one_of, per_tenant, to_parent, utc_now

SEGMENTS = ("currency", "department", "class", "location")


class MirrorRow(TenantRow):
    """Common to all mirrored lists."""

    connection_id: UUID
    source: str
    source_id: str
    dedupe_key: str
    ingested_at: datetime = utc_now()
    content_hash: bytes
    raw_data: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    name: str
    inactive: bool


def mirror(table: str, *more: Any) -> tuple[Any, ...]:
    """Keys and indexes that every mirrored list has, and ``more``."""
    return (
        to_parent("connection_id", "connections"),
        per_tenant(f"uq_{table}_dedupe_key", "dedupe_key", unique=True),
        *more,
    )


class GlAccount(MirrorRow, table=True):
    """An account of the chart; ``currency`` where it is kept in one."""

    __tablename__ = "gl_accounts"
    __table_args__ = mirror("gl_accounts")

    number: str | None = None
    account_type: str
    currency: str | None = None


class Subsidiary(MirrorRow, table=True):
    """A legal entity; ``parent_ref`` is the source_id of the one above."""

    __tablename__ = "subsidiaries"
    __table_args__ = mirror("subsidiaries")

    currency: str
    parent_ref: str | None = None
    elimination: bool


class AccountingPeriod(MirrorRow, table=True):
    """A period, its first and last day within it."""

    __tablename__ = "accounting_periods"
    __table_args__ = mirror(
        "accounting_periods", per_tenant("ix_accounting_periods_start", "start_date")
    )

    start_date: date
    end_date: date
    closed: bool
    all_locked: bool
    is_quarter: bool
    is_year: bool
    is_adjustment: bool


class LedgerSegment(MirrorRow, table=True):
    """What a journal line can be tagged with. ``symbol`` is the ISO 4217 code of a currency."""

    __tablename__ = "ledger_segments"
    __table_args__ = mirror("ledger_segments", one_of("kind", *SEGMENTS))

    kind: str
    symbol: str | None = None
