"""Editing and revoking a connection."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from pydantic import SecretStr
from sqlmodel import Session, select

from ecomops.domains.access.rules import require
from ecomops.domains.audit.service import Event, record
from ecomops.domains.connections import fields
from ecomops.domains.connections.credentials import opened, seal_into
from ecomops.domains.connections.files import refuse_files
from ecomops.domains.connections.schemas import ConnectionCard, card_of
from ecomops.domains.connections.watching import unwatch
from ecomops.domains.jobs.service import cancel_of_connection
from ecomops.domains.plans.rules import require_writable
from ecomops.kit.context import Context
from ecomops.kit.errors import ConflictError, NotFoundError
from ecomops.models.connections import Connection

WEBHOOK_SECRET = "webhook_secret"


@dataclass(frozen=True, slots=True)
class EditConnection:
    """A new label, and new credentials where any is given; what is stored is never read back."""

    connection_id: UUID
    label: str
    credentials: dict[str, SecretStr] = field(default_factory=dict, repr=False)
    method: str = ""


@dataclass(frozen=True, slots=True)
class SetWebhookSecret:
    """What the provider signs its webhooks to this connection with."""

    connection_id: UUID
    secret: SecretStr


def edit_connection(session: Session, ctx: Context, command: EditConnection) -> ConnectionCard:
    """Rename a connection, replace its credentials as a whole, or both.

    Raises NotFoundError, ConflictError when it was revoked, InvalidInputError by field.
    """
    require(ctx, "connections.manage")
    require_writable(ctx)
    row = _lock(session, command.connection_id)
    replaces = any(secret.get_secret_value().strip() for secret in command.credentials.values())
    given = command.credentials if replaces else {}
    values = fields.check_edit(row.provider, command.label, given, command.method)
    payload = {"label": command.label.strip(), "credentials_replaced": replaces}
    row.label = command.label.strip()
    if replaces:
        seal_into(row, values | _webhook_secret_of(row))
        row.status, row.last_error = "active", None
    session.flush()
    record(session, ctx, Event("connection", "connection_updated", "connection", str(row.id),
                               payload=payload))  # fmt: skip
    return card_of(row)


def set_webhook_secret(session: Session, ctx: Context, command: SetWebhookSecret) -> None:
    """Keep the signing secret of a connection's webhooks, beside its other credentials.

    Raises NotFoundError, ConflictError when it was revoked, InvalidInputError.
    """
    require(ctx, "connections.manage")
    require_writable(ctx)
    row = _lock(session, command.connection_id)
    secret = fields.check_webhook_secret(row.provider, command.secret)
    plain = {name: value.get_secret_value() for name, value in opened(row).items()}
    seal_into(row, plain | {WEBHOOK_SECRET: secret})
    session.flush()
    record(session, ctx, Event("connection", "connection_updated", "connection", str(row.id),
                               payload={"webhook_secret_replaced": True}))  # fmt: skip


def _webhook_secret_of(row: Connection) -> dict[str, str]:
    """It is the endpoint's, not the key's: new credentials leave it as it is."""
    try:
        kept = opened(row).get(WEBHOOK_SECRET)
    except ConflictError:  # sealed with a key that is gone: everything is entered anew
        kept = None
    return {WEBHOOK_SECRET: kept.get_secret_value()} if kept else {}


def revoke_connection(session: Session, ctx: Context, connection_id: UUID) -> ConnectionCard:
    """Wipe the credentials for good and stop the connection's jobs; the row stays.

    Raises NotFoundError, ConflictError when it was revoked before.
    """
    require(ctx, "connections.manage")
    require_writable(ctx)
    row = _lock(session, connection_id)
    row.status, row.credentials, row.key_version = "revoked", None, ""
    row.revoked_at, row.last_error = datetime.now(UTC), None
    unwatch(session, row)
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
    refuse_files(row)
    if row.status == "revoked":
        raise ConflictError(f"The connection '{row.label}' was revoked.")
    return row
