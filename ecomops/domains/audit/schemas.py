"""What goes in and out of the audit log's queries. Times are UTC."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from ecomops.models.audit import CATEGORIES as CATEGORIES
from ecomops.models.audit import STATUSES as STATUSES

Direction = Literal["", "asc", "desc"]
Format = Literal["ndjson", "csv"]


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Which events, in what order. Empty: any. Dates are the workspace's days, both included.

    ``actor`` is an e-mail or ``system``. ``search`` is the id of an event, or how a correlation id
    or a resource id begins. ``sort_dir`` empty: newest first, and the trace of a correlation id
    from its beginning. ``cursor`` is a page's ``next_cursor`` or ``previous_cursor``.
    """

    category: str = ""
    action: str = ""
    actor: str = ""
    status: str = ""
    resource_type: str = ""
    resource_id: str = ""
    correlation_id: str = ""
    date_from: date | None = None
    date_to: date | None = None
    search: str = ""
    cursor: str | None = None
    page_size: int = 50
    sort_dir: Direction = ""


class EventRow(NamedTuple):
    """An event as a list shows it. ``actor_id`` None: the system."""

    id: UUID
    occurred_at: datetime
    category: str
    action: str
    actor_id: UUID | None
    actor: str
    channel: str
    resource_type: str
    resource_id: str
    status: str
    correlation_id: str


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events in the order that was asked for."""

    rows: tuple[EventRow, ...]
    next_cursor: str | None
    previous_cursor: str | None


@dataclass(frozen=True, slots=True)
class EventCount:
    """``capped``: there are more than ``value``."""

    value: int
    capped: bool


@dataclass(frozen=True, slots=True)
class SealView:
    """A sealed batch: ``count`` events, ``total`` with all batches before. Hashes are hex.

    ``public_key`` is the one that signs now, in base64; ``key_id`` names the one that signed this.
    """

    number: int
    count: int
    total: int
    root: str
    previous: str
    hash: str
    signature: str
    key_id: str
    sealed_at: datetime
    public_key: str


@dataclass(frozen=True, slots=True)
class SealPlace:
    """Where an event stands in the sealed log."""

    batch: int
    position: int
    sealed_at: datetime
    leaf: str


@dataclass(frozen=True, slots=True)
class EventDetail:
    """All there is to know of one event.

    ``payload`` None: it was removed, its hash is kept. ``related`` are the events of the same
    correlation id in the order in which they happened, this one too, at most 200;
    ``more_related``: there are more. ``seal`` None: not sealed yet.
    """

    event: EventRow
    address: str
    payload: dict[str, Any] | None
    related: tuple[EventRow, ...]
    more_related: bool
    seal: SealPlace | None


@dataclass(frozen=True, slots=True)
class NotedSeal:
    """A seal that somebody wrote down or that stands in an exported file; ``hash`` is hex."""

    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class Finding:
    """The first thing that is wrong. ``batch`` and ``event_id`` say where, as far as is known.

    ``kind`` is one of verification.KINDS.
    """

    kind: str
    message: str
    batch: int | None = None
    event_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    """What a walk over the whole log found; ``finding`` None: it is as it was sealed.

    ``unsealed`` events were written a moment ago and wait for their seal.
    """

    events: int
    seals: int
    unsealed: int
    payloads_removed: int
    finding: Finding | None
    latest: SealView | None

    @property
    def intact(self) -> bool:
        """Whether nothing is wrong."""
        return self.finding is None
