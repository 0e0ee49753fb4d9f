"""What needs somebody: what failed, what is late, what waits for an answer."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session

from ecomops.domains.access.rules import require
from ecomops.domains.insights.days import window
from ecomops.domains.insights.schemas import AskInsights, Attention, DisputeDue
from ecomops.domains.tables.queries import COUNTED_TO
from ecomops.domains.tables.schemas import Count
from ecomops.kit.context import Context

RECENT = timedelta(days=7)
LISTED = 3

_BROKEN = text("SELECT count(*) FROM connections WHERE status = 'error'")
# Once a later job of its kind has done better, nobody needs to look at the one that failed: one of
# the same connection or, where jobs have none, of the same person.
_FAILED_JOBS = (
    "SELECT FROM jobs job WHERE created_at >= :since AND status IN ('failed', 'dead')"
    " AND NOT EXISTS (SELECT FROM jobs later WHERE later.created_at >= :since"
    " AND later.created_at > job.created_at AND later.kind = job.kind"
    " AND later.status = 'completed' AND coalesce(later.connection_id, later.requested_by)"
    " = coalesce(job.connection_id, job.requested_by))"
)
_REJECTS = "SELECT FROM ingest_rejects WHERE resolved_at IS NULL"
_FAILED_PAYOUTS = "SELECT FROM payouts WHERE status = 'failed' AND created_at >= :begin"
_OVERDUE = "SELECT FROM payouts WHERE status IN ('pending', 'in_transit') AND arrival_date < :today"
_DISPUTES = "SELECT FROM disputes WHERE status = 'needs_response'"
_DISPUTES_FIRST = text(
    "SELECT source_id, currency, CAST(amount AS bigint) AS amount, evidence_due_at FROM disputes"
    " WHERE status = 'needs_response' ORDER BY evidence_due_at NULLS LAST, id LIMIT :listed"
)


def get_attention(session: Session, ctx: Context, command: AskInsights) -> Attention:
    """What needs somebody now; payouts that failed count for thirty days, jobs for seven."""
    require(ctx, "tables.view")
    require(ctx, "jobs.view")
    days = window(session, command.today)
    begin = days.bounds["begin"]
    return Attention(
        today=days.today,
        broken_connections=session.scalar(_BROKEN) or 0,
        failed_jobs=_count(session, _FAILED_JOBS, since=datetime.now(UTC) - RECENT),
        rejects=_count(session, _REJECTS),
        failed_payouts=_count(session, _FAILED_PAYOUTS, begin=begin),
        overdue_payouts=_count(session, _OVERDUE, today=days.today),
        disputes=_count(session, _DISPUTES),
        disputes_first=tuple(
            DisputeDue(*row) for row in session.execute(_DISPUTES_FIRST, {"listed": LISTED})
        ),
    )


def _count(session: Session, rows: str, **values: object) -> Count:
    """How many ``rows`` there are, counted as far as any count of the app."""
    counted = text(f"SELECT count(*) FROM ({rows} LIMIT :most) AS found")
    found = session.scalar(counted, {**values, "most": COUNTED_TO + 1}) or 0
    return Count(min(found, COUNTED_TO), found > COUNTED_TO)
