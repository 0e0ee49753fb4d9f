"""How a page could be stored: the product's way, and two bad ones that the trials must catch.

Both bad ones are right as long as nothing is killed: each page's rows and its cursor are there in
the end. But they are two transactions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlmodel import Session

from ecomops.connectors.records import PaymentRecord
from ecomops.domains.sync import store
from ecomops.domains.sync.merge import Origin
from ecomops.domains.sync.schemas import Stored, StorePage
from ecomops.kit.context import Context
from ecomops.kit.database import driver_of

_OF_THIS_JOB = (
    "SELECT p.source_id FROM payments p, jobs j WHERE j.id = %s AND p.source_id = ANY(%s)"
    " AND p.connection_id = %s AND p.ingested_at >= j.started_at"
)
_real = store.store_page


@dataclass(frozen=True, slots=True)
class Appended(Origin):
    """Gives what is there already another key: so two rows come of it, as without any key."""

    there: frozenset[str] = frozenset()
    fence: int = 0

    def key(self, source_id: str) -> str:
        plain = f"{self.source}:{source_id}"
        return f"{plain}:{self.fence}" if source_id in self.there else plain


def append_then_cursor(session: Session, ctx: Context, command: StorePage) -> Stored:
    """The payments of a page are appended: the cursor says which are new. Then it moves."""
    records = command.page.records
    if not command.moves_cursor or not isinstance(next(iter(records), None), PaymentRecord):
        return _real(session, ctx, command)
    stored = store.store_records(driver_of(session), _appended(session, ctx, command), records)
    session.commit()
    _real(session, ctx, _without_rows(command))
    return stored


def cursor_then_append(session: Session, ctx: Context, command: StorePage) -> Stored:
    """The cursor moves behind the page, then its rows are stored."""
    if not command.moves_cursor:
        return _real(session, ctx, command)
    _real(session, ctx, _without_rows(command))
    session.commit()
    origin = Origin(ctx.tenant, command.target.connection_id, command.target.provider)
    return store.store_records(driver_of(session), origin, command.page.records)


def _appended(session: Session, ctx: Context, command: StorePage) -> Appended:
    target = command.target
    wanted = [
        target.lease.job_id,
        [record.source_id for record in command.page.records],
        target.connection_id,
    ]
    there = driver_of(session).execute(_OF_THIS_JOB, wanted).fetchall()
    ids = frozenset(row[0] for row in there)
    origin = ctx.tenant, target.connection_id, target.provider
    return Appended(*origin, there=ids, fence=target.lease.fence)


def _without_rows(command: StorePage) -> StorePage:
    return replace(command, page=replace(command.page, records=()))


DESIGNS: dict[str, Callable[[Session, Context, StorePage], Stored]] = {
    "append then cursor": append_then_cursor,
    "cursor then append": cursor_then_append,
}
PRODUCT = "the product's"
