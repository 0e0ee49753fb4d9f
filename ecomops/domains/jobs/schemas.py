"""What goes in and out of the job use cases."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Enqueue:
    """A job to make; ``retry_of`` names the job that it does over. ``arguments`` are JSON."""

    kind: str
    queue: str
    connection_id: UUID | None = None
    retry_of: UUID | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Claim:
    job_id: UUID


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on a job, for as long as nobody holds a newer fence."""

    job_id: UUID
    fence: int
    kind: str
    connection_id: UUID | None
    correlation_id: str
    requested_by: UUID | None
    requested_by_label: str
    attempt: int
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Progress:
    """What one step added. ``phase_fraction`` is in thousandths; None leaves it as it is."""

    received: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    ignored: int = 0
    phase_fraction: int | None = None


@dataclass(frozen=True, slots=True)
class Phase:
    """The part of the work that begins now; ``number`` of ``count``."""

    label: str
    number: int
    count: int


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job stops. ``again``: the next attempt may succeed."""

    code: str
    message: str
    again: bool


@dataclass(frozen=True, slots=True)
class RetryJob:
    job_id: UUID


@dataclass(frozen=True, slots=True)
class CancelJob:
    job_id: UUID


@dataclass(frozen=True, slots=True)
class ListJobs:
    limit: int = 50


@dataclass(frozen=True, slots=True)
class JobView:
    """What is shown of a job. Rates and times left are computed when it is read.

    ``retry_of`` is the job that it does over, ``retried_at`` when that one was asked for. A job
    without a connection has its own label in place of the connection's.
    """

    id: UUID
    kind: str
    connection_label: str
    provider: str
    status: str
    phase: str
    phase_number: int
    phase_count: int
    phase_fraction: int
    rows_done: int
    rows_total: int | None
    rows_per_second: int | None
    seconds_left: int | None
    inserted: int
    updated: int
    unchanged: int
    rejected: int
    error_code: str | None
    error_message: str | None
    cancel_requested: bool
    attempts: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    correlation_id: str
    requested_by: str
    retry_of: UUID | None = None
    retried_at: datetime | None = None
    connection_revoked: bool = False
