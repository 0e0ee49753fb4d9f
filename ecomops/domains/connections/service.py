"""Adding, listing and testing connections."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlmodel import Session, col, select

from ecomops.domains.access.rules import require
from ecomops.domains.access.turns import take_turn
from ecomops.domains.audit.service import Event, Status, record
from ecomops.domains.connections import fields
from ecomops.domains.connections.credentials import opened, seal_into
from ecomops.domains.connections.schemas import (
    ConnectionCard,
    CreateConnection,
    ListConnections,
    OpenedConnection,
    RecordTest,
    card_of,
)
from ecomops.domains.connections.watching import watch
from ecomops.domains.due.service import note_health
from ecomops.domains.plans.rules import require_connection_slot, require_writable
from ecomops.kit.context import Context
from ecomops.kit.errors import NotFoundError
from ecomops.kit.ids import new_id
from ecomops.models.connections import FILES, Connection


def list_connections(
    session: Session, ctx: Context, command: ListConnections
) -> tuple[ConnectionCard, ...]:
    """The workspace's connections, newest first."""
    require(ctx, "connections.view")
    query = select(Connection).order_by(col(Connection.created_at).desc())
    if not command.include_revoked:
        query = query.where(Connection.status != "revoked")
    rows = session.exec(query).all()
    first = _first_of_accounts(rows)
    return tuple(card_of(row, first.get(row.id, "")) for row in rows)


def _first_of_accounts(rows: Sequence[Connection]) -> dict[UUID, str]:
    """Of the connections that are not the first to their account: the label of the first."""
    first: dict[tuple[str, ...], Connection] = {}
    same = {}
    for row in sorted(rows, key=lambda row: row.created_at):
        if row.status != "revoked" and row.account_id:
            older = first.setdefault((row.provider, row.environment, row.account_id), row)
            if older is not row:
                same[row.id] = older.label
    return same


def create_connection(session: Session, ctx: Context, command: CreateConnection) -> ConnectionCard:
    """Encrypt and store the credentials of a provider account.

    Raises InvalidInputError by field, EntitlementDeniedError when the plan is full.
    """
    require(ctx, "connections.manage")
    require_writable(ctx)
    credentials = fields.check(command)
    return card_of(add_connection(session, ctx, command, credentials))


def add_connection(
    session: Session, ctx: Context, command: CreateConnection, credentials: dict[str, str]
) -> Connection:
    """Store a connection whose ``credentials`` were checked, or came from the provider itself.

    Raises EntitlementDeniedError when the plan is full.
    """
    require_slot(session, ctx, command.provider)
    connection = _stored(session, ctx, command, credentials)
    payload = {
        "provider": connection.provider,
        "label": connection.label,
        "environment": connection.environment,
    }
    record(session, ctx, Event("connection", "connection_created", "connection",
                               str(connection.id), payload=payload))  # fmt: skip
    return connection


def require_slot(session: Session, ctx: Context, provider: str) -> None:
    """Raises EntitlementDeniedError when the plan has no room for one more of ``provider``."""
    # Whoever adds a connection waits here for whoever was first, so that the count is true.
    take_turn(session, ctx)
    in_use = select(Connection.provider).where(
        Connection.status != "revoked", Connection.environment != FILES
    )
    require_connection_slot(ctx, provider, list(session.exec(in_use)))


def _stored(
    session: Session, ctx: Context, command: CreateConnection, credentials: dict[str, str]
) -> Connection:
    connection = Connection(
        tenant_id=ctx.tenant,
        id=new_id(),
        provider=command.provider,
        label=command.label.strip(),
        environment=command.environment,
        created_by=ctx.actor.user_id,
        created_at=datetime.now(UTC),
    )
    seal_into(connection, credentials)
    session.add(connection)
    session.flush()
    watch(session, ctx, connection)
    return connection


def open_connection(session: Session, ctx: Context, connection_id: UUID) -> OpenedConnection:
    """A connection with its credentials.

    Raises NotFoundError, ConflictError when it was revoked or our keys do not open it.
    """
    row = _get(session, connection_id)
    return OpenedConnection(
        row.id, row.provider, row.label, row.environment, opened(row), dict(row.settings)
    )


def open_for_test(session: Session, ctx: Context, connection_id: UUID) -> OpenedConnection:
    """As ``open_connection``, for a person who may manage connections."""
    require(ctx, "connections.manage")
    require_writable(ctx)
    return open_connection(session, ctx, connection_id)


def record_test(session: Session, ctx: Context, command: RecordTest) -> None:
    """Keep how a test ended: the card's status, and an audit event."""
    row = _get(session, command.connection_id)
    _apply_health(row, command)
    status: Status = "error" if command.error else "success"
    payload = {"provider": row.provider, "error": command.error, "code": command.error_code}
    record(session, ctx, Event("connection", "connection_tested", "connection", str(row.id),
                               status, payload))  # fmt: skip


def record_health(session: Session, ctx: Context, command: RecordTest) -> None:
    """Keep what a sync learned of the connection; the job's own events tell the story."""
    _apply_health(_get(session, command.connection_id), command)


def record_check(session: Session, ctx: Context, command: RecordTest) -> None:
    """Keep what a regular check learned, and when to look again; a change of state is audited.

    A passing failure says nothing of the connection: it only makes us look again later.
    """
    row = _get(session, command.connection_id)
    before = row.status
    if command.error is None or command.error_code == "provider_auth":
        _apply_health(row, command)
    note_health(session, row.id, well=command.error is None, now=datetime.now(UTC))
    if row.status != before:
        payload = {"from": before, "to": row.status, "error": command.error}
        record(session, ctx, Event("connection", "connection_health_changed", "connection",
                                   str(row.id), payload=payload))  # fmt: skip


def record_sync(session: Session, connection_id: UUID, note: str | None) -> None:
    """A sync of this connection has just ended well, but for what ``note`` says was left out."""
    row = _get(session, connection_id)
    row.last_sync_at, row.last_error = datetime.now(UTC), note or None
    row.status = "active" if row.status == "error" else row.status


def _apply_health(row: Connection, command: RecordTest) -> None:
    if row.status == "revoked":
        return
    # A working connection keeps the last sync's note on what was left out, until the next one.
    if command.error or row.status == "error":
        row.last_error = command.error
    row.status = "error" if command.error else "active"
    row.account_id = command.account_id or row.account_id
    row.account_name = command.account_name or row.account_name
    if command.detail is not None:
        row.detail = dict(command.detail)


def _get(session: Session, connection_id: UUID) -> Connection:
    row = session.exec(select(Connection).where(Connection.id == connection_id)).first()
    if row is None:
        raise NotFoundError("This connection does not exist.")
    return row
