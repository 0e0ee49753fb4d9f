"""A person's signed-in browsers: list them, end them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlmodel import Session, col, delete, select

from ecomops.domains.audit.service import Event, record
from ecomops.kit.context import Context
from ecomops.kit.errors import NotFoundError
from ecomops.models.identity import BrowserSession


@dataclass(frozen=True, slots=True)
class SessionView:
    """One signed-in browser. ``current``: the one that asks."""

    id: UUID
    created_at: datetime
    expires_at: datetime
    address: str
    user_agent: str
    current: bool


def list_sessions(session: Session, ctx: Context, command: None) -> tuple[SessionView, ...]:
    """The person's own live sessions in this workspace, newest first."""
    query = (
        select(BrowserSession)
        .where(
            BrowserSession.user_id == ctx.actor.user_id,
            BrowserSession.tenant_id == ctx.tenant,
            BrowserSession.expires_at > datetime.now(UTC),
        )
        .order_by(col(BrowserSession.created_at).desc())
    )
    return tuple(
        SessionView(
            row.id, row.created_at, row.expires_at, row.address, row.user_agent,
            current=row.id == ctx.session_id,
        )
        for row in session.exec(query)
    )  # fmt: skip


def end_session(session: Session, ctx: Context, session_id: UUID) -> None:
    """Sign one of the person's own browsers out. Raises NotFoundError."""
    if _end(session, ctx, BrowserSession.id == session_id) == 0:
        raise NotFoundError("This session has ended already.")


def end_other_sessions(session: Session, ctx: Context, command: None) -> int:
    """Sign all of the person's other browsers out; how many there were."""
    return _end(session, ctx, BrowserSession.id != ctx.session_id)


def revoked(session: Session, user_id: UUID | None) -> None:
    """This transaction signs the person out somewhere, or changes what they may do.

    After its commit open browsers of theirs are looked at anew.
    """
    session.info.setdefault("revoked", set()).add(user_id)


def _end(session: Session, ctx: Context, which: bool) -> int:
    gone = session.execute(
        delete(BrowserSession)
        .where(
            col(BrowserSession.user_id) == ctx.actor.user_id,
            col(BrowserSession.tenant_id) == ctx.tenant,
            which,  # type: ignore[arg-type]  # a column comparison, whatever its annotation says
        )
        .returning(col(BrowserSession.id))
    ).all()
    revoked(session, ctx.actor.user_id)
    for (session_id,) in gone:
        record(session, ctx, Event("auth", "session_ended", "session", str(session_id)))
    return len(gone)
