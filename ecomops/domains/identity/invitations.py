"""Asking somebody to join the workspace, and the links of all its people."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, delete, func, select

from ecomops.domains.access.rules import ROLES, require
from ecomops.domains.audit.service import Event, record
from ecomops.domains.identity.fields import NO_EMAIL, name_problem, normalized_email
from ecomops.domains.identity.links import LinkMade, belongs_elsewhere, forget_link, new_link
from ecomops.domains.identity.queries import find_user
from ecomops.domains.plans.rules import require_writable
from ecomops.kit.context import Context
from ecomops.kit.errors import ConflictError, InvalidInputError, NotFoundError
from ecomops.kit.ids import new_id
from ecomops.models.identity import Invitation, Membership, Tenant, User

MOST_INVITED = 100
"""Invitations of one workspace that wait: each may be a letter to somebody who knows nothing."""


@dataclass(frozen=True, slots=True)
class InvitePerson:
    name: str
    email: str
    role: str


def invite_person(session: Session, ctx: Context, command: InvitePerson) -> LinkMade:
    """Ask somebody to join; they do so by the link. Raises InvalidInputError, ConflictError."""
    require(ctx, "users.manage")
    require_writable(ctx)
    email = _checked(command)
    _refuse_member(session, ctx, email)
    waiting = session.exec(select(func.count()).select_from(Invitation)).one()
    if waiting >= MOST_INVITED:
        raise ConflictError(f"{MOST_INVITED} invitations are open. Withdraw some of them first.")
    invitation_id = _stored(session, ctx, command, email)
    payload = {"email": email, "role": command.role}
    record(session, ctx, Event("config", "user_added", "invitation", str(invitation_id),
                               payload=payload))  # fmt: skip
    return _link(session, ctx, invitation_id, "invitation", email)


def _checked(command: InvitePerson) -> str:
    email = normalized_email(command.email)
    problems = {
        "email": None if email else NO_EMAIL,
        "name": name_problem(command.name),
        "role": None if command.role in ROLES else f"There is no role '{command.role[:20]}'.",
    }
    wrong = {field: problem for field, problem in problems.items() if problem}
    if wrong or email is None:
        raise InvalidInputError(wrong)
    return email


def _refuse_member(session: Session, ctx: Context, email: str) -> None:
    user = find_user(session, email)
    known = select(Membership.active).where(Membership.tenant_id == ctx.tenant)
    active = session.exec(known.where(Membership.user_id == user.id)).first() if user else None
    if active:
        raise InvalidInputError({"email": "This person belongs to the workspace already."})
    if active is False:
        raise InvalidInputError({"email": "This person was deactivated. Reactivate them instead."})


def _stored(session: Session, ctx: Context, command: InvitePerson, email: str) -> UUID:
    values = {
        "tenant_id": ctx.tenant, "id": new_id(), "email": email, "name": command.name.strip(),
        "role": command.role, "invited_by": ctx.actor.user_id,
    }  # fmt: skip
    row = insert(Invitation).values(**values).on_conflict_do_nothing()
    made: UUID | None = session.scalar(row.returning(col(Invitation.id)))
    if made is None:
        raise InvalidInputError({"email": "This person is invited already. Make a new link."})
    return made


def renew_link(session: Session, ctx: Context, person_id: UUID) -> LinkMade:
    """A new link for who is invited; for a member, one to choose a new password.

    Raises NotFoundError, and ConflictError for a member who must do that without an admin.
    """
    require(ctx, "users.manage")
    invitation = session.exec(select(Invitation).where(Invitation.id == person_id)).first()
    if invitation is not None:
        require_writable(ctx)
        kind, email = "invitation", invitation.email
    else:
        # Open to an expired trial too: who cannot sign in could not upgrade either.
        kind, email = "password", _resettable(session, ctx, person_id).email
    record(session, ctx, Event("config", f"{kind}_link_made", "user", str(person_id),
                               payload={"email": email}))  # fmt: skip
    return _link(session, ctx, person_id, kind, email)


def _resettable(session: Session, ctx: Context, user_id: UUID) -> User:
    member = select(User).join(Membership, col(Membership.user_id) == User.id)
    user = session.exec(
        member.where(User.id == user_id, Membership.tenant_id == ctx.tenant, Membership.active)
    ).first()
    if user is None:
        raise NotFoundError("There is no such active person in this workspace.")
    if user.id == ctx.actor.user_id:
        raise ConflictError("Change your own password under Account.")
    if belongs_elsewhere(session, ctx, user.id):
        # Or an admin of one workspace could walk into another one.
        raise ConflictError(
            "This person also belongs to another workspace, so only they can change their password."
        )
    return user


def _link(session: Session, ctx: Context, person_id: UUID, kind: str, email: str) -> LinkMade:
    token, expires_at = new_link(session, ctx.tenant, person_id, kind)
    workspace = session.get_one(Tenant, ctx.tenant).name
    return LinkMade(token, kind, email, workspace, expires_at)


def withdraw_invitation(session: Session, ctx: Context, invitation_id: UUID) -> None:
    """Take an invitation back; its link leads nowhere. Raises NotFoundError."""
    require(ctx, "users.manage")
    gone = delete(Invitation).where(col(Invitation.id) == invitation_id)
    email = session.scalar(gone.returning(col(Invitation.email)))
    if email is None:
        raise NotFoundError("This invitation was used or withdrawn already.")
    forget_link(session, ctx.tenant, invitation_id)
    record(session, ctx, Event("config", "invitation_withdrawn", "invitation", str(invitation_id),
                               payload={"email": email}))  # fmt: skip
