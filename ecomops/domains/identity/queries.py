"""Look-ups of people, sessions and what the shell shows."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from psycopg import Cursor
from sqlalchemy import func
from sqlmodel import Session, col, select

from ecomops.domains.identity.schemas import Shell
from ecomops.kit.context import Context
from ecomops.kit.database import driver_of
from ecomops.models.identity import Membership, Tenant, TenantConfig, User

SEEN_EVERY = timedelta(minutes=5)

# One round trip. OFFSET 0 keeps the planner from reading memberships before their tenant is set;
# if it did, row-level security would show none, and nobody would be signed in.
_SESSION = (
    "WITH s AS MATERIALIZED (SELECT id, user_id, tenant_id,"
    "  set_config('app.current_tenant_id', tenant_id::text, true) AS bound"
    "  FROM sessions WHERE token_hash = %s AND expires_at > now())"
    " SELECT s.id, s.user_id, s.tenant_id, u.email, m.role, t.plan, t.plan_expires_at"
    " FROM s JOIN users u ON u.id = s.user_id JOIN tenants t ON t.id = s.tenant_id"
    " CROSS JOIN LATERAL (SELECT role FROM memberships m WHERE m.tenant_id = s.bound::uuid"
    "  AND m.user_id = s.user_id AND m.active OFFSET 0) m"
)


class SessionRow(NamedTuple):
    """A live session, its person, role and plan."""

    id: UUID
    user_id: UUID
    tenant_id: UUID
    email: str
    role: str
    plan: str
    plan_expires_at: datetime | None


def find_session(reader: Session | Cursor[Any], hash_: bytes) -> SessionRow | None:
    """The live session with this token hash."""
    cursor = reader if isinstance(reader, Cursor) else driver_of(reader).cursor()
    row = cursor.execute(_SESSION, [hash_]).fetchone()
    return None if row is None else SessionRow(*row)


def find_user(session: Session, email: str) -> User | None:
    """The person with this normalised e-mail."""
    # As the unique index has it, or every sign-in would read all people.
    return session.exec(select(User).where(func.lower(User.email) == email)).first()


def find_tenant(session: Session, ctx: Context, command: str) -> Tenant | None:
    """The workspace with this slug; for the command line."""
    return session.exec(select(Tenant).where(Tenant.slug == command)).first()


def list_tenants(session: Session, ctx: Context, command: None) -> list[UUID]:
    """All workspaces, oldest first; for the command line."""
    return list(session.exec(select(Tenant.id).order_by(col(Tenant.created_at))))


def get_shell(session: Session, ctx: Context, command: None) -> Shell:
    """What every page shows. For anybody who is signed in."""
    tenant = session.get_one(Tenant, ctx.tenant)
    config = session.exec(select(TenantConfig)).one()
    now = datetime.now(UTC)
    user = _seen(session, ctx, now)
    zone = ZoneInfo(config.timezone)
    return Shell(
        workspace_name=tenant.name,
        workspace_slug=tenant.slug,
        timezone=config.timezone,
        plan_name=tenant.plan,
        trial_days_left=_days_left(tenant.plan_expires_at, now, zone),
        expired=ctx.plan.expired(now),
        person_name=user.name,
        email=user.email,
        role=ctx.role,
    )


def _seen(session: Session, ctx: Context, now: datetime) -> User:
    """Who asks; that they were seen is noted now and then."""
    query = select(User, Membership).join(Membership, col(Membership.user_id) == User.id)
    user, member = session.exec(
        query.where(User.id == ctx.actor.user_id, Membership.tenant_id == ctx.tenant)
    ).one()
    if member.last_seen_at is None or now - member.last_seen_at > SEEN_EVERY:
        member.last_seen_at = now
    return user


def _days_left(end: datetime | None, now: datetime, zone: ZoneInfo) -> int | None:
    """Midnights until the end, as people count: 0 on the last day and after it."""
    if end is None:
        return None
    return max((end.astimezone(zone).date() - now.astimezone(zone).date()).days, 0)
