"""Provisional."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from ecomops.domains.access.rules import require
from ecomops.domains.audit.schemas import AuditQuery, Count, EventDetail, EventPage, EventView
from ecomops.kit.context import Context
from ecomops.kit.errors import NotFoundError
from ecomops.models.audit import AuditEvent as E

FIELDS = ("category", "action", "actor", "status", "resource_type", "resource_id", "correlation_id")


def _view(e: Any) -> EventView:
    return EventView(e.id, e.occurred_at, e.category, e.action, e.actor, e.resource_type, e.resource_id, e.status, e.correlation_id)  # fmt: skip


def read_log(session: Session, ctx: Context, command: AuditQuery) -> tuple[EventPage, Count]:
    require(ctx, "audit.view")
    q: Any = select(E).where(*[getattr(E, f) == v for f in FIELDS if (v := getattr(command, f))])
    order: Any = E.occurred_at
    offset = int(command.cursor or 0)
    q = q.order_by(order if command.sort_dir == "asc" else order.desc())
    found = session.execute(q).scalars().all()
    page = found[offset : offset + command.page_size]
    nxt = offset + command.page_size
    return EventPage(
        tuple(map(_view, page)),
        str(nxt) if nxt < len(found) else None,
        str(max(0, offset - command.page_size)) if offset else None,
    ), Count(len(found), False)


def get_event(session: Session, ctx: Context, command: UUID) -> EventDetail:
    require(ctx, "audit.view")
    e: Any = session.execute(select(E).where(E.id == command)).scalars().one_or_none()  # type: ignore[arg-type]
    if e is None:
        raise NotFoundError("There is no such event.")
    related = session.execute(select(E).where(E.correlation_id == e.correlation_id).order_by(E.occurred_at)).scalars()  # type: ignore[arg-type]  # fmt: skip
    return EventDetail(_view(e), e.channel, e.address, e.payload, tuple(map(_view, related)), None)
