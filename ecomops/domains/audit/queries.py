"""Reading the audit log. Looking at it leaves no event; a denial does."""

from operator import itemgetter
from uuid import UUID

from sqlmodel import Session, col, select

from ecomops.domains.access.rules import require
from ecomops.domains.audit.filters import check, filters_of, order_of
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
from ecomops.domains.audit.statements import count_statement, page_statement
from ecomops.kit.context import Context
from ecomops.kit.errors import NotFoundError
from ecomops.kit.keyset import Beside, Place, cut
from ecomops.kit.statements import Filters, run
from ecomops.models.audit import AuditEvent, AuditLeaf, AuditSeal

COUNTED_TO = 10_000
MOST_RELATED = 200
_KEY = itemgetter(*map(EventRow._fields.index, ("occurred_at", "id")))


def list_events(session: Session, ctx: Context, command: AuditQuery) -> EventPage:
    """One page. Raises InvalidInputError."""
    require(ctx, "audit.view")
    check(command)
    return _page(session, command, filters_of(session, command))


def _page(session: Session, query: AuditQuery, filters: Filters) -> EventPage:
    order = order_of(query)
    place = Place.decoded(query.cursor, order.column) if query.cursor else None
    values = {**filters.values, **(place.values if place else {}), "most_rows": query.page_size + 1}
    statement = page_statement(filters.names, order.descending, Beside.of(place))
    page = cut(run(session, statement, values), query.page_size, place)
    rows = tuple(map(EventRow._make, page.rows))
    return EventPage(rows, *page.cursors(_KEY))


def _row_of(event: AuditEvent) -> EventRow:
    return EventRow(**{name: getattr(event, name) for name in EventRow._fields})


def count_events(session: Session, ctx: Context, command: AuditQuery) -> EventCount:
    """How many events the filters let through, counted to 10,000."""
    require(ctx, "audit.view")
    check(command)
    return _count(session, filters_of(session, command))


def _count(session: Session, filters: Filters) -> EventCount:
    values = {**filters.values, "most_rows": COUNTED_TO + 1}
    ((value,),) = run(session, count_statement(filters.names), values)
    return EventCount(min(value, COUNTED_TO), value > COUNTED_TO)


def read_log(session: Session, ctx: Context, command: AuditQuery) -> tuple[EventPage, EventCount]:
    """A page and the count of all that its filters let through, both of one moment."""
    require(ctx, "audit.view")
    check(command)
    filters = filters_of(session, command)
    return _page(session, command, filters), _count(session, filters)


def get_event(session: Session, ctx: Context, command: UUID) -> EventDetail:
    """One event with all that belongs to it. Raises NotFoundError."""
    require(ctx, "audit.view")
    row = session.exec(select(AuditEvent).where(AuditEvent.id == command)).first()
    if row is None:
        raise NotFoundError("This event does not exist.")
    trace = AuditQuery(correlation_id=row.correlation_id, page_size=MOST_RELATED)
    related = _page(session, trace, filters_of(session, trace))
    return EventDetail(
        _row_of(row),
        row.address,
        row.payload,
        related.rows,
        related.next_cursor is not None,
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
