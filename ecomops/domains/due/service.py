"""Setting, finding and taking what is due.

Any number of schedulers may look at once: whoever moves a row's time on, comparing it with the
time they saw, has the slot. A slot that was slept through is made up for once, not many times.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, delete, func, select, update

from ecomops.kit.context import Context
from ecomops.kit.ids import new_id
from ecomops.models.freshness import DueTime

BATCH = 200
HEALTH_EVERY = timedelta(minutes=15)
MOST_DOUBLINGS = 5  # 15 minutes become 8 hours
COMPLETENESS_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Due:
    """Something whose time has come."""

    id: UUID
    tenant_id: UUID
    connection_id: UUID
    kind: str
    due_at: datetime
    failures: int


def set_due(
    session: Session, ctx: Context, connection_id: UUID, kind: str, due_at: datetime
) -> None:
    """Do ``kind`` for a connection at ``due_at``, and not at the time it had before."""
    row = {"id": new_id(), "tenant_id": ctx.tenant, "connection_id": connection_id,
           "kind": kind, "due_at": due_at, "failures": 0}  # fmt: skip
    keys = ["connection_id", "kind"]
    anew = {"due_at": due_at, "failures": 0}
    session.execute(
        insert(DueTime).values(**row).on_conflict_do_update(index_elements=keys, set_=anew)
    )


def forget_due(session: Session, connection_id: UUID, *kinds: str) -> None:
    """Do these kinds for a connection no more; without kinds, nothing at all."""
    rows = delete(DueTime).where(col(DueTime.connection_id) == connection_id)
    session.execute(rows.where(col(DueTime.kind).in_(kinds)) if kinds else rows)


def list_due(session: Session, ctx: Context, kinds: tuple[str, ...]) -> list[Due]:
    """What of these kinds is due in any workspace, longest overdue first."""
    query = select(DueTime).where(col(DueTime.due_at) <= func.now(), col(DueTime.kind).in_(kinds))
    rows = session.exec(query.order_by(col(DueTime.due_at)).limit(BATCH))
    return [
        Due(it.id, it.tenant_id, it.connection_id, it.kind, it.due_at, it.failures) for it in rows
    ]


def take(session: Session, due: Due, next_at: datetime) -> bool:
    """Have this slot, the next one being at ``next_at``; False if somebody else has it."""
    taken = session.execute(
        update(DueTime)
        .where(col(DueTime.id) == due.id, col(DueTime.due_at) == due.due_at)
        .values(due_at=next_at)
        .returning(col(DueTime.id))
    )
    return taken.first() is not None


def note_health(session: Session, connection_id: UUID, *, well: bool, now: datetime) -> None:
    """Look again after the usual time, or later and later while it stays broken."""
    row = session.exec(
        select(DueTime).where(DueTime.connection_id == connection_id, DueTime.kind == "health")
    ).first()
    if row is not None:
        row.failures = 0 if well else row.failures + 1
        row.due_at = now + HEALTH_EVERY * 2 ** min(row.failures, MOST_DOUBLINGS)
