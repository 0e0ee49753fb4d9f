"""Register, sign in, sign out, and who a session belongs to."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg import Cursor
from pydantic import SecretStr
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select, update

from ecomops.domains.access.rules import permissions_of
from ecomops.domains.audit.service import Event, record
from ecomops.domains.identity import fields
from ecomops.domains.identity.errors import SignInRefusedError
from ecomops.domains.identity.passwords import hash_password, verify
from ecomops.domains.identity.queries import find_session, find_user
from ecomops.domains.identity.schemas import Register, Resolve, SignedIn, SignIn, SignOut
from ecomops.domains.identity.throttle import attempt_succeeded, begin_attempt
from ecomops.domains.plans.rules import TRIAL
from ecomops.kit.context import Actor, Context, Plan
from ecomops.kit.crypto import new_token, token_hash
from ecomops.kit.database import bind_tenant
from ecomops.kit.errors import InvalidInputError, UnauthenticatedError
from ecomops.kit.ids import new_id
from ecomops.kit.logging import get_logger
from ecomops.models.identity import BrowserSession, Membership, Tenant, TenantConfig, User

SESSION_LIFE = timedelta(days=7)
NOBODY = UUID(int=0)
log = get_logger(__name__)


def register(session: Session, ctx: Context, command: Register) -> SignedIn:
    """Create a workspace on trial with its admin, and sign the admin in.

    Raises InvalidInputError, also for a taken slug or e-mail.
    """
    email = fields.checked(command)
    tenant = _create_tenant(session, command)
    user = create_user(session, email, command.name, command.password)
    bind_tenant(session, tenant.id, user.id)
    session.add(TenantConfig(tenant_id=tenant.id))
    session.add(Membership(tenant_id=tenant.id, user_id=user.id, role="admin"))
    session.flush()
    acting = acting_as(ctx, tenant.id, user)
    payload = {"slug": tenant.slug, "name": tenant.name, "plan": tenant.plan}
    record(session, acting, Event("auth", "tenant_registered", "tenant", str(tenant.id),
                                  payload=payload))  # fmt: skip
    return open_session(session, acting, user.id, command.user_agent)


def _create_tenant(session: Session, command: Register) -> Tenant:
    tenant = Tenant(
        id=new_id(),
        slug=command.slug,
        name=command.organization_name.strip(),
        plan="trial",
        plan_expires_at=datetime.now(UTC) + TRIAL,
    )
    values = tenant.model_dump(exclude={"created_at"})
    done = session.execute(
        insert(Tenant).values(**values).on_conflict_do_nothing().returning(col(Tenant.id))
    )
    if done.first() is None:
        raise InvalidInputError({"slug": fields.TAKEN_SLUG})
    return tenant


def create_user(session: Session, email: str, name: str, password: SecretStr) -> User:
    """Somebody new, whose fields were checked. Raises InvalidInputError for a taken e-mail."""
    user = User(id=new_id(), email=email, name=name.strip(), password_hash=hash_password(password))
    values = user.model_dump(exclude={"created_at"})
    done = session.execute(
        insert(User).values(**values).on_conflict_do_nothing().returning(col(User.id))
    )
    if done.first() is None:
        message = "An account with this email exists. Sign in with it instead."
        raise InvalidInputError({"email": message})
    return user


def sign_in(session: Session, ctx: Context, command: SignIn) -> SignedIn | None:
    """Open a browser session in the person's workspace.

    None when the e-mail or the password is wrong: the failure's audit event is to be committed, so
    it is no exception here (see ``require_signed_in``). Raises TooManyAttemptsError.
    """
    address = fields.normalized_email(command.email)
    email = address or command.email[:320]
    begin_attempt(session, email, ctx.address)
    user = find_user(session, address) if address else None
    right, better_hash = verify(command.password, user.password_hash if user else None)
    # Asked for nobody as well: whoever does not exist takes as long.
    membership = _first_membership(session, user.id if user else NOBODY)
    if user is None or membership is None:
        log.info("sign-in of an unknown person", address=ctx.address)
        return None
    bind_tenant(session, membership.tenant_id, user.id)
    acting = acting_as(ctx, membership.tenant_id, user)
    if not right:
        event = Event("auth", "user_login_failed", "user", str(user.id), status="error")
        record(session, acting, event)
        return None
    if better_hash:
        session.execute(
            update(User).where(col(User.id) == user.id).values(password_hash=better_hash)
        )
    attempt_succeeded(session, email, ctx.address)
    record(session, acting, Event("auth", "user_login", "user", str(user.id)))
    return open_session(session, acting, user.id, command.user_agent)


def require_signed_in(outcome: SignedIn | None) -> SignedIn:
    """The session of a sign-in that was right. Raises SignInRefusedError."""
    if outcome is None:
        raise SignInRefusedError
    return outcome


def _first_membership(session: Session, user_id: UUID) -> Membership | None:
    bind_tenant(session, None, user_id)
    found = select(Membership).where(Membership.user_id == user_id, col(Membership.active))
    return session.exec(found.order_by(col(Membership.created_at)).limit(1)).first()


def open_session(session: Session, ctx: Context, user_id: UUID, user_agent: str) -> SignedIn:
    """Sign a person in, in the workspace of ``ctx``."""
    token = new_token()
    expires_at = datetime.now(UTC) + SESSION_LIFE
    row = BrowserSession(
        token_hash=token_hash(token),
        user_id=user_id,
        tenant_id=ctx.tenant,
        expires_at=expires_at,
        address=ctx.address,
        user_agent=user_agent[:400],
    )
    session.add(row)
    session.flush()
    return SignedIn(token, user_id, ctx.tenant, expires_at)


def acting_as(ctx: Context, tenant_id: UUID, user: User) -> Context:
    """The same operation, once it is known who does it and in which workspace."""
    return Context(
        correlation_id=ctx.correlation_id,
        channel=ctx.channel,
        tenant_id=tenant_id,
        actor=Actor(user.id, user.email),
        address=ctx.address,
    )


def sign_out(session: Session, ctx: Context, command: SignOut) -> None:
    """End the session of this token; nothing happens when there is none."""
    gone = session.execute(
        delete(BrowserSession)
        .where(col(BrowserSession.token_hash) == token_hash(command.token))
        .returning(col(BrowserSession.tenant_id), col(BrowserSession.user_id))
    ).first()
    if gone is None:
        return
    user = session.get_one(User, gone.user_id)
    bind_tenant(session, gone.tenant_id, user.id)
    acting = acting_as(ctx, gone.tenant_id, user)
    record(session, acting, Event("auth", "user_logout", "user", str(user.id)))


def resolve(reader: Session | Cursor[Any], ctx: Context, command: Resolve) -> Context:
    """The context of whoever holds this token. Raises UnauthenticatedError."""
    row = find_session(reader, token_hash(command.token))
    if row is None:
        raise UnauthenticatedError("Your session has ended. Please sign in again.")
    return Context(
        correlation_id=ctx.correlation_id,
        channel=ctx.channel,
        tenant_id=row.tenant_id,
        actor=Actor(row.user_id, row.email),
        role=row.role,
        permissions=permissions_of(row.role),
        plan=Plan(row.plan, row.plan_expires_at),
        session_id=row.id,
        address=ctx.address,
    )
