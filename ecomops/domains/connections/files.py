"""Connections that hold uploaded files: rows need one, and nothing is ever read from it."""

from datetime import UTC, datetime

from sqlmodel import Session, select

from ecomops.domains.access.turns import take_turn
from ecomops.domains.audit.service import Event, record
from ecomops.kit.context import Context
from ecomops.kit.errors import ConflictError
from ecomops.kit.ids import new_id
from ecomops.models.connections import FILES, Connection

LABELS = {"stripe": "Uploaded Stripe files", "shopify": "Uploaded Shopify files"}


def refuse_files(row: Connection) -> None:
    """Raises ConflictError for what only makes sense with an account behind a connection."""
    if row.environment == FILES:
        raise ConflictError(f"'{row.label}' holds files: there is no account behind it.")


def connection_of_files(session: Session, ctx: Context, provider: str) -> Connection:
    """The one that holds the workspace's files of ``provider``, made when first needed.

    It takes no place in the plan: files are free.
    """
    # Whoever needs it first makes it; others wait here and find it.
    take_turn(session, ctx)
    query = select(Connection).where(
        Connection.provider == provider, Connection.environment == FILES
    )
    found = session.exec(query).first()
    return found or _made(session, ctx, provider)


def _made(session: Session, ctx: Context, provider: str) -> Connection:
    row = Connection(
        tenant_id=ctx.tenant,
        id=new_id(),
        provider=provider,
        label=LABELS[provider],
        environment=FILES,
        created_by=ctx.actor.user_id,
        created_at=datetime.now(UTC),
    )
    session.add(row)
    session.flush()
    payload = {"provider": provider, "label": row.label, "environment": FILES}
    record(session, ctx, Event("connection", "connection_created", "connection", str(row.id),
                               payload=payload))  # fmt: skip
    return row
