"""What goes in and out of the export use cases."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from ecomops.domains.jobs.schemas import Lease
from ecomops.domains.tables.schemas import Export, Format

Status = Literal["preparing", "ready", "failed", "canceled", "expired"]


@dataclass(frozen=True, slots=True)
class ExportStarted:
    """The export, and the job that prepares its file."""

    export_id: UUID
    job_id: UUID


@dataclass(frozen=True, slots=True)
class RetryExport:
    export_id: UUID


@dataclass(frozen=True, slots=True)
class RemoveExport:
    export_id: UUID


@dataclass(frozen=True, slots=True)
class ListExports:
    limit: int = 100


@dataclass(frozen=True, slots=True)
class ExportView:
    """What is shown of an export. ``mine``: the person who asks asked for it, and may fetch it.

    ``removable``: they may delete it. ``connection_label`` is that of the filter, if there is one.
    """

    id: UUID
    job_id: UUID
    export: Export
    status: Status
    file_name: str
    rows: int | None
    size: int | None
    error: str
    reference: str
    requested_by: str
    mine: bool
    removable: bool
    connection_label: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file to be fetched: its key in the store, and the name it goes by."""

    key: str
    name: str
    format: Format


@dataclass(frozen=True, slots=True)
class FileOrder:
    """What a worker is to write, under which key. ``rows`` is about how many there will be."""

    export_id: UUID
    export: Export
    key: str
    rows: int


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file that is whole and in the store. ``size`` is in bytes."""

    export_id: UUID
    lease: Lease
    rows: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ExpiredFile:
    """A file whose time is over."""

    export_id: UUID
    key: str | None
