"""What goes in and out of the freshness use cases."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ecomops.connectors.webhooks import Delivery
from ecomops.core.schedules import Freshness


@dataclass(frozen=True, slots=True)
class SetSchedule:
    """When to sync a connection; ``cron`` None: no more by itself."""

    connection_id: UUID
    cron: str | None


@dataclass(frozen=True, slots=True)
class PreviewSchedule:
    cron: str


@dataclass(frozen=True, slots=True)
class SchedulePreview:
    """A schedule in words, in the workspace's time zone; ``problem`` when it cannot be."""

    words: str
    timezone: str
    next_runs: tuple[datetime, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ConnectionFreshness:
    """How well one connection keeps up. Times are UTC.

    ``paused``: there is a schedule, and the workspace's plan does not include it now.
    """

    connection_id: UUID
    provider: str
    label: str
    state: Freshness
    last_sync_at: datetime | None
    cron: str
    words: str
    next_run_at: datetime | None
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Received:
    """A delivery whose signature was good."""

    connection_id: UUID
    provider: str
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class Waiting:
    """Records to be fetched because deliveries told of them; ``deliveries`` are theirs."""

    stream: str
    object_refs: tuple[str, ...]
    deliveries: tuple[UUID, ...]
