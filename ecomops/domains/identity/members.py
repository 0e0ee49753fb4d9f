"""The people of a workspace: who they are, their roles, and who may come in at all."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from sqlmodel import Session, col, delete, func, select

from ecomops.domains.access.rules import ROLES, require
from ecomops.domains.access.turns import take_turn
from ecomops.domains.audit.service import Event, record
from ecomops.domains.identity.links import forget_link
from ecomops.domains.identity.sessions import revoked
from ecomops.domains.plans.rules import require_writable
from ecomops.kit.context import Context
from ecomops.kit.errors import ConflictError, InvalidInputError, NotFoundError
from ecomops.models.identity import (
    BrowserSession,
    Invitation,
    Membership,
    OneTimeLink,
    User,
)

PersonStatus = Literal["active", "deactivated", "invited", "link expired"]


@dataclass(frozen=True, slots=True)
class PersonView:
    """A member, or somebody who is invited: ``id`` is the user's or the invitation's."""

    id: UUID
    name: str
    email: str
    role: str
    status: PersonStatus
    last_seen_at: datetime | None = None
    is_self: bool = False


@dataclass(frozen=True, slots=True)
class ChangeRole:
    user_id: UUID
    role: str


def list_people(session: Session, ctx: Context, command: None) -> tuple[PersonView, ...]:
    """The members by name, then those who are invited, oldest first."""
    require(ctx, "users.manage")
    # One's own rows of other workspaces can be seen as well, so the workspace is named.
    members = (
        select(User, Membership)
        .join(Membership, col(Membership.user_id) == User.id)
        .where(Membership.tenant_id == ctx.tenant)
        .order_by(func.lower(User.name), col(User.id))
    )
    found = [
        PersonView(
            user.id, user.name, user.email, it.role, "active" if it.active else "deactivated",
            it.last_seen_at, is_self=user.id == ctx.actor.user_id,
        )
        for user, it in session.exec(members)
    ]  # fmt: skip
    return (*found, *_invited(session, ctx))


def _invited(session: Session, ctx: Context) -> list[PersonView]:
    live = select(OneTimeLink.person_id).where(
        OneTimeLink.tenant_id == ctx.tenant, OneTimeLink.expires_at > datetime.now(UTC)
    )
    with_link = set(session.exec(live))
    rows = session.exec(select(Invitation).order_by(col(Invitation.created_at)))
    return [
        PersonView(
            it.id, it.name, it.email, it.role, "invited" if it.id in with_link else "link expired"
        )
        for it in rows
    ]


def change_role(session: Session, ctx: Context, command: ChangeRole) -> None:
    """Give a member another role, from their next event on.

    Raises NotFoundError, InvalidInputError, ConflictError for oneself and the last admin.
    """
    require(ctx, "users.manage")
    require_writable(ctx)
    if command.role not in ROLES:
        raise InvalidInputError({"role": f"There is no role '{command.role[:20]}'."})
    user, member = _held(session, ctx, command.user_id)
    if member.role == command.role:
        return
    _keep_an_admin(session, ctx, member)
    payload = {"email": user.email, "from": member.role, "to": command.role}
    member.role = command.role
    revoked(session, user.id)
    record(session, ctx, Event("config", "user_role_changed", "user", str(user.id),
                               payload=payload))  # fmt: skip


def deactivate_person(session: Session, ctx: Context, user_id: UUID) -> None:
    """Shut a member out: their sessions here end, and their link leads nowhere.

    Open to an expired trial too. Raises NotFoundError, ConflictError.
    """
    require(ctx, "users.manage")
    user, member = _held(session, ctx, user_id)
    if not member.active:
        return
    _keep_an_admin(session, ctx, member)
    member.active = False
    forget_link(session, ctx.tenant, user_id)
    theirs = delete(BrowserSession).where(col(BrowserSession.user_id) == user_id)
    session.exec(theirs.where(col(BrowserSession.tenant_id) == ctx.tenant))
    revoked(session, user_id)
    record(session, ctx, Event("config", "user_deactivated", "user", str(user_id),
                               payload={"email": user.email}))  # fmt: skip


def reactivate_person(session: Session, ctx: Context, user_id: UUID) -> None:
    """Let a member in again, in the role that they had. Raises NotFoundError, ConflictError."""
    require(ctx, "users.manage")
    require_writable(ctx)
    user, member = _held(session, ctx, user_id)
    if member.active:
        return
    member.active = True
    payload = {"email": user.email, "role": member.role}
    record(session, ctx, Event("config", "user_reactivated", "user", str(user_id),
                               payload=payload))  # fmt: skip


def _held(session: Session, ctx: Context, user_id: UUID) -> tuple[User, Membership]:
    """A member who is not oneself. Whoever changes members waits for whoever was first."""
    take_turn(session, ctx)
    if user_id == ctx.actor.user_id:
        raise ConflictError("Somebody else must change that: it is about yourself.")
    query = select(User, Membership).join(Membership, col(Membership.user_id) == User.id)
    row = session.exec(query.where(User.id == user_id, Membership.tenant_id == ctx.tenant)).first()
    if row is None:
        raise NotFoundError("There is no such person in this workspace.")
    return row


def _keep_an_admin(session: Session, ctx: Context, member: Membership) -> None:
    """Raises ConflictError when no active admin would stay without this one.

    Counted anew: who asks may have been admin only until this very moment.
    """
    others = select(func.count()).where(
        col(Membership.tenant_id) == ctx.tenant, col(Membership.id) != member.id,
        col(Membership.role) == "admin", col(Membership.active),
    )  # fmt: skip
    if member.role == "admin" and member.active and session.exec(others).one() == 0:
        raise ConflictError("One active admin must stay. Make somebody else admin first.")
