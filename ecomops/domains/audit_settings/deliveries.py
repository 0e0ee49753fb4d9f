"""What a stream's worker does: take the next events, and note how their delivery went."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import false, text, tuple_
from sqlmodel import Session, col, select, update

from ecomops.core.audit_file import as_ndjson
from ecomops.domains.access.rules import require
from ecomops.domains.audit.records import placed, records
from ecomops.domains.audit_settings.schemas import Cursor, Delivered, Parcel
from ecomops.domains.audit_settings.streams import KIND, owner_of
from ecomops.domains.due.service import Due, forget_due, set_due, take
from ecomops.kit.context import Context
from ecomops.kit.crypto import SealedForAnotherError, Vault
from ecomops.kit.errors import ConflictError, NotFoundError
from ecomops.kit.settings import get_settings
from ecomops.models.audit import AuditLeaf, AuditStream
from ecomops.models.freshness import DueTime

AT_ONCE = 500
LEASE = timedelta(minutes=5)
IDLE = timedelta(minutes=1)
FIRST_WAIT, MOST_DOUBLINGS = timedelta(seconds=10), 9  # ten seconds become 85 minutes
LONGEST_ERROR = 300
# A seal is news for a stream that rests: not for one that somebody sends now, which is due in more
# than a minute, nor for one that failed, which keeps to its waits.
_NEWS = text(
    "UPDATE due_times SET due_at = now() WHERE tenant_id = :tenant AND kind = :kind"
    " AND failures = 0 AND due_at BETWEEN now() AND now() + make_interval(secs => :idle)"
)


def take_stream(session: Session, ctx: Context, command: Due) -> bool:
    """Have this turn of a stream for five minutes; False if somebody else has it."""
    row = session.get(AuditStream, (ctx.tenant, command.connection_id))
    if row is None or row.status != "active":
        forget_due(session, command.connection_id)
        return False
    return take(session, command, datetime.now(UTC) + LEASE)


def next_parcel(session: Session, ctx: Context, command: UUID) -> Parcel | None:
    """The next events of an active stream; None when none are left.

    Raises ConflictError when its secret cannot be read with our keys.
    """
    row = session.get(AuditStream, (ctx.tenant, command))
    if row is None or row.status != "active":
        return None
    begins = Cursor(row.batch, row.position)
    places = tuple_(AuditLeaf.batch, AuditLeaf.position)
    query = placed().where(places >= tuple_(begins.batch, begins.position)).limit(AT_ONCE)
    found = list(records(session, ctx, query, {}))
    events = [one for one in found if one["type"] == "event"]
    if not events:
        _rest(session, ctx, row)
        return None
    return Parcel(
        stream_id=row.id,
        url=row.url,
        secret=_secret(row),
        begins=begins,
        ends=Cursor(events[-1]["batch"], events[-1]["position"] + 1),
        events=len(events),
        body=b"".join(as_ndjson(found)),
    )


def note_delivery(session: Session, ctx: Context, command: Delivered) -> bool:
    """Move the cursor on, or wait for the next try; False: it was moved or paused meanwhile."""
    now = datetime.now(UTC)
    row = session.get(AuditStream, (ctx.tenant, command.stream_id), with_for_update=True)
    here = Cursor(row.batch, row.position) if row else None
    if row is None or here != command.begins or row.status != "active":
        return False
    row.last_tried_at = now
    if command.error is None:
        row.batch, row.position = command.ends.batch, command.ends.position
        row.delivered += command.events
        row.failures, row.last_error, row.last_delivered_at = 0, None, now
        return True
    wait = FIRST_WAIT * 2 ** min(row.failures, MOST_DOUBLINGS)
    row.failures += 1
    row.last_error = command.error[:LONGEST_ERROR]
    _put_off(session, ctx, row.id, now + wait, row.failures)
    return True


def tell_stream(session: Session, ctx: Context) -> None:
    """There is a new seal: let the workspace's stream be looked at now."""
    told = {"tenant": ctx.tenant, "kind": KIND, "idle": IDLE.total_seconds()}
    session.execute(_NEWS, told)


def end_turn(session: Session, ctx: Context, command: UUID) -> None:
    """Others may go on with the stream; more of it is left."""
    row = session.get(AuditStream, (ctx.tenant, command))
    if row is not None and row.status == "active":
        set_due(session, ctx, row.id, KIND, datetime.now(UTC))


def get_test_parcel(session: Session, ctx: Context, command: None) -> Parcel:
    """A file without events, to see whether one arrives. Raises NotFoundError, ConflictError."""
    require(ctx, "tenant.manage")
    row = session.exec(select(AuditStream)).first()
    if row is None:
        raise NotFoundError("This workspace has no audit stream.")
    here = Cursor(row.batch, row.position)
    body = b"".join(as_ndjson(records(session, ctx, placed().where(false()), {})))
    return Parcel(row.id, row.url, _secret(row), here, here, 0, body)


def _rest(session: Session, ctx: Context, row: AuditStream) -> None:
    """Nothing is left. Look again in a while, should the news of a seal come between."""
    set_due(session, ctx, row.id, KIND, datetime.now(UTC) + IDLE)


def _put_off(
    session: Session, ctx: Context, stream_id: UUID, until: datetime, failures: int
) -> None:
    set_due(session, ctx, stream_id, KIND, until)
    session.execute(
        update(DueTime).where(col(DueTime.connection_id) == stream_id).values(failures=failures)
    )


def _secret(row: AuditStream) -> Any:
    try:
        return Vault(get_settings().encryption_keys).open(row.secret, owner_of(row))["secret"]
    except SealedForAnotherError as error:
        message = "The stream's secret cannot be read with this installation's keys. Rotate it."
        raise ConflictError(message, detail=str(error)) from error


def reseal_stream(session: Session, ctx: Context, command: None) -> bool:
    """Seal the stream's secret with the current key; False when there is nothing to do.

    Raises ConflictError when no key opens it.
    """
    vault = Vault(get_settings().encryption_keys)
    row = session.exec(
        select(AuditStream).where(AuditStream.key_version != vault.key_version).with_for_update()
    ).first()
    if row is None:
        return False
    row.secret = vault.seal({"secret": _secret(row).get_secret_value()}, owner_of(row))
    row.key_version = vault.key_version
    return True
