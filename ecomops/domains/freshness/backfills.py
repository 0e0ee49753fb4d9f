"""Asking for a stretch of the past."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from ecomops.connectors.base import Window
from ecomops.domains.access.rules import require
from ecomops.domains.audit.service import Event, record
from ecomops.domains.connections.files import refuse_files
from ecomops.domains.freshness.schedules import zone_of
from ecomops.domains.jobs.schemas import Enqueue
from ecomops.domains.jobs.service import enqueue
from ecomops.domains.plans.rules import require_writable
from ecomops.kit.context import Context
from ecomops.kit.errors import ConflictError, InvalidInputError, NotFoundError
from ecomops.models.connections import Connection

EARLIEST = date(2006, 1, 1)


@dataclass(frozen=True, slots=True)
class StartBackfill:
    """Read again from ``first`` through ``last``: days of the workspace's time zone."""

    connection_id: UUID
    first: date
    last: date


def start_backfill(session: Session, ctx: Context, command: StartBackfill) -> UUID:
    """Make a backfill job; its id.

    Raises InvalidInputError, NotFoundError, ConflictError when one is under way.
    """
    require(ctx, "jobs.run")
    window = check_backfill(session, ctx, command)
    row = session.exec(select(Connection).where(Connection.id == command.connection_id)).first()
    if row is None or row.status == "revoked":
        raise NotFoundError("This connection does not exist.")
    refuse_files(row)
    arguments = {"start": window.start.isoformat(), "end": window.end.isoformat()}
    job = enqueue(session, ctx, Enqueue("backfill", "sync", row.id, arguments=arguments))
    if job is None:
        raise ConflictError(f"A backfill of '{row.label}' is under way. Cancel it, or wait for it.")
    days = {"first": command.first.isoformat(), "last": command.last.isoformat()}
    record(session, ctx, Event("job", "backfill_requested", "job", str(job.id),
                               payload={"label": row.label} | days))  # fmt: skip
    return job.id


def check_backfill(session: Session, ctx: Context, command: StartBackfill) -> Window:
    """The stretch of time that is meant, for a person who may ask for it.

    Raises InvalidInputError.
    """
    require(ctx, "jobs.run")
    require_writable(ctx)
    return _window(command, zone_of(session))


def _window(command: StartBackfill, zone: ZoneInfo) -> Window:
    today = datetime.now(zone).date()
    if command.first < EARLIEST or command.first > today:
        raise InvalidInputError({"first": f"Choose a day from {EARLIEST} until today."})
    if command.last < command.first:
        raise InvalidInputError({"last": "The last day comes before the first."})
    end = min(command.last, today) + timedelta(days=1)
    start = datetime.combine(command.first, time(), zone)
    return Window(start.astimezone(UTC), datetime.combine(end, time(), zone).astimezone(UTC))


def window_of(arguments: Mapping[str, Any]) -> Window:
    """The window of a job's arguments."""
    start, end = (datetime.fromisoformat(arguments[name]) for name in ("start", "end"))
    return Window(start, end)
