"""What goes in and out of the import use cases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from ecomops.connectors.reports import Report
from ecomops.core.files.bank import StatementLine
from ecomops.core.files.fields import Choices
from ecomops.domains.jobs.schemas import Lease


@dataclass(frozen=True, slots=True)
class KeepDraft:
    """A file as it was uploaded. ``kind`` is one of IMPORT_KINDS."""

    kind: str
    file_name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Draft:
    """An uploaded file with what was chosen so far; ``zone`` is the workspace's."""

    id: UUID
    kind: str
    file_name: str
    file_hash: bytes
    choices: Choices
    zone: str
    content: bytes = field(repr=False)
    account_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """An upload that its person has yet to import or to discard."""

    id: UUID
    file_name: str
    until: datetime


@dataclass(frozen=True, slots=True)
class SetChoices:
    draft_id: UUID
    choices: Choices
    account_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class CreateAccount:
    """``last4`` may be empty."""

    label: str
    last4: str = ""


@dataclass(frozen=True, slots=True)
class AccountView:
    id: UUID
    label: str
    last4: str


@dataclass(frozen=True, slots=True)
class StoreImport:
    """A file that was read to its end without a mistake: lines of a statement, or a report.

    ``lease`` where a job does it.
    """

    draft: Draft
    layout: str
    choices: Choices
    headers_hash: str
    account_id: UUID | None = None
    statement: Sequence[StatementLine] = field(default=(), repr=False)
    report: Report | None = field(default=None, repr=False)
    lease: Lease | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """rows = inserted + updated + unchanged + ignored."""

    rows: int
    inserted: int
    updated: int
    unchanged: int
    ignored: int


@dataclass(frozen=True, slots=True)
class Imported:
    import_id: UUID
    counts: Counts


@dataclass(frozen=True, slots=True)
class Rejected:
    """Why a file was not imported: how many mistakes, the first of them in words."""

    draft_id: UUID
    problems: int
    first: str


@dataclass(frozen=True, slots=True)
class ListImports:
    limit: int = 100


@dataclass(frozen=True, slots=True)
class ImportView:
    """What is shown of an import. ``sums``: currency → exact decimal text."""

    id: UUID
    kind: str
    layout: str
    status: str
    file_name: str
    file_hash: bytes
    counts: Counts
    sums: Mapping[str, Any]
    first_day: date | None
    last_day: date | None
    account: str
    by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ListBankLines:
    """The newest lines first, of one account or all. ``before``: (booked_on, id) of the last."""

    account_id: UUID | None = None
    before: tuple[date, UUID] | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class BankLineView:
    """``amount`` and ``balance`` in units."""

    id: UUID
    booked_on: date
    value_on: date | None
    amount: int
    currency: str
    description: str
    reference: str
    balance: int | None
    account: str
    file_name: str
    line_number: int


@dataclass(frozen=True, slots=True)
class BankLines:
    """A page of lines, and of all that match: how many, and their sum by currency, in units."""

    lines: tuple[BankLineView, ...]
    count: int
    sums: Mapping[str, int]
