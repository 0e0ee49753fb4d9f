"""One-time links: each person has one at most, and whoever uses it first has it alone."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from ecomops.domains.identity.errors import LinkGoneError
from ecomops.kit.context import Context
from ecomops.kit.crypto import new_token, token_hash
from ecomops.kit.database import bind_tenant
from ecomops.models.identity import Membership, OneTimeLink

LINK_LIFE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class LinkMade:
    """A new link, and what a letter about it tells. ``token`` is shown here once, never stored."""

    token: SecretStr
    kind: str
    email: str
    workspace_name: str
    expires_at: datetime


def new_link(
    session: Session, tenant_id: UUID, person_id: UUID, kind: str
) -> tuple[SecretStr, datetime]:
    """Make the one link of an invitation or a member; the one before is worth nothing now."""
    token, expires_at = new_token(), datetime.now(UTC) + LINK_LIFE
    anew = {"token_hash": token_hash(token), "kind": kind, "expires_at": expires_at}
    row = insert(OneTimeLink).values(tenant_id=tenant_id, person_id=person_id, **anew)
    keys = ["tenant_id", "person_id"]
    session.execute(row.on_conflict_do_update(index_elements=keys, set_=anew))
    return token, expires_at


def forget_link(session: Session, tenant_id: UUID, person_id: UUID) -> None:
    """Have the link of an invitation or a member lead nowhere."""
    session.execute(
        delete(OneTimeLink).where(
            col(OneTimeLink.tenant_id) == tenant_id, col(OneTimeLink.person_id) == person_id
        )
    )


def find_link(session: Session, token: SecretStr) -> OneTimeLink:
    """The live link with this token. Raises LinkGoneError."""
    found = select(OneTimeLink).where(
        OneTimeLink.token_hash == token_hash(token), OneTimeLink.expires_at > datetime.now(UTC)
    )
    link = session.exec(found).first()
    if link is None:
        raise LinkGoneError
    return link


def use_up(session: Session, link: OneTimeLink) -> None:
    """Be the one who uses this link. Raises LinkGoneError for everybody else."""
    gone = session.execute(
        delete(OneTimeLink)
        .where(col(OneTimeLink.token_hash) == link.token_hash)
        .returning(col(OneTimeLink.person_id)),
        execution_options={"synchronize_session": False},
    )
    if gone.first() is None:
        raise LinkGoneError


def belongs_elsewhere(session: Session, ctx: Context, user_id: UUID) -> bool:
    """Whether a person is known to another workspace as well, active there or not.

    People see their own rows of other workspaces, so it is asked in their name.
    """
    bind_tenant(session, ctx.tenant, user_id)
    others = select(Membership.id).where(
        Membership.user_id == user_id, Membership.tenant_id != ctx.tenant
    )
    found = session.exec(others.limit(1)).first() is not None
    bind_tenant(session, ctx.tenant, ctx.actor.user_id)
    return found
