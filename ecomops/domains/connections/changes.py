"""Editing and revoking a connection."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from pydantic import SecretStr
from sqlmodel import Session, select

from ecomops.domains.access.rules import require
from ecomops.domains.audit.service import Event, record
from ecomops.domains.connections import fields
from ecomops.domains.connections.credentials import seal_into
from ecomops.domains.connections.schemas import ConnectionCard, card_of
from ecomops.domains.jobs.service import cancel_of_connection
from ecomops.domains.plans.rules import require_writable
from ecomops.kit.context import Context
from ecomops.kit.errors import ConflictError, NotFoundError
from ecomops.models.connections import Connection


@dataclass(frozen=True, slots=True)
class EditConnection:
    """A new label, and new credentials where any is given; what is stored is never read back."""

    connection_id: UUID
    label: str
    credentials: dict[str, SecretStr] = field(default_factory=dict, repr=False)


def edit_connection(session: Session, ctx: Context, command: EditConnection) -> ConnectionCard:
    """Rename a connection, replace its credentials as a whole, or both.

    Raises NotFoundError, ConflictError when it was revoked, InvalidInputError by field.
    """
    require(ctx, "connections.manage")
    require_writable(ctx)
    row = _lock(session, command.connection_id)
    replaces = any(secret.get_secret_value().strip() for secret in command.credentials.values())
    values = fields.check_edit(row.provider, command.label, command.credentials if replaces else {})
    payload = {"label": command.label.strip(), "credentials_replaced": replaces}
    row.label = command.label.strip()
    if replaces:
        seal_into(row, values)
        row.status, row.last_error = "active", None
    session.flush()
    record(session, ctx, Event("connection", "connection_updated", "connection", str(row.id),
                               payload=payload))  # fmt: skip
    return card_of(row)


def revoke_connection(session: Session, ctx: Context, connection_id: UUID) -> ConnectionCard:
    """Wipe the credentials for good and stop the connection's jobs; the row stays.

    Raises NotFoundError, ConflictError when it was revoked before.
    """
    require(ctx, "connections.manage")
    require_writable(ctx)
    row = _lock(session, connection_id)
    row.status, row.credentials, row.key_version = "revoked", None, ""
    row.revoked_at, row.last_error = datetime.now(UTC), None
    canceled = cancel_of_connection(session, ctx, row.id)
    payload = {"provider": row.provider, "label": row.label, "jobs_canceled": canceled}
    record(session, ctx, Event("connection", "connection_revoked", "connection", str(row.id),
                               payload=payload))  # fmt: skip
    return card_of(row)


def _lock(session: Session, connection_id: UUID) -> Connection:
    query = select(Connection).where(Connection.id == connection_id).with_for_update()
    row = session.exec(query).first()
    if row is None:
        raise NotFoundError("This connection does not exist.")
    if row.status == "revoked":
        raise ConflictError(f"The connection '{row.label}' was revoked.")
    return row
