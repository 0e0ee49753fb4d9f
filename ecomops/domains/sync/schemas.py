"""What goes in and out of the sync use cases."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ecomops.connectors.base import Page
from ecomops.domains.jobs.schemas import Lease


@dataclass(frozen=True, slots=True)
class StartSync:
    """``connection_id`` None: all active connections of the workspace."""

    connection_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class SyncStarted:
    started: int
    already_running: int


@dataclass(frozen=True, slots=True)
class Target:
    """Where a sync's rows go."""

    connection_id: UUID
    provider: str
    lease: Lease


@dataclass(frozen=True, slots=True)
class StorePage:
    """One page to be stored. ``payout_ref``: it lists the lines that this payout bundles.

    ``moves_cursor``: the page's cursor is kept as ``cursor_name``'s, the stream's by default.
    ``fraction`` as in ``Progress``.
    """

    target: Target
    page: Page
    moves_cursor: bool = True
    cursor_name: str | None = None
    payout_ref: str | None = None
    fraction: int | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """Of the records of a page. inserted + updated + unchanged + rejected + ignored = received."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0

    @property
    def written(self) -> int:
        return self.inserted + self.updated

    def plus(self, other: "Stored") -> "Stored":
        return Stored(
            self.inserted + other.inserted,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
        )


@dataclass(frozen=True, slots=True)
class ListRejects:
    limit: int = 100


@dataclass(frozen=True, slots=True)
class RejectView:
    """A record that could not be read. ``payload`` is indented JSON where it is JSON at all."""

    id: UUID
    stream: str
    source_id: str | None
    reason_code: str
    message: str
    payload: str
    connection_label: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RejectedRecord:
    """A record to be fetched again, by itself. ``job_id``: the sync that could not read it."""

    id: UUID
    connection_id: UUID
    job_id: UUID
    stream: str
    source_id: str


@dataclass(frozen=True, slots=True)
class RefetchedRecord:
    """What the provider sent for it now: a page of one record or reject, or of nothing of ours."""

    reject: RejectedRecord
    provider: str
    page: Page


@dataclass(frozen=True, slots=True)
class RetryOutcome:
    """``stored``: it is no open reject any more. ``message`` is for the person who asked."""

    stored: bool
    message: str
