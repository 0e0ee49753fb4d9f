"""Reading the audit log. Looking at it leaves no event; a denial does."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, literal
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from ecomops.domains.access.rules import require
from ecomops.domains.audit.filters import (
    EVENTS,
    Place,
    beyond,
    check,
    conditions,
    descends,
    in_order,
)
from ecomops.domains.audit.keys import signing_key
from ecomops.domains.audit.schemas import (
    AuditQuery,
    EventCount,
    EventDetail,
    EventPage,
    EventRow,
    SealPlace,
    SealView,
)
from ecomops.kit.context import Context
from ecomops.kit.errors import NotFoundError
from ecomops.models.audit import AuditEvent, AuditLeaf, AuditSeal

COUNTED_TO = 10_000
MOST_RELATED = 200
_NAMES = EventRow._fields
_EVENTS = select_columns(*[EVENTS.c[name] for name in _NAMES])


def list_events(session: Session, ctx: Context, command: AuditQuery) -> EventPage:
    """One page. Raises InvalidInputError."""
    require(ctx, "audit.view")
    check(command)
    place = Place.decoded(command.cursor) if command.cursor else None
    backwards, descending = place is not None and place.backwards, descends(command)
    wanted = conditions(session, command)
    if place is not None:
        wanted.append(beyond(place, descending=descending))
    query = _EVENTS.where(*wanted) if wanted else _EVENTS
    query = query.order_by(*in_order(descending=descending != backwards))
    found = session.execute(query.limit(command.page_size + 1)).all()
    return _page(found, command.page_size, place)


def _row_of(event: AuditEvent) -> EventRow:
    return EventRow(**{name: getattr(event, name) for name in _NAMES})


def _page(found: Sequence[Row[*tuple[Any, ...]]], size: int, place: Place | None) -> EventPage:
    more, rows = len(found) > size, list(map(EventRow._make, found[:size]))
    backwards = place is not None and place.backwards
    if backwards:
        rows.reverse()
    has_next = backwards or more
    has_previous = more if backwards else place is not None
    return EventPage(
        tuple(rows),
        _beside(rows[-1], backwards=False) if rows and has_next else None,
        _beside(rows[0], backwards=True) if rows and has_previous else None,
    )


def _beside(row: EventRow, *, backwards: bool) -> str:
    return Place(row.occurred_at, row.id, backwards).encoded()


def count_events(session: Session, ctx: Context, command: AuditQuery) -> EventCount:
    """How many events the filters let through, counted to 10,000."""
    require(ctx, "audit.view")
    check(command)
    some = select_columns(literal(1)).select_from(EVENTS).where(*conditions(session, command))
    limited = some.limit(COUNTED_TO + 1).subquery()
    value = session.scalar(select(func.count()).select_from(limited)) or 0
    return EventCount(min(value, COUNTED_TO), value > COUNTED_TO)


def read_log(session: Session, ctx: Context, command: AuditQuery) -> tuple[EventPage, EventCount]:
    """A page and the count of all that its filters let through, both of one moment."""
    require(ctx, "audit.view")
    return list_events(session, ctx, command), count_events(session, ctx, command)


def get_event(session: Session, ctx: Context, command: UUID) -> EventDetail:
    """One event with all that belongs to it. Raises NotFoundError."""
    require(ctx, "audit.view")
    row = session.exec(select(AuditEvent).where(AuditEvent.id == command)).first()
    if row is None:
        raise NotFoundError("This event does not exist.")
    trace = AuditQuery(correlation_id=row.correlation_id)
    query = _EVENTS.where(*conditions(session, trace)).order_by(*in_order(descending=False))
    related = list(map(EventRow._make, session.execute(query.limit(MOST_RELATED + 1))))
    return EventDetail(
        _row_of(row),
        row.address,
        row.payload,
        tuple(related[:MOST_RELATED]),
        len(related) > MOST_RELATED,
        _place_of(session, command),
    )


def _place_of(session: Session, event_id: UUID) -> SealPlace | None:
    found = session.exec(
        select(AuditLeaf.batch, AuditLeaf.position, AuditSeal.sealed_at, AuditLeaf.leaf_hash)
        .join(AuditSeal, col(AuditSeal.number) == AuditLeaf.batch)
        .where(AuditLeaf.id == event_id)
    ).first()
    return SealPlace(*found[:3], leaf=found[3].hex()) if found else None


def latest_seal(session: Session, ctx: Context, command: None) -> SealView | None:
    """The newest seal; None before the first."""
    require(ctx, "audit.view")
    query = select(AuditSeal).order_by(col(AuditSeal.number).desc()).limit(1)
    row = session.exec(query).first()
    return seal_view(row) if row else None


def seal_view(row: AuditSeal) -> SealView:
    """A seal as people see it."""
    return SealView(
        number=row.number,
        count=row.count,
        total=row.total,
        root=row.root.hex(),
        previous=row.previous.hex(),
        hash=row.hash.hex(),
        signature=row.signature.hex(),
        key_id=row.key_id,
        sealed_at=row.sealed_at,
        public_key=signing_key().public,
    )
