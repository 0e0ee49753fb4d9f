"""Using a one-time link: joining a workspace, or choosing a new password."""

from dataclasses import dataclass

from pydantic import SecretStr
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, delete, select

from ecomops.domains.audit.service import Event, record
from ecomops.domains.identity.errors import LinkGoneError
from ecomops.domains.identity.fields import check_newcomer
from ecomops.domains.identity.links import belongs_elsewhere, find_link, use_up
from ecomops.domains.identity.passwords import hash_password, verify, weakness
from ecomops.domains.identity.queries import find_user
from ecomops.domains.identity.schemas import SignedIn
from ecomops.domains.identity.service import acting_as, create_user, open_session
from ecomops.domains.identity.sessions import revoked
from ecomops.domains.identity.throttle import attempt_succeeded, begin_attempt
from ecomops.kit.context import Context
from ecomops.kit.database import bind_tenant
from ecomops.kit.errors import InvalidInputError
from ecomops.models.identity import (
    BrowserSession,
    Invitation,
    Membership,
    OneTimeLink,
    Tenant,
    User,
)


@dataclass(frozen=True, slots=True)
class LinkView:
    """What a link is for. ``known``: the person has an account and enters its password."""

    kind: str
    workspace_name: str
    email: str
    name: str
    known: bool


@dataclass(frozen=True, slots=True)
class UseLink:
    """``name`` counts only for somebody new."""

    token: SecretStr
    name: str
    password: SecretStr
    user_agent: str = ""


def see_link(session: Session, ctx: Context, token: SecretStr) -> LinkView:
    """What the holder of a link is asked; using it up it is not. Raises LinkGoneError."""
    link = find_link(session, token)
    bind_tenant(session, link.tenant_id, None)
    workspace = session.get_one(Tenant, link.tenant_id).name
    if link.kind == "password":
        user = _member(session, link)
        return LinkView(link.kind, workspace, user.email, user.name, known=False)
    invitation = _invitation(session, link)
    known = find_user(session, invitation.email) is not None
    return LinkView(link.kind, workspace, invitation.email, invitation.name, known)


def use_link(session: Session, ctx: Context, command: UseLink) -> SignedIn | None:
    """Do what the link is for, once, and sign the person in.

    None when the password of an account that is there is wrong: that is counted and committed, so
    it is no exception here (see ``require_signed_in``). Raises LinkGoneError, InvalidInputError,
    TooManyAttemptsError.
    """
    link = find_link(session, command.token)
    bind_tenant(session, link.tenant_id, None)
    if link.kind == "password":
        return _choose_password(session, ctx, command, link)
    return _join(session, ctx, command, link)


def _join(session: Session, ctx: Context, command: UseLink, link: OneTimeLink) -> SignedIn | None:
    invitation = _invitation(session, link)
    user = find_user(session, invitation.email)
    if user is None:
        check_newcomer(command.name, command.password, invitation.email)
    elif not _proves(session, ctx, user, command.password):
        acting = acting_as(ctx, link.tenant_id, user)
        failed = Event("auth", "user_login_failed", "user", str(user.id), status="error")
        record(session, acting, failed)
        return None
    use_up(session, link)
    if user is None:
        user = create_user(session, invitation.email, command.name, command.password)
    session.exec(delete(Invitation).where(col(Invitation.id) == link.person_id))
    values = {"tenant_id": link.tenant_id, "user_id": user.id, "role": invitation.role}
    session.execute(insert(Membership).values(**values).on_conflict_do_nothing())
    acting = acting_as(ctx, link.tenant_id, user)
    record(session, acting, Event("auth", "user_joined", "user", str(user.id),
                                  payload={"role": invitation.role}))  # fmt: skip
    return open_session(session, acting, user.id, command.user_agent)


def _proves(session: Session, ctx: Context, user: User, password: SecretStr) -> bool:
    """Whether it is the password of this account; guesses are counted as at sign-in."""
    begin_attempt(session, user.email, ctx.address)
    right, better_hash = verify(password, user.password_hash)
    if right:
        user.password_hash = better_hash or user.password_hash
        attempt_succeeded(session, user.email, ctx.address)
    return right


def _choose_password(
    session: Session, ctx: Context, command: UseLink, link: OneTimeLink
) -> SignedIn:
    user = _member(session, link)
    acting = acting_as(ctx, link.tenant_id, user)
    if belongs_elsewhere(session, acting, user.id):
        raise LinkGoneError  # They joined another workspace since the link was made.
    if problem := weakness(command.password, [user.name, user.email]):
        raise InvalidInputError({"password": problem})
    use_up(session, link)
    user.password_hash = hash_password(command.password)
    session.exec(delete(BrowserSession).where(col(BrowserSession.user_id) == user.id))
    revoked(session, user.id)
    attempt_succeeded(session, user.email, ctx.address)
    record(session, acting, Event("auth", "password_reset", "user", str(user.id)))
    return open_session(session, acting, user.id, command.user_agent)


def _invitation(session: Session, link: OneTimeLink) -> Invitation:
    found = session.exec(select(Invitation).where(Invitation.id == link.person_id)).first()
    if found is None:
        raise LinkGoneError
    return found


def _member(session: Session, link: OneTimeLink) -> User:
    query = select(User).join(Membership, col(Membership.user_id) == User.id)
    user = session.exec(
        query.where(
            User.id == link.person_id, Membership.tenant_id == link.tenant_id, Membership.active
        )
    ).first()
    if user is None:
        raise LinkGoneError
    return user
