"""While a connection lives: where its webhooks lead, and its regular checks."""

from datetime import UTC, datetime

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, delete

from ecomops.domains.due.service import COMPLETENESS_EVERY, HEALTH_EVERY, forget_due, set_due
from ecomops.kit.context import Context
from ecomops.models.connections import Connection
from ecomops.models.freshness import Schedule, WebhookRoute


def watch(session: Session, ctx: Context, row: Connection) -> None:
    """Take webhooks for this connection, and look after it."""
    route = {"connection_id": row.id, "tenant_id": ctx.tenant}
    session.execute(insert(WebhookRoute).values(**route).on_conflict_do_nothing())
    now = datetime.now(UTC)
    set_due(session, ctx, row.id, "health", now + HEALTH_EVERY)
    set_due(session, ctx, row.id, "completeness", now + COMPLETENESS_EVERY)


def unwatch(session: Session, row: Connection) -> None:
    """No webhooks, no checks and no schedule any more."""
    session.execute(delete(WebhookRoute).where(col(WebhookRoute.connection_id) == row.id))
    session.execute(delete(Schedule).where(col(Schedule.connection_id) == row.id))
    forget_due(session, row.id)
