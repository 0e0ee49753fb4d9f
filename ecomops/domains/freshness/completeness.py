"""Whether all that the provider has is here, and nothing that it has no more."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import Session, col, select

from ecomops.connectors.base import Window
from ecomops.core.money import plain
from ecomops.domains.access.rules import require
from ecomops.kit.context import Context
from ecomops.models import metadata
from ecomops.models.freshness import CompletenessCheck

MOST_LISTED = 200
Found = dict[str, tuple[str, int]]
"""{source_id: (currency, amount in units)}"""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The rows of one table that a connection brought in a window."""

    connection_id: UUID
    table: str
    window: Window


@dataclass(frozen=True, slots=True)
class Compared:
    """One stream: what the provider has (``theirs``), and what we had before (``ours``)."""

    connection_id: UUID
    job_id: UUID
    stream: str
    window: Window
    theirs: Found = field(repr=False)
    ours: Found = field(repr=False)


@dataclass(frozen=True, slots=True)
class CheckView:
    """One comparison, for people. ``sums`` is {currency: (provider's, ours)} in exact text."""

    stream: str
    window_start: datetime
    window_end: datetime
    provider_count: int
    stored_count: int
    missing: tuple[str, ...]
    vanished: tuple[str, ...]
    different: tuple[str, ...]
    sums: dict[str, tuple[str, str]]
    created_at: datetime


def list_stored(session: Session, ctx: Context, command: Stretch) -> Found:
    """What we have of a stretch. ``command.table`` is a canonical table."""
    table = metadata.tables[command.table].name
    query = text(
        f"SELECT source_id, currency, amount FROM {table} WHERE connection_id = :connection"
        " AND created_at >= :start AND created_at < :end"
    )
    window = command.window
    values = {"connection": command.connection_id, "start": window.start, "end": window.end}
    return {row[0]: (row[1], row[2]) for row in session.execute(query, values)}


def keep_comparison(session: Session, ctx: Context, command: Compared) -> None:
    """Write down how the two compare."""
    theirs, ours = command.theirs, command.ours
    missing = sorted(theirs.keys() - ours.keys())
    vanished = sorted(ours.keys() - theirs.keys())
    different = sorted(ref for ref in theirs.keys() & ours.keys() if theirs[ref] != ours[ref])
    session.add(
        CompletenessCheck(
            tenant_id=ctx.tenant,
            connection_id=command.connection_id,
            job_id=command.job_id,
            stream=command.stream,
            window_start=command.window.start,
            window_end=command.window.end,
            provider_count=len(theirs),
            stored_count=len(ours),
            missing_count=len(missing),
            vanished_count=len(vanished),
            different_count=len(different),
            sums=_sums(theirs, ours),
            differences={
                "missing": missing[:MOST_LISTED],
                "vanished": vanished[:MOST_LISTED],
                "different": different[:MOST_LISTED],
            },
        )
    )


def list_checks(session: Session, ctx: Context, connection_id: UUID) -> tuple[CheckView, ...]:
    """The newest comparison of each stream of a connection."""
    require(ctx, "connections.view")
    query = (
        select(CompletenessCheck)
        .where(CompletenessCheck.connection_id == connection_id)
        .ext(distinct_on(col(CompletenessCheck.stream)))
        .order_by(CompletenessCheck.stream, col(CompletenessCheck.created_at).desc())
    )
    return tuple(map(_view, session.exec(query)))


def _view(row: CompletenessCheck) -> CheckView:
    ids = {name: tuple(row.differences[name]) for name in ("missing", "vanished", "different")}
    return CheckView(
        stream=row.stream,
        window_start=row.window_start,
        window_end=row.window_end,
        provider_count=row.provider_count,
        stored_count=row.stored_count,
        sums={code: (both["provider"], both["stored"]) for code, both in row.sums.items()},
        created_at=row.created_at,
        **ids,
    )


def _sums(theirs: Found, ours: Found) -> dict[str, Any]:
    provider, stored = _by_currency(theirs.values()), _by_currency(ours.values())
    return {
        code: {"provider": plain(provider[code], code), "stored": plain(stored[code], code)}
        for code in sorted({*provider, *stored})
    }


def _by_currency(found: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for currency, amount in found:
        sums[currency] += amount
    return sums
