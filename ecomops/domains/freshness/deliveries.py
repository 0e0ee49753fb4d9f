"""The inbox of webhooks: each delivery once, and what is to be fetched because of it.

A delivery says only where to look. The record is fetched again, so deliveries that come late,
twice or out of order do no harm.
"""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select, update

from ecomops.domains.connections.schemas import RecordTest
from ecomops.domains.connections.service import record_check
from ecomops.domains.freshness.schemas import Received, Waiting
from ecomops.domains.jobs.schemas import Enqueue
from ecomops.domains.jobs.service import enqueue
from ecomops.kit.context import Context
from ecomops.kit.database import driver_of
from ecomops.kit.errors import ProviderAuthError
from ecomops.models.freshness import WebhookDelivery, WebhookRoute

MOST_AT_ONCE = 1000
_INSERT = (
    "INSERT INTO webhook_deliveries (tenant_id, id, connection_id, delivery_ref, topic, status,"
    " object_stream, object_ref, payload) VALUES (%s, uuidv7(), %s, %s, %s, %s, %s, %s, %s::jsonb)"
    " ON CONFLICT (tenant_id, connection_id, delivery_ref) DO NOTHING RETURNING id"
)
_WAITING_JOB = text(
    "SELECT id FROM jobs WHERE connection_id = :connection AND kind = 'deliveries'"
    " AND status = 'pending' AND NOT cancel_requested LIMIT 1 FOR UPDATE SKIP LOCKED"
)


def find_route(session: Session, ctx: Context, connection_id: UUID) -> UUID | None:
    """The workspace whose connection this is; None when nobody's."""
    query = select(WebhookRoute.tenant_id).where(WebhookRoute.connection_id == connection_id)
    return session.exec(query).first()


def receive(session: Session, ctx: Context, command: Received) -> bool:
    """Keep a delivery and do what follows from it; False if it was here before.

    Its record is fetched. A farewell makes the connection need attention, until a later check
    finds that it works after all.
    """
    it = command.delivery
    status = "waiting" if it.object_ref else "kept"
    values = [ctx.tenant, command.connection_id, it.ref, it.topic, status,
              it.stream, it.object_ref, it.payload]  # fmt: skip
    if driver_of(session).execute(_INSERT, values).fetchone() is None:
        return False
    if it.object_ref:
        _have_fetched(session, ctx, command.connection_id)
    if it.farewell:
        lost = RecordTest(command.connection_id, it.farewell, ProviderAuthError.code)
        record_check(session, ctx, lost)
    return True


def _have_fetched(session: Session, ctx: Context, connection_id: UUID) -> None:
    # Holding the row of a job that waits keeps a worker from starting it before we have committed.
    # One that cannot be held is starting now, and may not see us: then another one is made.
    if session.execute(_WAITING_JOB, {"connection": connection_id}).first() is None:
        enqueue(session, ctx, Enqueue("deliveries", "sync", connection_id))


def list_waiting(session: Session, ctx: Context, connection_id: UUID) -> list[Waiting]:
    """What deliveries of a connection ask to be fetched, by stream, each record once."""
    query = (
        select(WebhookDelivery)
        .where(WebhookDelivery.connection_id == connection_id, WebhookDelivery.status == "waiting")
        .order_by(col(WebhookDelivery.received_at))
        .limit(MOST_AT_ONCE)
    )
    rows = session.exec(query).all()
    streams = dict.fromkeys(it.object_stream or "" for it in rows)
    return [
        _waiting(stream, [it for it in rows if it.object_stream == stream]) for stream in streams
    ]


def _waiting(stream: str, rows: list[WebhookDelivery]) -> Waiting:
    refs = tuple(dict.fromkeys(it.object_ref for it in rows if it.object_ref))
    return Waiting(stream, refs, tuple(it.id for it in rows))


def settle(session: Session, ctx: Context, deliveries: tuple[UUID, ...]) -> None:
    """These have been followed up."""
    session.execute(
        update(WebhookDelivery)
        .where(col(WebhookDelivery.id).in_(deliveries))
        .values(status="done", handled_at=datetime.now(UTC))
    )
