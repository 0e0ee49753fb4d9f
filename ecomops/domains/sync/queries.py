"""Where streams stand, what is still open, and what could not be read."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from ecomops.domains.access.rules import require
from ecomops.domains.sync.schemas import ListRejects, RejectView
from ecomops.kit.context import Context
from ecomops.models.connections import Connection, CursorState, IngestReject

# A paid payout may still fail for five business days, a won dispute is fee-settled within days
# of the answer that told us of it; a refund may come back for a month, and a line tells.
MAY_STILL_CHANGE = timedelta(days=10)
MAY_STILL_COME_BACK = timedelta(days=45)

_OPEN = {
    "payments": "status = 'pending'",
    "refunds": "status = 'pending'",
    "disputes": "status IN ('needs_response', 'under_review')"
    " OR (status = 'won' AND ingested_at > now() - :recent)",
    "payouts": "status IN ('pending', 'in_transit') OR (itemizable AND NOT contents_complete)"
    " OR (status = 'completed' AND arrival_date > (now() - :recent)::date)",
}
_UNREAD_PAYOUTS = text(
    "SELECT source_id FROM payouts WHERE connection_id = :connection AND itemizable"
    " AND contents_complete AND contents_read_at IS NULL ORDER BY created_at, id"
)
_RETURNED_REFUNDS = text(
    "SELECT DISTINCT r.source_id FROM payout_lines l"
    " JOIN refunds r ON r.dedupe_key = l.source || ':' || l.object_ref"
    " WHERE l.created_at > now() - :recent AND l.reporting_category = 'refund_failure'"
    " AND r.connection_id = :connection AND r.status = 'completed' ORDER BY r.source_id"
)
_FIRST_DAY = text(
    "SELECT created_at FROM payments WHERE connection_id = :connection ORDER BY created_at LIMIT 1"
)


def find_cursor(session: Session, ctx: Context, command: tuple[UUID, str]) -> dict[str, Any] | None:
    """The cursor of (connection, stream); None before its first page."""
    connection_id, stream = command
    query = select(CursorState.cursor).where(
        CursorState.connection_id == connection_id, CursorState.stream == stream
    )
    found = session.exec(query).first()
    return None if found is None else dict(found)


def list_open(session: Session, ctx: Context, command: tuple[UUID, str]) -> list[str]:
    """Source ids of rows of (connection, table) that may have changed since they were stored."""
    connection_id, table = command
    condition = _OPEN.get(table)
    if condition is None:
        return []
    query = text(
        f"SELECT source_id FROM {table} WHERE connection_id = :connection"
        f" AND ({condition}) ORDER BY created_at, id"
    )
    values: dict[str, Any] = {"connection": connection_id}
    if ":recent" in condition:
        values["recent"] = MAY_STILL_CHANGE
    return list(session.scalars(query, values))


def list_returned_refunds(session: Session, ctx: Context, command: UUID) -> list[str]:
    """Refunds that we think completed, though a line of the balance says that they came back."""
    values = {"connection": command, "recent": MAY_STILL_COME_BACK}
    return list(session.scalars(_RETURNED_REFUNDS, values))


def list_unread_payouts(session: Session, ctx: Context, command: UUID) -> list[str]:
    """Payouts of this connection whose lines are final and not yet read, oldest first."""
    return list(session.scalars(_UNREAD_PAYOUTS, {"connection": command}))


def find_first_day(session: Session, ctx: Context, command: UUID) -> datetime | None:
    """When the oldest known payment of this connection was made."""
    first: datetime | None = session.scalar(_FIRST_DAY, {"connection": command})
    return first


def list_rejects(session: Session, ctx: Context, command: ListRejects) -> tuple[RejectView, ...]:
    """Records that could not be read, newest first."""
    require(ctx, "jobs.view")
    query = (
        select(IngestReject, Connection.label)
        .join(Connection, col(Connection.id) == IngestReject.connection_id)
        .where(col(IngestReject.resolved_at).is_(None))
        .order_by(col(IngestReject.created_at).desc(), col(IngestReject.id).desc())
        .limit(command.limit)
    )
    return tuple(_reject_view(reject, label) for reject, label in session.exec(query))


def _reject_view(reject: IngestReject, label: str) -> RejectView:
    return RejectView(
        id=reject.id,
        stream=reject.stream,
        source_id=reject.source_id,
        reason_code=reject.reason_code,
        message=reject.message,
        payload=_indented(reject.payload),
        connection_label=label,
        created_at=reject.created_at,
    )


def _indented(payload: str) -> str:
    try:
        return json.dumps(json.loads(payload), indent=2, ensure_ascii=False)
    except ValueError:
        return payload
