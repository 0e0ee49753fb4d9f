"""What happens when a connection's time has come. Runs in the name of the schedule."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from sqlmodel import Session, select

from ecomops.core import schedules as cron
from ecomops.domains.due.service import COMPLETENESS_EVERY, HEALTH_EVERY, Due, forget_due, take
from ecomops.domains.freshness.schedules import zone_of
from ecomops.domains.jobs.schemas import Enqueue
from ecomops.domains.jobs.service import enqueue
from ecomops.domains.plans.rules import takes_place
from ecomops.kit.context import Actor, Context, Plan
from ecomops.models.connections import Connection
from ecomops.models.freshness import Schedule
from ecomops.models.identity import Tenant

SCHEDULE = Actor(None, "schedule")


def take_due(session: Session, ctx: Context, due: Due) -> bool:
    """Do what is due, or see to it that it is done; False if somebody else had the slot.

    What the plan does not include is passed over, and its next time is set all the same.
    """
    row = session.exec(select(Connection).where(Connection.id == due.connection_id)).first()
    if row is None or row.status == "revoked":
        forget_due(session, due.connection_id)
        return False
    ctx = replace(ctx, actor=SCHEDULE)
    return _KINDS[due.kind](session, ctx, due, row)


def _sync(session: Session, ctx: Context, due: Due, row: Connection) -> bool:
    wanted = _cron_of(session, row.id)
    if wanted is None:
        forget_due(session, row.id, "sync")
        return False
    next_at = cron.next_run(wanted, zone_of(session), datetime.now(UTC))
    if not take(session, due, next_at) or not _allowed(session, ctx, "schedules"):
        return False
    enqueue(session, ctx, Enqueue("sync", "sync", row.id))
    return True


def _health(session: Session, ctx: Context, due: Due, row: Connection) -> bool:
    return take(session, due, datetime.now(UTC) + HEALTH_EVERY)


def _completeness(session: Session, ctx: Context, due: Due, row: Connection) -> bool:
    if not take(session, due, datetime.now(UTC) + COMPLETENESS_EVERY):
        return False
    if row.last_sync_at is not None and row.status == "active" and _allowed(session, ctx):
        enqueue(session, ctx, Enqueue("completeness", "sync", row.id))
    return True


_KINDS = {"sync": _sync, "health": _health, "completeness": _completeness}


def _cron_of(session: Session, connection_id: UUID) -> str | None:
    query = select(Schedule.cron).where(Schedule.connection_id == connection_id, Schedule.active)
    return session.exec(query).first()


def _allowed(session: Session, ctx: Context, feature: str = "") -> bool:
    tenant = session.get_one(Tenant, ctx.tenant)
    plan, now = Plan(tenant.plan, tenant.plan_expires_at), datetime.now(UTC)
    return takes_place(plan, feature, now) if feature else not plan.expired(now)
