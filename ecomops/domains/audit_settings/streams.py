"""A workspace's audit stream: where its sealed events are sent to, and from which on."""

from datetime import UTC, datetime

from pydantic import SecretStr
from sqlalchemy import text
from sqlmodel import Session, col, select

from ecomops.connectors.outbound import problem_of
from ecomops.domains.access.rules import require
from ecomops.domains.audit.service import Event, record
from ecomops.domains.audit_settings.schemas import Cursor, StreamSaved, StreamView
from ecomops.domains.due.service import forget_due, set_due
from ecomops.domains.plans.rules import require_writable
from ecomops.kit.context import Context
from ecomops.kit.crypto import Vault, new_token
from ecomops.kit.errors import InvalidInputError, NotFoundError
from ecomops.kit.ids import new_id
from ecomops.kit.settings import get_settings
from ecomops.models.audit import AuditSeal, AuditStream
from ecomops.models.freshness import DueTime

KIND = "audit_stream"
_BEHIND = text(
    "SELECT coalesce((SELECT total FROM audit_seals ORDER BY number DESC LIMIT 1), 0)"
    " - coalesce((SELECT total FROM audit_seals WHERE number = :before), 0)"
)


def get_stream(session: Session, ctx: Context, command: None) -> StreamView | None:
    """The workspace's stream; None when it has none."""
    require(ctx, "audit.view")
    row = session.exec(select(AuditStream)).first()
    return _view(session, row) if row else None


def save_stream(session: Session, ctx: Context, command: str) -> StreamSaved:
    """Send sealed events to the address ``command``: from now on, or on from where it stood.

    The first time a secret is made, which only this answer shows. Raises InvalidInputError.
    """
    require(ctx, "tenant.manage")
    require_writable(ctx)
    url = command.strip()
    if problem := problem_of(url, get_settings().env):
        raise InvalidInputError({"url": problem})
    row = _lock(session)
    if row is not None:
        row.url = url
        return _changed(session, ctx, row, "audit_stream_updated")
    row = AuditStream(tenant_id=ctx.tenant, id=new_id(), url=url, secret=b"", key_version="",
                      batch=_next_batch(session))  # fmt: skip
    secret = _give_secret(row)
    session.add(row)
    return _changed(session, ctx, row, "audit_stream_created", secret)


def pause_stream(session: Session, ctx: Context, command: None) -> StreamView:
    """Send nothing until it is resumed; nothing is lost. Raises NotFoundError."""
    require(ctx, "tenant.manage")
    require_writable(ctx)
    row = _locked(session)
    row.status = "paused"
    return _changed(session, ctx, row, "audit_stream_paused").stream


def resume_stream(session: Session, ctx: Context, command: None) -> StreamView:
    """Send what has gathered, at once. Raises NotFoundError."""
    require(ctx, "tenant.manage")
    require_writable(ctx)
    row = _locked(session)
    row.status, row.failures = "active", 0
    return _changed(session, ctx, row, "audit_stream_resumed").stream


def replay_stream(session: Session, ctx: Context, command: Cursor) -> StreamView:
    """Send everything from a place on, again. Raises NotFoundError, InvalidInputError."""
    require(ctx, "tenant.manage")
    require_writable(ctx)
    row = _locked(session)
    if not (1 <= command.batch <= _next_batch(session) and 0 <= command.position < 2**31):
        raise InvalidInputError({"batch": "There is no such batch in the log."})
    row.batch, row.position, row.failures = command.batch, command.position, 0
    return _changed(session, ctx, row, "audit_stream_replayed").stream


def rotate_stream_secret(session: Session, ctx: Context, command: None) -> StreamSaved:
    """Sign with a new secret from the next delivery on; only this answer shows it.

    Raises NotFoundError.
    """
    require(ctx, "tenant.manage")
    require_writable(ctx)
    row = _locked(session)
    return _changed(session, ctx, row, "audit_stream_secret_rotated", _give_secret(row))


def delete_stream(session: Session, ctx: Context, command: None) -> None:
    """Send nothing any more, and forget where to. Raises NotFoundError."""
    require(ctx, "tenant.manage")
    require_writable(ctx)
    row = _locked(session)
    forget_due(session, row.id)
    session.delete(row)
    record(session, ctx, Event("config", "audit_stream_deleted", "audit_stream", str(row.id),
                               payload={"url": row.url}))  # fmt: skip


def _changed(
    session: Session, ctx: Context, row: AuditStream, action: str, secret: SecretStr | None = None
) -> StreamSaved:
    session.flush()
    forget_due(session, row.id)
    if row.status == "active":
        set_due(session, ctx, row.id, KIND, datetime.now(UTC))
    payload = {"url": row.url, "batch": row.batch, "position": row.position}
    record(session, ctx, Event("config", action, "audit_stream", str(row.id), payload=payload))
    return StreamSaved(_view(session, row), secret)


def _lock(session: Session) -> AuditStream | None:
    return session.exec(select(AuditStream).with_for_update()).first()


def _locked(session: Session) -> AuditStream:
    row = _lock(session)
    if row is None:
        raise NotFoundError("This workspace has no audit stream.")
    return row


def _next_batch(session: Session) -> int:
    query = select(AuditSeal.number).order_by(col(AuditSeal.number).desc()).limit(1)
    return (session.exec(query).first() or 0) + 1


def owner_of(row: AuditStream) -> str:
    """What the secret's ciphertext is bound to."""
    return f"{row.tenant_id}/{row.id}"


def _give_secret(row: AuditStream) -> SecretStr:
    vault, secret = Vault(get_settings().encryption_keys), new_token()
    row.secret = vault.seal({"secret": secret.get_secret_value()}, owner_of(row))
    row.key_version = vault.key_version
    return secret


def _view(session: Session, row: AuditStream) -> StreamView:
    due = session.exec(select(DueTime.due_at).where(DueTime.connection_id == row.id)).first()
    behind = session.scalar(_BEHIND, {"before": row.batch - 1}) or 0
    return StreamView(
        id=row.id,
        url=row.url,
        status="active" if row.status == "active" else "paused",
        cursor=Cursor(row.batch, row.position),
        waiting=max(behind - row.position, 0),
        delivered=row.delivered,
        failures=row.failures,
        last_error=row.last_error,
        last_tried_at=row.last_tried_at,
        last_delivered_at=row.last_delivered_at,
        next_try_at=due if row.failures else None,
    )
