"""Files that people brought: drafts, imports, bank accounts and the lines of their statements."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as UuidType
from sqlmodel import Field

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
from ecomops.models.money import money

IMPORT_KINDS = ("bank", "stripe", "shopify")
IMPORT_STATUSES = ("completed", "undone")


class BankAccount(TenantRow, table=True):
    """An account whose statements are imported. ``last4`` ends its number, where told."""

    __tablename__ = "bank_accounts"
    __table_args__ = (
        to_tenant(),
        per_tenant("uq_bank_accounts_label", "label", unique=True),
    )

    label: str = Field(max_length=100)
    last4: str = Field(default="", max_length=4)
    created_by: UUID | None = None
    created_at: datetime = utc_now()


class Import(TenantRow, table=True):
    """A file that was stored whole: rows = inserted + updated + unchanged + ignored.

    ``sums`` is {currency: text} in exact decimals; ``options`` is how the file was read.
    """

    __tablename__ = "imports"
    __table_args__ = (
        to_tenant(),
        to_parent("account_id", "bank_accounts"),
        to_parent("connection_id", "connections"),
        to_parent("job_id", "jobs"),
        per_tenant("ix_imports_created", "created_at", "id"),
        per_tenant("ix_imports_job", "job_id", where="job_id IS NOT NULL"),
        per_tenant("uq_imports_file", "kind", text("coalesce(account_id, connection_id)"),
                   "file_hash", unique=True, where="status = 'completed'"),
        one_of("kind", *IMPORT_KINDS),
        one_of("status", *IMPORT_STATUSES),
        CheckConstraint("rows = inserted + updated + unchanged + ignored", name="rows"),
    )  # fmt: skip

    kind: str
    layout: str
    status: str = "completed"
    file_name: str = Field(max_length=255)
    file_hash: bytes
    file_bytes: int
    account_id: UUID | None = None
    connection_id: UUID | None = None
    job_id: UUID | None = None
    options: dict[str, Any] = document()
    rows: int = counter()
    inserted: int = counter()
    updated: int = counter()
    unchanged: int = counter()
    ignored: int = counter()
    sums: dict[str, Any] = document()
    first_day: date | None = None
    last_day: date | None = None
    created_by: UUID | None = None
    created_by_label: str = ""
    created_at: datetime = utc_now()
    undone_at: datetime | None = utc(default=None)


class BankLine(TenantRow, table=True):
    """One movement of a bank account, positive where money came in.

    ``dedupe_key`` names it within its account, so that overlapping statements meet.
    ``import_id`` is the import that told it first, ``listed_in`` all that tell it.
    """

    __tablename__ = "bank_lines"
    __table_args__ = (
        to_parent("account_id", "bank_accounts"),
        to_parent("import_id", "imports"),
        per_tenant("uq_bank_lines_key", "account_id", "dedupe_key", unique=True),
        per_tenant("ix_bank_lines_booked", "booked_on", "id"),
        per_tenant("ix_bank_lines_account", "account_id", "booked_on", "id"),
        per_tenant("ix_bank_lines_amount", "amount", "booked_on"),
        per_tenant("ix_bank_lines_import", "import_id"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        CheckConstraint("import_id = ANY (listed_in)", name="listed"),
    )

    account_id: UUID
    import_id: UUID
    listed_in: list[UUID] = Field(sa_type=ARRAY(UuidType(as_uuid=True)))
    line_number: int
    booked_on: date
    value_on: date | None = None
    amount: Decimal = money()
    currency: str
    description: str = ""
    reference: str = ""
    balance: Decimal | None = money(default=None)
    dedupe_key: bytes
    created_at: datetime = utc_now()


class ImportDraft(TenantRow, table=True):
    """A file that was uploaded and not imported yet: of one person, for an hour.

    ``options`` is what the person chose so far. Once ``importing``, its job needs it.
    """

    __tablename__ = "import_drafts"
    __table_args__ = (
        to_tenant(),
        per_tenant("uq_import_drafts_open", "user_id", unique=True, where="status = 'open'"),
        per_tenant("ix_import_drafts_expires", "expires_at"),
        one_of("kind", *IMPORT_KINDS),
        one_of("status", "open", "importing"),
    )

    user_id: UUID
    kind: str
    status: str = "open"
    file_name: str = Field(max_length=255)
    file_hash: bytes
    content: bytes
    options: dict[str, Any] = document()
    expires_at: datetime = utc()
    created_at: datetime = utc_now()


class ImportMapping(TenantRow, table=True):
    """How a file with these headers was read last time."""

    __tablename__ = "import_mappings"
    __table_args__ = (
        to_tenant(),
        per_tenant("uq_import_mappings_headers", "kind", "headers_hash", unique=True),
        one_of("kind", *IMPORT_KINDS),
    )

    kind: str
    headers_hash: str
    mapping: dict[str, Any] = document()
    updated_at: datetime = utc_now()
