"""Schedules of connections: setting one, seeing what it means, and how fresh everything is."""

from datetime import UTC, datetime
from itertools import islice
from uuid import UUID
from zoneinfo import ZoneInfo

from cronsim import CronSim
from sqlmodel import Session, col, delete, select

from ecomops.core import schedules as cron
from ecomops.domains.access.rules import require
from ecomops.domains.audit.service import Event, record
from ecomops.domains.connections.files import refuse_files
from ecomops.domains.due.service import forget_due, set_due
from ecomops.domains.freshness.schemas import (
    ConnectionFreshness,
    PreviewSchedule,
    SchedulePreview,
    SetSchedule,
)
from ecomops.domains.plans.rules import require_feature, require_writable, takes_place
from ecomops.kit.context import Context
from ecomops.kit.errors import ConflictError, InvalidInputError, NotFoundError
from ecomops.models.connections import FILES, Connection
from ecomops.models.freshness import Schedule
from ecomops.models.identity import TenantConfig

PREVIEWED = 3


def set_schedule(session: Session, ctx: Context, command: SetSchedule) -> None:
    """Sync a connection by a schedule, another one, or none.

    Raises NotFoundError, ConflictError when it was revoked, InvalidInputError, and
    EntitlementDeniedError where the plan has no schedules.
    """
    require(ctx, "schedules.manage")
    require_writable(ctx)
    if command.cron is not None:
        require_feature(ctx, "schedules")
    row = _active(session, command.connection_id)
    session.exec(delete(Schedule).where(col(Schedule.connection_id) == row.id))
    if command.cron is None:
        forget_due(session, row.id, "sync")
    else:
        _schedule(session, ctx, row.id, " ".join(command.cron.split()))
    record(session, ctx, Event("config", "schedule_updated", "connection", str(row.id),
                               payload={"cron": command.cron, "label": row.label}))  # fmt: skip


def _schedule(session: Session, ctx: Context, connection_id: UUID, wanted: str) -> None:
    now, zone = datetime.now(UTC), zone_of(session)
    if problem := cron.problem_of(wanted, zone, now):
        raise InvalidInputError({"cron": problem})
    session.add(
        Schedule(
            tenant_id=ctx.tenant,
            connection_id=connection_id,
            cron=wanted,
            created_by=ctx.actor.user_id,
        )
    )
    set_due(session, ctx, connection_id, "sync", cron.next_run(wanted, zone, now))


def reschedule(session: Session, ctx: Context) -> None:
    """Have all schedules come at the times of the workspace's zone, which has just changed."""
    now, zone = datetime.now(UTC), zone_of(session)
    query = (
        select(Schedule)
        .join(Connection, col(Connection.id) == Schedule.connection_id)
        .where(Schedule.active, Connection.status != "revoked")
    )
    for row in session.exec(query):
        set_due(session, ctx, row.connection_id, "sync", cron.next_run(row.cron, zone, now))


def preview_schedule(session: Session, ctx: Context, command: PreviewSchedule) -> SchedulePreview:
    """What a schedule means, before it is set."""
    require(ctx, "schedules.manage")
    zone, now = zone_of(session), datetime.now(UTC)
    if problem := cron.problem_of(command.cron, zone, now):
        return SchedulePreview("", zone.key, problem=problem)
    runs = islice(CronSim(command.cron, now.astimezone(zone)), PREVIEWED)
    times = tuple(run.astimezone(UTC) for run in runs)
    return SchedulePreview(cron.in_words(command.cron), zone.key, times)


def list_freshness(
    session: Session, ctx: Context, command: None
) -> tuple[ConnectionFreshness, ...]:
    """How well each account that was not revoked keeps up; what people upload has no pace."""
    require(ctx, "connections.view")
    query = (
        select(Connection, Schedule.cron)
        .join(Schedule, col(Schedule.connection_id) == Connection.id, isouter=True)
        .where(Connection.status != "revoked", Connection.environment != FILES)
        .order_by(col(Connection.created_at).desc())
    )
    now, zone = datetime.now(UTC), zone_of(session)
    runs = takes_place(ctx.plan, "schedules", now)
    return tuple(_freshness(row, wanted, zone, now, runs) for row, wanted in session.exec(query))


def _freshness(
    row: Connection, wanted: str | None, zone: ZoneInfo, now: datetime, runs: bool
) -> ConnectionFreshness:
    expected = cron.last_run(wanted, zone, now) if wanted and runs else None
    if expected is not None and expected < row.created_at:
        expected = None
    return ConnectionFreshness(
        connection_id=row.id,
        provider=row.provider,
        label=row.label,
        state=cron.freshness(row.last_sync_at, expected, row.status == "error", now),
        last_sync_at=row.last_sync_at,
        cron=wanted or "",
        words=cron.in_words(wanted) if wanted else "",
        next_run_at=cron.next_run(wanted, zone, now) if wanted and runs else None,
        paused=bool(wanted) and not runs,
    )


def zone_of(session: Session) -> ZoneInfo:
    """The workspace's time zone."""
    return ZoneInfo(session.exec(select(TenantConfig.timezone)).one())


def _active(session: Session, connection_id: UUID) -> Connection:
    query = select(Connection).where(Connection.id == connection_id).with_for_update()
    row = session.exec(query).first()
    if row is None:
        raise NotFoundError("This connection does not exist.")
    refuse_files(row)
    if row.status == "revoked":
        raise ConflictError(f"The connection '{row.label}' was revoked.")
    return row
