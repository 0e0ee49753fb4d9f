"""What goes in and out of the audit log (provisional)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from ecomops.models.audit import CATEGORIES

STATUSES = ("success", "error", "denied")
__all__ = ["CATEGORIES", "STATUSES"]


@dataclass(frozen=True, slots=True)
class AuditQuery:
    category: str = ""
    action: str = ""
    actor: str = ""
    status: str = ""
    resource_type: str = ""
    resource_id: str = ""
    correlation_id: str = ""
    date_from: date | None = None
    date_to: date | None = None
    sort_dir: Literal["asc", "desc"] = "desc"
    cursor: str | None = None
    page_size: int = 50


@dataclass(frozen=True, slots=True)
class EventView:
    id: UUID
    occurred_at: datetime
    category: str
    action: str
    actor: str
    resource_type: str
    resource_id: str
    status: str
    correlation_id: str


@dataclass(frozen=True, slots=True)
class EventPage:
    events: tuple[EventView, ...]
    next_cursor: str | None
    previous_cursor: str | None


@dataclass(frozen=True, slots=True)
class SealPlace:
    batch: int
    position: int
    sealed_at: datetime


@dataclass(frozen=True, slots=True)
class EventDetail:
    event: EventView
    channel: str
    address: str
    payload: dict[str, Any] | None
    related: tuple[EventView, ...]
    seal: SealPlace | None


@dataclass(frozen=True, slots=True)
class SealView:
    number: int
    last_event: int
    hash: str
    sealed_at: datetime


@dataclass(frozen=True, slots=True)
class Count:
    value: int
    capped: bool
