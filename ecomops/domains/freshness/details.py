"""Everything about one connection that helps to judge how fresh and whole its rows are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from ecomops.domains.access.rules import require
from ecomops.domains.connections.credentials import opened
from ecomops.domains.connections.files import refuse_files
from ecomops.domains.connections.schemas import ConnectionCard, card_of
from ecomops.domains.freshness.completeness import CheckView, list_checks
from ecomops.domains.freshness.schedules import list_freshness
from ecomops.domains.freshness.schemas import ConnectionFreshness
from ecomops.kit.context import Context
from ecomops.kit.errors import ConflictError, NotFoundError
from ecomops.models.connections import Connection, CursorState
from ecomops.models.freshness import WebhookDelivery

NEWEST = 10


@dataclass(frozen=True, slots=True)
class StreamView:
    """One stream, and when it last brought a page."""

    name: str
    read_at: datetime


@dataclass(frozen=True, slots=True)
class DeliveryView:
    topic: str
    status: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class ConnectionDetails:
    """One connection. ``account`` is what its last test learned; ``freshness`` None: revoked."""

    card: ConnectionCard
    account: dict[str, Any]
    freshness: ConnectionFreshness | None
    streams: tuple[StreamView, ...]
    webhooks_signed: bool
    deliveries: tuple[DeliveryView, ...]
    checks: tuple[CheckView, ...]


def get_details(session: Session, ctx: Context, connection_id: UUID) -> ConnectionDetails:
    """All that is known of one connection. Raises NotFoundError, ConflictError for files."""
    require(ctx, "connections.view")
    row = session.exec(select(Connection).where(Connection.id == connection_id)).first()
    if row is None:
        raise NotFoundError("This connection does not exist.")
    refuse_files(row)
    fresh = {it.connection_id: it for it in list_freshness(session, ctx, None)}
    return ConnectionDetails(
        card=card_of(row),
        account=dict(row.detail),
        freshness=fresh.get(row.id),
        streams=_streams(session, row.id),
        webhooks_signed=_signed(row),
        deliveries=_deliveries(session, row.id),
        checks=list_checks(session, ctx, row.id),
    )


def _streams(session: Session, connection_id: UUID) -> tuple[StreamView, ...]:
    query = (
        select(CursorState.stream, CursorState.updated_at)
        .where(CursorState.connection_id == connection_id, ~col(CursorState.stream).contains("@"))
        .order_by(CursorState.stream)
    )
    return tuple(StreamView(name, read_at) for name, read_at in session.exec(query))


def _deliveries(session: Session, connection_id: UUID) -> tuple[DeliveryView, ...]:
    query = (
        select(WebhookDelivery)
        .where(WebhookDelivery.connection_id == connection_id)
        .order_by(col(WebhookDelivery.received_at).desc())
        .limit(NEWEST)
    )
    return tuple(DeliveryView(it.topic, it.status, it.received_at) for it in session.exec(query))


def _signed(row: Connection) -> bool:
    """Whether we could tell the provider's webhooks from others'."""
    try:
        held = opened(row)
    except ConflictError:
        return False
    return "webhook_secret" in held or (row.provider == "shopify" and "api_secret" in held)
